# timeout: 1200
# 100,000 small files: every command stays at or under 64 MiB of memory, and one changed byte is named.
. "$SOURCE/tests/cli/input.bash"
[ -x /usr/bin/time ] || need_tool time
[ "$(df --output=avail -k . | tail -n 1)" -gt 2000000 ] || not_here_ "less than 2 GB are free in $DIR" ""
[ "$(df --output=iavail . | tail -n 1 | tr -d ' -')" = "" ] || [ "$(df --output=iavail . | tail -n 1)" -gt 400000 ] \
    || not_here_ "less than 400,000 files fit in $DIR" ""
make_keys release
mkdir input
python3 - "$profile" << 'PYTHON'
import json, os, sys
files = []
for number in range(100_000):
    path = f"weights/{number // 1000:03}/{number:06}.bin"
    if number % 1000 == 0:
        os.makedirs("input/" + os.path.dirname(path))
    with open("input/" + path, "w") as file:
        file.write(f"file {number}\n")
    files.append({"path": path, "role": "weights"})
json.dump({"schema": "sealift.recipe/1", "name": "many", "version": "1", "release_counter": 1, "profile": sys.argv[1],
           "model": {"name": "many"}, "files": files, "licenses": {}}, open("input/sealift.json", "w"))
PYTHON
# lean COMMAND...: it answers 0 and has used no more than 64 MiB.
lean() {
    expect_exit 0 /usr/bin/time -f %M -o peak "$@"
    case "${ASAN_OPTIONS-}" in
    '') expect_equal "$1 $2: $(tail -n 1 peak) KiB: $(($(tail -n 1 peak) <= 65536))" "$1 $2: $(tail -n 1 peak) KiB: 1" ;;
    *) echo "$1 $2: the peak of memory was not compared: this is a build with sanitizers" >&2 ;;
    esac
}
lean sealift build input -o a.sealift --signing-key release.key --format json
expect_json .files 100000
lean sealift verify a.sealift --key release.pub --format json
expect_json .files 100000
lean sealift extract a.sealift -o out --key release.pub --format json
expect_equal "$(find out -type f | wc -l)" 100000
expect_same out/weights/077/077777.bin input/weights/077/077777.bin
lean sealift verify - --key release.pub --format json < a.sealift
expect_json .files 100000
lean sealift inspect a.sealift
lean sealift cat a.sealift weights/077/077777.bin
expect_out_is "file 77777"
lean sealift ls a.sealift
expect_equal "$(wc -l <<< "$out")" 100001
expect_out_like '^0644 +weights +11 +sha256:[0-9a-f]{64} +weights/077/077777\.bin$'
lean sealift ls a.sealift --format json
expect_json '.files | length' 100000
expect_json '.files[77777].path' weights/077/077777.bin
lean sealift-runtime install a.sealift --key release.pub --site "$PWD/site" --format json
flip_bit a.sealift "$(offset_of a.sealift weights/077/077777.bin)"
expect_exit 1 sealift verify a.sealift --key release.pub --format json
expect_json '.findings | map("\(.code) \(.where)") | join(",")' "SL-CONTENT-DIGEST weights/077/077777.bin"
