# verify in parts: ranges and samples say less than the whole, and say so; damage has a place in JSON.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_bundle folder/
make_keys stranger
chunk=524288
size=$((300 * 4096)) # three chunks, the last one short
start=$(offset_of a.sealift "$weights")
part() { sealift-runtime verify "$1" --key release.pub "${@:2}"; }

# What was asked for is right: proven in part, and no word of trust in the rest.
for bundle in a.sealift folder; do
    expect_exit 0 part $bundle --range "$weights:0+1"
    expect_out "PROVEN IN PART  story 0.1.0 for $profile"
    refute_out TRUSTED
    expect_out "what was asked for"
    expect_exit 0 part $bundle --range "$weights:0+1" --format json
    expect_json .scope ranges
    expect_json .trusted false
    expect_json .passed true
    expect_json .bytes_read $chunk
    expect_json '.damaged | length' 0
    expect_json '.signed_by | length' 1
    # Over a border both chunks are read; a border itself belongs to one side.
    expect_exit 0 part $bundle --range "$weights:$((chunk - 1))+2" --format json
    expect_json .bytes_read $((2 * chunk))
    expect_exit 0 part $bundle --range "$weights:$((chunk - 1))+1" --format json
    expect_json .bytes_read $chunk
    expect_exit 0 part $bundle --range "$weights:$((size - 1))+1" --format json
    expect_json .bytes_read $((size - 2 * chunk))
    expect_exit 0 part $bundle --range "$weights:0+$size" --range docs/LICENSE:3+4 --format json
    expect_json .bytes_read $((size + $(stat -c %s input-none/docs/LICENSE)))
    expect_json .trusted false
done
expect_exit 0 sealift verify a.sealift --key release.pub --range "$weights:5+5"
expect_out "PROVEN IN PART"

# What is no range of this bundle: the command line is wrong, and nothing is said about trust.
for range in "$weights:$size+1" "$weights:0+$((size + 1))" "$weights:$((size - 1))+2" \
    "$weights:999999999999999999+1" "$weights:1+999999999999999999" "$weights:0+9223372036854775807" \
    "$weights:18446744073709551615+1" "$weights:18446744073709551616+1" "$weights:1+18446744073709551615" \
    "$weights:0+99999999999999999999999999" "$weights:0+0" "$weights:7+0" no/such/path:0+1 weights:0+1 \
    "./$weights:0+1" "../$weights:0+1" "/$weights:0+1" "$weights" "$weights:" "$weights:+" "$weights:0" \
    "$weights:0+" "$weights:+1" "$weights:-1+1" "$weights:0+-1" "$weights:0x0+1" "$weights: 0+1" "$weights:0+1 " \
    "$weights:0+1k" "$weights:1.5+1" "$weights:0-1" "$weights+1:0" :0+1 + : 0+1 "" sealift/bundle.json:0+1 \
    $'\e[31m:0+1' "$weights:0+1,$weights:0+1"; do
    expect_exit 2 part a.sealift --range "$range"
    expect_out_is ""
    expect_err "error: "
    refute_err $'\e'
done
expect_exit 2 part a.sealift --range "$weights:0+1" --range "$weights:$size+1"
expect_err "has $size bytes"
expect_exit 2 part a.sealift --range no/such/path:0+1
expect_err "no/such/path"
expect_err "hint: "
expect_exit 2 part a.sealift --range "$weights:0+0"
expect_err "has no bytes"
expect_exit 2 part a.sealift --range "$weights:12"
expect_err "PATH:OFFSET+LENGTH"
expect_exit 2 part a.sealift --range
expect_exit 2 part a.sealift --range "$weights:0+1" "$weights:0+1" # one value to each --range

# Trust comes with every part.
quietly sealift build input-none -o unsigned.sealift
expect_exit 1 part unsigned.sealift --range "$weights:0+1"
expect_out SL-TRUST-UNSIGNED
refute_out PROVEN
expect_exit 1 part unsigned.sealift --sample 1
expect_out SL-TRUST-UNSIGNED
refute_out "NOTHING WRONG"
expect_exit 1 sealift-runtime verify a.sealift --key stranger.pub --range "$weights:0+1" --format json
expect_json '.findings[0].code' SL-TRUST-KEY
expect_json .passed false
expect_exit 1 sealift-runtime verify a.sealift --key stranger.pub --sample 1 --format json
expect_json '.findings[0].code' SL-TRUST-KEY
SEALIFT_SITE=$DIR/nowhere expect_exit 3 sealift-runtime verify a.sealift --range "$weights:0+1"
expect_err SL-TRUST-NO-POLICY
expect_err "--key"

