# labels: peers
# timeout: 1200
# Weights around 2, 4 and 8 GiB and over 1 TiB, as files that are mostly holes: the right ones are trusted, one byte
# beyond each mark is found, and other readers of tar see the same places.
need_tool python3 jq tar bsdtar truncate
export PATH=$PATH:/usr/bin
[ -x /usr/bin/time ] || need_tool time
truncate -s 9G probe # holes have to be free here
[ "$(stat -c %b probe)" -lt 1024 ] || not_here_ "this file system keeps no holes" ""
rm probe
[ "$(df --output=avail -k . | tail -n 1)" -gt 524288 ] || not_here_ "less than 512 MiB are free in $DIR" ""
giant() { quietly_ python3 -B "$SOURCE/tests/vectors/make_giant.py" made "$@"; }
quietly_() { "$@" > "$STORY_CONTROL/quiet" 2>&1 || { cat "$STORY_CONTROL/quiet" >&2; fail "failed: $*"; }; }
bundle=made/bundle.sealift chunk=524288
# The tree proves a file without its SHA-256, which only --flat reads; so one stands for those that would take minutes.
some_digest=sha256:e1017dee178e090591415aa3205be1936e7ab7d49d2159a8e8261589b997e0d6
weights_offset() { sealift ls $bundle --format json 2> "$STORY_CONTROL/quiet" | jq -r '.files[] | select(.path == "weights/giant.bin").offset'; }
trusted() {
    expect_exit 0 sealift verify $bundle --key made/key.pem
    expect_out TRUSTED
}

# damaged_at OFFSET: one byte of the file is changed, found in its chunk, and put back; also where a hole was.
damaged_at() {
    local number=$(($1 / chunk)) length
    length=$((size - number * chunk))
    [ $length -lt $chunk ] || length=$chunk
    flip_bit $bundle $((start + $1)) 5
    expect_exit 1 sealift verify $bundle --key made/key.pem --format json
    expect_json '.findings | map(.code) | join(" ")' SL-CONTENT-DIGEST
    expect_json '.damaged | map("\(.path) \(.first_chunk) \(.chunks) \(.offset) \(.length_bytes) \(.bundle_offset)") | join(",")' \
        "weights/giant.bin $number 1 $((number * chunk)) $length $((start + number * chunk))"
    flip_bit $bundle $((start + $1)) 5
}
# refused CODE: as the bundle is now.
refused() {
    expect_exit 1 sealift verify $bundle --key made/key.pem
    expect_out "$1"
    refute_out TRUSTED
}

# same_places: GNU tar, bsdtar, Python, and a reader that keeps one block for each blob, see what ls says.
same_places() {
    sealift ls $bundle --format json > listed.json 2> "$STORY_CONTROL/quiet"
    tar --numeric-owner -tvf $bundle | awk '{print $3, $6}' > by-tar
    bsdtar --numeric-owner -tvf $bundle | awk '{print $5, $9}' > by-bsdtar
    expect_exit 0 python3 - $bundle << 'PYTHON'
import json, sys, tarfile
def number(field):
    """As Go's archive/tar reads it: base-256 if the first bit is set, else octal."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7f]) + field[1:], 'big')
    return int(field.strip(b' \0') or b'0', 8)
seen, blocks, at = [], {}, 0
with open(sys.argv[1], 'rb') as file:
    while True:
        file.seek(at)
        block = file.read(512)
        if not any(block):
            break
        assert block[156:157] == b'0', (at, block[156:157])  # no PAX, no GNU long name, no sparse file
        name = block[:100].rstrip(b'\0').decode()
        blocks[name] = at
        at += 512 + -(-number(block[124:136]) // 512) * 512
    # A blob is opened again from the one block that was remembered.
    for name, place in blocks.items():
        file.seek(place)
        seen.append((name, number(file.read(512)[124:136]), place + 512))
assert seen == [(entry.name, entry.size, entry.offset_data) for entry in tarfile.open(sys.argv[1])]
for listing in 'by-tar', 'by-bsdtar':
    assert [line.split() for line in open(listing)] == [[str(size), name] for name, size, _ in seen], listing
places = {name: (size, place) for name, size, place in seen}
for entry in json.load(open('listed.json'))['files']:
    assert places['blobs/sha256/' + entry['digest'][7:]] == (entry['size_bytes'], entry['offset']), entry
print(max(size for size, _ in places.values()))
PYTHON
    expect_out_is "$size"
}

for mark in 2 4 8; do
    for more in -1 1; do
        size=$((mark * 1024 ** 3 + more))
        giant $size --digest $some_digest
        start=$(weights_offset)
        trusted
        damaged_at $((size - 1))
        [ $more = 1 ] || damaged_at $((size / 2 + 1))
        same_places
        rm -r made
    done
    # One more chunk, so that a hole lies beyond the mark.
    size=$((mark * 1024 ** 3 + 3 * chunk + 7))
    giant $size --digest $some_digest
    start=$(weights_offset)
    trusted
    damaged_at $((mark * 1024 ** 3))
    damaged_at $((mark * 1024 ** 3 + chunk + 11))
    # The header of the entry, the fill behind it, the end.
    flip_bit $bundle $((start - 512 + 130))
    refused SL-
    flip_bit $bundle $((start - 512 + 130))
    flip_bit $bundle $((start - 512 + 400))
    refused SL-FORMAT-HEADER
    flip_bit $bundle $((start - 512 + 400))
    flip_bit $bundle $((start + size + 3))
    refused SL-FORMAT-PADDING
    flip_bit $bundle $((start + size + 3))
    trusted
    truncate -s -1 $bundle
    refused SL-FORMAT-TRUNCATED
    rm -r made
done

# Over 1 TiB: zeros and a last 'x'; the digest is openssl's, computed once.
size=$((1024 ** 4 + 1))
giant $size --byte=-1=120 --digest $some_digest
start=$(weights_offset)
same_places
expect_exit 0 /usr/bin/time -f %M -o peak sealift verify $bundle --key made/key.pem --format json
expect_json .bytes_read $((size + 5))
case "${ASAN_OPTIONS-}${UBSAN_OPTIONS-}" in
'') expect_equal "$(tail -n 1 peak) KiB: $(($(tail -n 1 peak) < 65536))" "$(tail -n 1 peak) KiB: 1" ;;
*) echo "the peak of memory was not compared: this is a build with sanitizers" >&2 ;;
esac
damaged_at $((1024 ** 4 - 5))
damaged_at $((size - 1))
expect_exit 0 sealift verify $bundle --key made/key.pem --range weights/giant.bin:1099511627770+6
expect_exit 3 sealift verify $bundle --key made/key.pem --sample 10
refute_out TRUSTED
