# repair: only what is damaged is replaced, by what another copy has whole, and the result is proven.
. "$SOURCE/tests/cli/input.bash"

# Weights of seven chunks, so that a chunk table is there and damage has a place.
make_input input-none
python3 - "input-none/$weights" << 'PYTHON'
import hashlib, struct, sys
data = b"".join(hashlib.sha256(i.to_bytes(4, "little")).digest() for i in range(100000))
with open(sys.argv[1], "wb") as file: # one tensor of bytes
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q1sIQIQ", 1, b"t", 1, len(data), 24, 0)
    file.write(header.ljust(64, b"\0") + data)
PYTHON
quietly sealift init input-none --profile "$profile" --name story --license model=MIT
make_bundle whole.sealift
make_bundle whole/
chunk=524288
at=$(offset_of whole.sealift "$weights")
digest=$(sealift inspect whole.sealift --format json 2> /dev/null | jq -r .digest)

# One bit in each of two chunks, and one in a document; the file stays the same file.
cp whole.sealift a.sealift
flip_bit a.sealift $((at + 5))
flip_bit a.sealift $((at + 5 * chunk + 77))
flip_bit a.sealift "$(offset_of whole.sealift docs/LICENSE)"
inode=$(stat -c %i a.sealift)
cp a.sealift before.sealift
expect_exit 1 sealift repair a.sealift --from whole.sealift --dry-run
expect_out "CAN BE REPAIRED"
expect_out "would replace  $weights: chunk 5, 524 kB, at byte $((at + 5 * chunk)), from whole.sealift"
expect_same a.sealift before.sealift
expect_exit 0 sealift repair a.sealift --from whole --format json
expect_json '[.schema, .proven, .dry_run, .digest] | join(" ")' "sealift.repair/1 true false $digest"
expect_json '[.replaced[] | [.path, .first_chunk, .chunks, .offset, .from] | map(tostring) | join(" ")] | join("\n")' \
    "docs/LICENSE 0 1 0 whole
$weights 0 1 0 whole
$weights 5 1 $((5 * chunk)) whole"
expect_json '.replaced[2].bundle_offset' $((at + 5 * chunk))
expect_json .bytes_replaced $((2 * chunk + $(stat -c %s input-none/docs/LICENSE)))
expect_json '.remaining | length' 0
expect_same a.sealift whole.sealift
expect_equal "$(stat -c %i a.sealift)" "$inode"
expect_exit 0 sealift verify a.sealift --key release.pub
expect_exit 0 sealift repair a.sealift --from whole
expect_out "NOTHING TO REPAIR"
expect_out "who signed it: sealift verify --key"
expect_exit 0 sealift repair a.sealift --from whole --dry-run

# Two copies, each damaged somewhere else, mend each other; and three do when two do not suffice.
cp whole.sealift b.sealift
cp -r whole c
flip_bit a.sealift $((at + 2 * chunk))
flip_bit a.sealift $((at + 3 * chunk))
flip_bit b.sealift $((at + 2 * chunk))
flip_bit "c/blobs/sha256/$(sha256sum < "input-none/$weights" | cut -d' ' -f1)" $((3 * chunk))
expect_exit 1 sealift repair a.sealift --from b.sealift
expect_out "SL-CONTENT-DIGEST  $weights: chunk 2 of 7 is damaged"
expect_out "STILL DAMAGED"
refute_out "chunk 3 of 7"
expect_exit 0 sealift repair a.sealift --from b.sealift --from c
expect_out "chunk 2, 524 kB, at byte $((at + 2 * chunk)), from c"
expect_same a.sealift whole.sealift
expect_exit 0 sealift repair c --from a.sealift
expect_exit 0 diff -r c whole
expect_exit 0 sealift repair b.sealift --from c

# A chunk table, the front, the end, everything.
flip_bit a.sealift "$(entry_offset whole.sealift "blobs/sha256/$(jq -r --arg path "$weights" \
    '.files[] | select(.path == $path).chunk_table.digest[7:]' <<< "$(sealift cat whole.sealift sealift/bundle.json 2> /dev/null)")")"
expect_exit 1 sealift verify a.sealift --key release.pub
expect_out SL-CONTENT-CHUNK-TABLE
expect_exit 0 sealift repair a.sealift --from whole
expect_out "chunk table of $weights"
expect_same a.sealift whole.sealift
for bytes in 1 700 5000 36000 500000; do
    dd if=/dev/urandom of=a.sealift bs=$bytes count=1 conv=notrunc status=none
    expect_exit 0 sealift repair a.sealift --from whole -q
    expect_same a.sealift whole.sealift
done
for bytes in 0 1 3000 40000 2000000 $(($(stat -c %s whole.sealift) - 1)); do
    truncate -s $bytes a.sealift
    expect_exit 0 sealift repair a.sealift --from whole -q
    expect_same a.sealift whole.sealift
done
echo "something more" >> a.sealift
expect_exit 0 sealift repair a.sealift --from whole
expect_out "bytes behind the end, cut off, 15 B"
expect_same a.sealift whole.sealift
# Both fronts are damaged, and together they are whole.
flip_bit a.sealift 7000
flip_bit b.sealift 10000
expect_exit 0 sealift repair a.sealift --from b.sealift
expect_same a.sealift whole.sealift
expect_exit 0 sealift repair b.sealift --from a.sealift

# Every file of a folder: missing, empty, too long, other bytes.
for name in $(cd whole && find . -type f | sort); do
    for damage in "rm" "truncate -s 0" "truncate -s +1" "truncate -s 1"; do
        $damage "c/$name"
        quietly sealift repair c --from whole.sealift
        quietly diff -r c whole
    done