# A sample proves nothing, whatever its size.
expect_exit 3 part a.sealift --sample 1
expect_out "NOTHING WRONG FOUND"
expect_out "proves nothing"
refute_out TRUSTED
refute_out PROVEN
expect_exit 3 part a.sealift --sample 1000000 --format json
expect_json .scope sample
expect_json .trusted false
expect_json .passed true
expect_json '.bytes_read == .bytes_all' true
expect_json '.seed | type' number
seed=$(jq .seed <<< "$out")
expect_exit 3 part a.sealift --sample 1000000 --seed "$seed" --format json
expect_json .seed "$seed"
expect_exit 3 part folder --sample 2
expect_out "proves nothing"
for wrong in 0 -1 many 1.5 ""; do
    expect_exit 2 part a.sealift --sample "$wrong"
    expect_out_is ""
done
expect_exit 2 part a.sealift --sample 1 --seed many
expect_exit 2 part a.sealift --sample 1 --seed -1

# Contradictions.
for words in "--range $weights:0+1 --sample 1" "--range $weights:0+1 --flat" "--sample 1 --flat" \
    "--range $weights:0+1 --continue" "--sample 1 --continue" "--range $weights:0+1 --record here" \
    "--sample 1 --record here" "--seed 1" "--range $weights:0+1 --seed 1"; do
    # shellcheck disable=SC2086 # several words
    expect_exit 2 part a.sealift $words
    expect_out_is ""
    expect_err "error: "
done
refute_file here

# Whole files by both digests.
for bundle in a.sealift folder; do
    expect_exit 0 part $bundle --flat
    expect_out "TRUSTED  story"
    expect_exit 0 part $bundle --flat --format json
    expect_json .proof "tree and flat"
    expect_json .scope all
    expect_json '.bytes_read == .bytes_all' true
done

# Damage in the middle chunk: a part that does not touch it is right, one that does is not.
cp a.sealift copy.sealift
flip_bit copy.sealift $((start + chunk + 4321)) 6
expect_exit 0 part copy.sealift --range "$weights:0+$chunk"
expect_out "PROVEN IN PART"
expect_exit 0 part copy.sealift --range "$weights:$((2 * chunk))+1" --range docs/LICENSE:0+1
for range in "$chunk+1" "$((2 * chunk - 1))+1" "$((chunk - 1))+2" "0+$size" "$((chunk + 4000))+1"; do
    expect_exit 1 part copy.sealift --range "$weights:$range"
    expect_out SL-CONTENT-DIGEST
    expect_out "$weights"
    expect_out REFUSED
    refute_out PROVEN
done
expect_exit 1 part copy.sealift --range docs/LICENSE:0+1 --range "$weights:0+$size" --format json
expect_json .passed false
expect_json '.damaged | length' 1

# The place in JSON, and what dd finds there.
# damage_is FIRST CHUNKS OFFSET LENGTH: the only damage of the last answer.
damage_is() {
    expect_json '.damaged | length' 1
    expect_json '.damaged[0] | [.path, .first_chunk, .chunks, .offset, .length_bytes] | map(tostring) | join(" ")' \
        "$weights $1 $2 $3 $4"
    expect_json '.findings | map(.code) | join(" ")' SL-CONTENT-DIGEST
}
byte_at() { dd if="$1" bs=1 skip="$2" count=1 status=none | od -An -tu1 | tr -d ' '; }
for more in "" --flat "-j 1" "-j 5" "--range $weights:0+$size" "--sample 1000"; do
    # shellcheck disable=SC2086 # no word or several
    expect_exit 1 part copy.sealift $more --format json
    damage_is 1 1 $chunk $chunk
    expect_json .trusted false
    place=$(($(jq '.damaged[0].bundle_offset' <<< "$out") + 4321))
    expect_equal $place $((start + chunk + 4321))
    expect_equal "$(byte_at copy.sealift $place)" $(($(byte_at a.sealift $place) ^ 64))
    expect_equal "$(byte_at a.sealift $place)" "$(byte_at "input-none/$weights" $((chunk + 4321)))"
done

# Chunks that follow each other are one place, in any order and twice asked for; others are not.
flip_bit copy.sealift $((start + size - 1)) 7
for more in "" --flat "--range $weights:0+$size" "--sample 1000" \
    "--range $weights:$((2 * chunk))+1 --range $weights:$chunk+1 --range $weights:$((chunk + 9))+$chunk"; do
    # shellcheck disable=SC2086 # no word or several
    expect_exit 1 part copy.sealift $more --format json
    damage_is 1 2 $chunk $((size - chunk))
