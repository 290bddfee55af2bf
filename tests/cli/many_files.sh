# timeout: 1200
# 100,000 small files: every command stays at or under 64 MiB of memory, and one changed byte is named.
. "$SOURCE/tests/cli/input.bash"
[ -x /usr/bin/time ] || need_tool time
[ "$(df --output=avail -k . | tail -n 1)" -gt 3000000 ] || not_here_ "less than 3 GB are free in $DIR" ""
[ "$(df --output=iavail . | tail -n 1 | tr -d ' -')" = "" ] || [ "$(df --output=iavail . | tail -n 1)" -gt 400000 ] \
    || not_here_ "less than 400,000 files fit in $DIR" ""
make_keys release
# With sanitizers a tenth of them: memory is not compared then, and all of it would take half an hour.
count=100000 one=077/077777 at=77777
[ -z "${ASAN_OPTIONS-}" ] || count=10000 one=007/007777 at=7777
mkdir input
python3 - "$profile" "$count" << 'PYTHON'
import json, os, sys
files = []
for number in range(int(sys.argv[2])):
    path = f"weights/{number // 1000:03}/{number:06}.bin"
    if number % 1000 == 0:
        os.makedirs("input/" + os.path.dirname(path))
    with open("input/" + path, "w") as file:
        file.write(f"file {number}\n")
    files.append({"path": path, "role": "weights"})
json.dump({"schema": "sealift.recipe/1", "name": "many", "version": "1", "release_counter": 1, "profile": sys.argv[1],
           "model": {"name": "many"}, "files": files, "licenses": {}}, open("input/sealift.json", "w"))
PYTHON
# lean COMMAND...: it answers 0 and has used no more than 64 MiB; lean_exit STATUS COMMAND...: it answers so;
# lean_into FILE COMMAND...: what it prints is too long for a variable.
lean_exit() {
    local status=$1
    shift
    expect_exit "$status" /usr/bin/time -f %M -o peak "$@"
    is_lean "$1 $2"
}
lean() { lean_exit 0 "$@"; }
into() { local file=$1; shift; "$@" > "$file"; }
lean_into() {
    local file=$1
    shift
    expect_exit 0 into "$file" /usr/bin/time -f %M -o peak "$@"
    is_lean "$1 $2"
}
is_lean() {
    case "${ASAN_OPTIONS-}" in
    '') expect_equal "$1: $(tail -n 1 peak) KiB: $(($(tail -n 1 peak) <= 65536))" "$1: $(tail -n 1 peak) KiB: 1" ;;
    *) echo "$1: the peak of memory was not compared: this is a build with sanitizers" >&2 ;;
    esac
}
digest_of() { echo "sha256:$(sha256sum < "$1" | cut -d' ' -f1)"; }
lean sealift build input -o a.sealift --signing-key release.key --format json
expect_json .files "$count"
lean sealift verify a.sealift --key release.pub --format json
expect_json .files "$count"
lean sealift extract a.sealift -o out --key release.pub --format json
expect_equal "$(find out -type f | wc -l)" "$count"
expect_same out/weights/$one.bin input/weights/$one.bin
lean sealift verify - --key release.pub --format json < a.sealift
expect_json .files "$count"
lean_exit 3 sealift verify a.sealift --key release.pub --sample 1000
lean sealift inspect a.sealift
lean_into document.json sealift cat a.sealift sealift/bundle.json
lean_into inspect.json sealift inspect a.sealift --format json
expect_equal "$(jq -cj .document inspect.json | sha256sum)" "$(sha256sum < document.json)"
lean sealift cat a.sealift weights/$one.bin
expect_out_is "file $at"
lean sealift bom a.sealift
expect_equal "$(wc -l <<< "$out")" $((count + 4))
expect_out_like "^file +weights/$one\.bin .* file:weights/$one\.bin"
lean_into bom.json sealift bom a.sealift --format json
expect_equal "$(digest_of bom.json)" "$(jq -r .boms.software.digest document.json)"
lean sealift ls a.sealift
expect_equal "$(wc -l <<< "$out")" $((count + 1))
expect_out_like "^0644 +weights +$((5 + ${#at} + 1)) +sha256:[0-9a-f]{64} +weights/$one\.bin\$"
lean sealift ls a.sealift --format json
expect_json '.files | length' "$count"
expect_json ".files[$at].path" weights/$one.bin

