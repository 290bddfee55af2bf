# One flipped bit anywhere is refused with a code, and the report says where.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_bundle folder/

# refused CODE WHERE: the damaged copy, by file and by JSON.
refused() {
    expect_exit 1 sealift-runtime verify copy.sealift --key release.pub
    expect_out "$1"
    expect_out "$2"
    expect_out "REFUSED"
    refute_out "TRUSTED"
    expect_exit 1 sealift-runtime verify copy.sealift --key release.pub --format json
    expect_json .trusted false
    cp a.sealift copy.sealift
}
cp a.sealift copy.sealift
for file in "$weights" "$kernel" engine/stub_engine config/known_answer.json docs/LICENSE; do
    start=$(offset_of a.sealift "$file")
    flip_bit copy.sealift $((start + 30)) 7
    refused SL-CONTENT-DIGEST "$file"
done
start=$(offset_of a.sealift "$weights")
flip_bit copy.sealift $((start + 300 * 4096 - 1))
refused SL-CONTENT-DIGEST "$weights"

# Damage has a place, to the chunk; chunks that follow each other are one finding.
chunk=524288
flip_bit copy.sealift $((start + chunk + 77))
expect_exit 1 sealift verify copy.sealift --key release.pub
expect_out "chunk 1 of 3 is damaged: bytes 524288 to 1048575 of the file, at byte $((start + chunk)) of the bundle file"
flip_bit copy.sealift $((start + 2 * chunk))
expect_exit 1 sealift verify copy.sealift --key release.pub -j 1
expect_out "chunks 1 to 2 of 3 are damaged: bytes 524288 to 1228799 of the file, at byte $((start + chunk)) of the bundle file"
expect_equal "$(grep -c "$weights" <<< "$out")" 1
one_thread=$out
expect_exit 1 sealift verify copy.sealift --key release.pub -j 7
expect_out_is "$one_thread"
cp a.sealift copy.sealift
# The chunk table itself.
flip_bit copy.sealift $(($(entry_offset a.sealift "blobs/sha256/$(sealift cat a.sealift sealift/bundle.json 2> /dev/null \
    | jq -r --arg path "$weights" '.files[] | select(.path == $path).chunk_table.digest[7:]')") + 40))
refused SL-CONTENT-CHUNK-TABLE "$weights"

# Every tar header and padding, and the first, middle and last byte of every entry that is not a file of the bundle.
# refuses_everywhere prints how many places it tried, and what was not refused with a code.
refuses_everywhere() {
    python3 - "$@" << 'PYTHON'
import os, re, subprocess, sys, tarfile

def refused(bundle):
    answer = subprocess.run(["sealift-runtime", "verify", bundle, "--key", "release.pub"], stdout=subprocess.PIPE)
    return answer.returncode == 1 and re.search(rb"^SL-[A-Z]+-[A-Z-]+ ", answer.stdout, re.M) and b"TRUSTED" not in answer.stdout

def flip(path, place):
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1 << place % 8]))

places = []
if os.path.isdir(sys.argv[1]):
    for folder, _, names in os.walk(sys.argv[1]):
        places += [(path, os.path.getsize(path) // 2) for path in (os.path.join(folder, name) for name in names)]
else:
    with tarfile.open(sys.argv[1]) as bundle:
        for entry in bundle:
            offsets = [entry.offset, entry.offset + 130, entry.offset + 156, entry.offset + 300]
            if entry.size < 65536:
                offsets += [entry.offset_data, entry.offset_data + entry.size // 2, entry.offset_data + entry.size - 1]
            if entry.size % 512:
                offsets.append(entry.offset_data + entry.size + 511 - entry.size % 512)
            places += [(sys.argv[1], offset) for offset in offsets]
    places.append((sys.argv[1], os.path.getsize(sys.argv[1]) - 1))
for path, offset in places:
    flip(path, offset)
    if not refused(sys.argv[1]):
        print("not refused: byte", offset, "of", path)
    flip(path, offset)
print(len(places), "places")
PYTHON
}
expect_exit 0 refuses_everywhere copy.sealift
refute_out "not refused"
expect_out_like '^[12][0-9][0-9] places$'
expect_same a.sealift copy.sealift

# The signature itself.
flip_bit copy.sealift "$(python3 -c 'print(open("a.sealift", "rb").read().index(b"\"sig\":\"") + 9)')" 1
expect_exit 1 sealift-runtime verify copy.sealift --key release.pub
expect_out "SL-"
expect_exit 0 sealift-runtime verify a.sealift --key release.pub

# The folder form: every file of it, one that is too many, one that is missing, one that is a link.
expect_exit 0 refuses_everywhere folder
refute_out "not refused"
expect_out_like '^[12][0-9] places$' # with sanitizers the engine is larger, and has chunk tables
cp -r folder copy
touch copy/blobs/sha256/"$(sha256sum < /dev/null | cut -d' ' -f1)"
expect_exit 1 sealift-runtime verify copy --key release.pub
expect_out SL-LAYOUT-BLOB-SPARE
rm -rf copy
cp -r folder copy
blob=blobs/sha256/$(sha256sum < "input-none/$weights" | cut -d' ' -f1)
rm "copy/$blob"
expect_exit 1 sealift-runtime verify copy --key release.pub
expect_out SL-LAYOUT-BLOB-MISSING
ln -s "$DIR/folder/$blob" "copy/$blob"
expect_exit 1 sealift-runtime verify copy --key release.pub
expect_out SL-LAYOUT-LINK