done
expect_exit 1 part copy.sealift --range "$weights:$((size - 1))+1" --format json
damage_is 2 1 $((2 * chunk)) $((size - 2 * chunk))
cp a.sealift copy.sealift
flip_bit copy.sealift "$start"
flip_bit copy.sealift $((start + size - 1))
flip_bit copy.sealift "$(offset_of a.sealift docs/LICENSE)"
for more in "" --flat "--sample 1000"; do
    # shellcheck disable=SC2086 # no word or several
    expect_exit 1 part copy.sealift $more --format json
    expect_json '[.damaged[] | "\(.path) \(.first_chunk) \(.chunks)"] | join(", ")' \
        "docs/LICENSE 0 1, $weights 0 1, $weights 2 1"
    expect_json '.findings | length' 3
done
expect_exit 0 part copy.sealift --range "$weights:$chunk+$chunk"

# The same seed meets the same chunks: of some seeds each verdict comes, and comes again. What a seed meets depends on
# the bundle's digest, so on the compiler: seeds are tried until both have come.
cp a.sealift copy.sealift
flip_bit copy.sealift $((start + 1))
verdicts=
for seed in {1..500}; do
    first=0 second=0
    part copy.sealift --sample 4 --seed "$seed" --format json > first.json || first=$?
    part copy.sealift --sample 4 --seed "$seed" --format json > second.json || second=$?
    expect_equal "$first" "$second"
    expect_same first.json second.json
    verdicts+=" $first"
    [[ "$verdicts " != *" 1 "* || "$verdicts " != *" 3 "* || $seed -lt 10 ]] || break
done
expect_equal "$(tr ' ' '\n' <<< "$verdicts" | sort -u | tr '\n' ' ')" " 1 3 "
expect_exit 1 part copy.sealift --sample 1000
expect_out SL-CONTENT-DIGEST
expect_out REFUSED
refute_out "NOTHING WRONG"

# The chunk table: a part of that file says so, other files are not touched by it.
table=$(sealift cat a.sealift sealift/bundle.json 2> "$STORY_CONTROL/quiet" \
    | jq -r --arg path "$weights" '.files[] | select(.path == $path).chunk_table.digest[7:]')
cp a.sealift copy.sealift
flip_bit copy.sealift $(($(entry_offset a.sealift "blobs/sha256/$table") + 70))
expect_exit 1 part copy.sealift --range "$weights:0+1"
expect_out SL-CONTENT-CHUNK-TABLE
expect_exit 1 part copy.sealift --sample 1000
expect_out SL-CONTENT-CHUNK-TABLE
expect_exit 0 part copy.sealift --range docs/LICENSE:0+1

# A file that ends early is no bundle file, whatever part is asked for.
for bytes in $((start + chunk)) $((start + 1)) 4096 0 $(($(stat -c %s a.sealift) - 1)); do
    head -c "$bytes" a.sealift > short.sealift
    for more in "--range docs/LICENSE:0+1" "--range $weights:0+1" "--sample 1" --flat; do
        # shellcheck disable=SC2086 # several words
        expect_exit 1 part short.sealift $more
        expect_out SL-FORMAT-
        expect_out REFUSED
        refute_out PROVEN
    done
done

# The folder form: damage has no place in a bundle file, and a blob is damaged, short or gone.
blob=blobs/sha256/$(sha256sum < "input-none/$weights" | cut -d' ' -f1)
cp -r folder copy
flip_bit "copy/$blob" $((chunk + 4321))
expect_exit 0 part copy --range "$weights:0+$chunk"
for more in "" --flat "--range $weights:$chunk+1" "--sample 1000"; do
    # shellcheck disable=SC2086 # no word or several
    expect_exit 1 part copy $more --format json
    damage_is 1 1 $chunk $chunk
    expect_json '.damaged[0] | has("bundle_offset")' false
done
truncate -s $((chunk + 4321)) "copy/$blob"
expect_exit 1 part copy --range "$weights:0+1"
expect_out "SL-"
expect_exit 1 part copy --sample 1
expect_out "SL-"
rm "copy/$blob"
expect_exit 1 part copy --range docs/LICENSE:0+1
expect_out SL-LAYOUT-BLOB-MISSING
expect_exit 0 part folder --range "$weights:0+$size"