done
rm -r c/blobs
expect_exit 0 sealift repair c --from whole.sealift -q
expect_exit 0 diff -r c whole
touch c/blobs/sha256/notes
expect_exit 1 sealift repair c --from whole.sealift
expect_out "SL-LAYOUT-BLOB-SPARE  blobs/sha256/notes"
expect_file c/blobs/sha256/notes
rm c/blobs/sha256/notes
ln -sf "$DIR/whole/index.json" c/index.json
expect_exit 1 sealift repair c --from whole.sealift
expect_out SL-LAYOUT-LINK
expect_equal "$(readlink c/index.json)" "$DIR/whole/index.json"

# Signatures stay as they were in the copy, whatever the other one carries.
make_keys second
quietly sealift sign b.sealift --signing-key second.key
cp b.sealift two.sealift
flip_bit b.sealift $(($(entry_offset b.sealift "blobs/sha256/${digest#sha256:}") + 100))
flip_bit b.sealift $((at + chunk))
expect_exit 0 sealift repair b.sealift --from whole
expect_same b.sealift two.sealift
# Behind a damaged header in front of them nobody finds them any more; that is said.
model=$(jq -r '.manifests[1].digest' whole/index.json)
flip_bit b.sealift $(($(entry_offset b.sealift "blobs/sha256/${model#sha256:}") - 400))
cp b.sealift lost.sealift
expect_exit 0 sealift repair lost.sealift --from whole
expect_err "signatures that only this copy had are lost"
cp two.sealift b.sealift

# What is no copy is left alone, with both digests.
sed -i 's/"version": *"[^"]*"/"version": "2.0.0"/' input-none/sealift.json
quietly sealift build input-none -o other.sealift --signing-key release.key
cp other.sealift other-before.sealift
expect_exit 1 sealift repair a.sealift --from other.sealift
expect_err "$digest"
expect_err "$(sealift inspect other.sealift --format json 2> /dev/null | jq -r .digest)"
flip_bit other.sealift 7000
cp other.sealift other-before.sealift
expect_exit 1 sealift repair other.sealift --from whole
expect_same other.sealift other-before.sealift
head -c 100000 /dev/urandom > picture
cp picture picture-before
expect_exit 1 sealift repair picture --from whole
expect_err "cannot be told to be a copy"
expect_same picture picture-before
expect_exit 1 sealift repair picture --from picture-before
expect_exit 2 sealift repair a.sealift --from a.sealift
expect_exit 2 sealift repair a.sealift
expect_err "--from"
expect_exit 3 sealift repair no-such.sealift --from whole
expect_exit 3 sealift repair a.sealift --from no-such.sealift
expect_same a.sealift whole.sealift

# Killed at any moment, it goes on from there.
for pause in 0 0.002 0.005 0.01 0.02 0.04; do
    dd if=/dev/zero of=b.sealift bs=1000 seek=3 count=3000 conv=notrunc status=none
    sealift repair b.sealift --from whole > killed 2>&1 &
    sleep $pause
    kill -KILL $! 2> /dev/null || true
    wait $! 2> /dev/null || true
    quietly sealift repair b.sealift --from whole
    expect_exit 0 sealift verify b.sealift --key release.pub
    expect_equal "$(find . -name '.*sealift-*' | wc -l)" 0
done

# Who may not write is told so, and only when there is something to write.
if [ "$(id -u)" = 0 ]; then
    as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
    chmod 711 ../.. ..
    if as_nobody test -x "$SEALIFT_BIN/sealift"; then
        expect_exit 0 as_nobody sealift repair a.sealift --from whole
        flip_bit a.sealift $((at + 5))
        expect_exit 1 as_nobody sealift repair a.sealift --from whole --dry-run
        expect_exit 3 as_nobody sealift repair a.sealift --from whole
        expect_err "cannot open for writing 'a.sealift'"
    fi
else
    chmod 444 a.sealift
    expect_exit 0 sealift repair a.sealift --from whole
fi

# The next release has the same weights and kernels, and is another bundle: wherever the index is damaged.
sed 's/"version": "[^"]*"/"version": "9.9.9"/' input-none/sealift.json > input-none/next.json
quietly sealift build input-none/next.json -o next.sealift --signing-key release.key
refute_same whole.sealift next.sealift
for byte in $(seq 1536 97 2650); do
    cp whole.sealift a.sealift
    flip_bit a.sealift "$byte" 3
    cp a.sealift before.sealift
    expect_exit 1 sealift repair a.sealift --from next.sealift
    expect_same a.sealift before.sealift
done
expect_exit 0 sealift repair a.sealift --from whole.sealift
expect_same a.sealift whole.sealift
rm -rf folder before
cp -r whole folder
flip_bit folder/index.json 464
cp -r folder before
expect_exit 1 sealift repair folder --from next.sealift
expect_equal "$(diff -r folder before)" ""
# And if its manifest is damaged as well: the document says which release it is.
cp whole.sealift a.sealift
flip_bit a.sealift 1600
flip_bit a.sealift $(($(entry_offset a.sealift "blobs/sha256/${digest#sha256:}") + 100))
cp a.sealift before.sealift
expect_exit 1 sealift repair a.sealift --from next.sealift
expect_same a.sealift before.sealift
expect_exit 0 sealift repair a.sealift --from whole.sealift
expect_same a.sealift whole.sealift

# A file may be no longer than `ulimit -f` says: an error like any other, and nothing is left.
mkdir short
limited() { (ulimit -f 100; "$@"); }
expect_exit 3 limited sealift extract whole.sealift -o short/out --key release.pub
expect_err "short/"
expect_exit 3 limited sealift build input-none -o short/b.sealift
expect_equal "$(ls -A short)" ""