# Two bundles at a time: both with as many files, and one with few.
lean sealift reproduce a.sealift --inputs input
expect_out REPRODUCED
flip_bit input/weights/$one.bin 0
lean_exit 1 sealift reproduce a.sealift --inputs input
expect_out_like "^first +weights/$one\.bin differs at byte 0\$"
flip_bit input/weights/$one.bin 0
lean sealift diff a.sealift a.sealift
expect_out SAME
make_bundle few.sealift
lean_exit 1 sealift diff a.sealift few.sealift
expect_out_like "^file +removed +weights/$one\.bin "
lean_exit 1 sealift diff a.sealift few.sealift --format json
expect_json '.files | map(select(.change == "removed")) | length' "$count"

# What does not read the files, and what signs.
sealift-runtime probe --format json > found.json
lean sealift check a.sealift --found found.json
lean sealift-runtime check a.sealift
lean_exit 3 sealift plan a.sealift
expect_err "the weights are not known"
lean sealift sign prepare a.sealift --key release.pub -o prepared
lean sealift sign a.sealift --signing-key release.key --as builder

lean sealift-runtime install a.sealift --key release.pub --site "$PWD/site" --format json
lean sealift-runtime status --site "$PWD/site"
lean_exit 1 sealift-runtime boot --site "$PWD/site"
expect_out "no runtime section"

# A layout that lost one blob, one that lost all weights, and a whole one.
rm -r out site
lean sealift import a.sealift -o layout/
blob=blobs/sha256/$(sha256sum < input/weights/$one.bin | cut -d' ' -f1)
mv "layout/$blob" lost
lean_exit 1 sealift import layout -o b.sealift
expect_out "missing   weights/$one.bin, $((5 + ${#at} + 1)) B, $(digest_of lost)"
refute_file b.sealift
mv lost "layout/$blob"
mkdir -p documents/blobs/sha256
find layout/blobs/sha256 -type f -size +1 -exec cp -t documents/blobs/sha256 {} +
lean_exit 1 sealift import documents -o b.sealift
expect_out_like "^missing +weights/$one\.bin, "
lean_exit 1 sealift import documents -o b.sealift --format json
expect_json '.missing | length' "$count"
rm -r documents
lean sealift import layout -o b.sealift
expect_same b.sealift a.sealift

# A chunk, a header, the closing blocks, which follow all headers, and documents.
at_one=$(offset_of a.sealift weights/$one.bin)
document=$(entry_offset a.sealift "blobs/sha256/$(sha256sum < document.json | cut -d' ' -f1)")
for byte in "$at_one" $((at_one - 500)) $(($(stat -c %s a.sealift) - 1)) $((document + 100000)) 1600; do
    flip_bit b.sealift "$byte"
    lean sealift repair b.sealift --from a.sealift
    expect_out REPAIRED
    expect_same b.sealift a.sealift
done
flip_bit "layout/$blob" 0
rm "layout/blobs/sha256/$(sha256sum < document.json | cut -d' ' -f1)"
lean sealift repair layout --from a.sealift
expect_out "replaced  weights/$one.bin: chunk 0"
expect_out "replaced  bundle document"
flip_bit b.sealift "$at_one"
lean sealift repair b.sealift --from layout

flip_bit a.sealift "$(offset_of a.sealift weights/$one.bin)"
expect_exit 1 sealift verify a.sealift --key release.pub --format json
expect_json '.findings | map("\(.code) \(.where)") | join(",")' "SL-CONTENT-DIGEST weights/$one.bin"
