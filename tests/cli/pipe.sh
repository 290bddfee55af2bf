# verify - and install -: a bundle through a pipe, proven as it flows, and nothing but its front is believed before.
# timeout: 600
. "$SOURCE/tests/cli/input.bash"
make_keys release stranger
make_input input-none
# Equal files and empty ones are stored once; one has the bytes of a document of every signed bundle.
cp "input-none/$weights" input-none/weights/twin.gguf
sed -i "s|weights/\\*|$weights|" input-none/engine/launch.json
cp input-none/docs/LICENSE input-none/docs/COPYING
: > input-none/docs/empty.txt
: > input-none/config/empty.txt
printf '{}' > input-none/config/nothing.json
quietly sealift init input-none --profile "$profile" --name story --license model=MIT
make_bundle a.sealift
quietly sealift build input-none -o folder/ --signing-key release.key
quietly sealift build input-none -o unsigned.sealift
hex=$(sealift inspect a.sealift --format json 2> "$STORY_CONTROL/quiet" | jq -r '.digest[7:23]')
size=$(stat -c %s a.sealift)
chunk=524288
start=$(offset_of a.sealift "$weights")
# The files begin with the header of the first one; all in front of it is needed to decide about trust.
front=$(($(offset_of a.sealift docs/COPYING) - 512))

# Through a real pipe, with the status of the program, not of what feeds it.
piped() { { cat "$1" || true; } 2> "$STORY_CONTROL/quiet" | "${@:2}"; }
# The site holds no generation and nothing half done.
nothing_installed() {
    expect_equal "$(find site -mindepth 2 2> "$STORY_CONTROL/quiet" | wc -l)" 0
    expect_equal "$(find site -type f -size +0 2> "$STORY_CONTROL/quiet" | wc -l)" 0
}

for program in sealift sealift-runtime; do
    expect_exit 0 piped a.sealift $program verify - --key release.pub
    expect_out "TRUSTED  story 0.1.0 for $profile"
    expect_exit 0 piped a.sealift $program verify - --key stranger.pub --key release.pub --format json
    expect_json .trusted true
    expect_json .form pipe
    expect_json .scope all
    expect_json '.signed_by | length' 1
    expect_json '.bytes_read == .bytes_all' true
    piped_bytes=$(jq .bytes_read <<< "$out")
    expect_exit 0 $program verify a.sealift --key release.pub --format json
    expect_json .bytes_read "$piped_bytes"
    expect_exit 0 piped a.sealift $program verify - --key release.pub --flat -j 1
    expect_out "TRUSTED  story"
    expect_exit 0 $program verify - --key release.pub < a.sealift
done

# Refused: by the same words from both commands, and the site stays as it was.
# refused FILE CODE
refused() {
    expect_exit 1 piped "$1" sealift-runtime verify - --key release.pub
    expect_out "$2"
    expect_out REFUSED
    refute_out TRUSTED
    expect_exit 1 piped "$1" sealift-runtime verify - --key release.pub --format json
    expect_json .trusted false
    expect_json '.findings | length' 1
    expect_exit 1 piped "$1" sealift-runtime install - --key release.pub --site site
    expect_out "$2"
    expect_out "NOT INSTALLED"
    expect_out "the site is as it was"
    nothing_installed
    expect_exit 1 piped "$1" sealift-runtime install - --key release.pub --site site --format json
    expect_json .installed false
    nothing_installed
}
# flipped OFFSET CODE: a bundle with one bit changed there.
flipped() {
    cp a.sealift copy.sealift
    flip_bit copy.sealift "$1"
    refused copy.sealift "$2"
}
flipped "$start" SL-CONTENT-DIGEST
expect_exit 1 piped copy.sealift sealift-runtime verify - --key release.pub
expect_out "$weights"
expect_out "chunk 0 of 3 is damaged"
expect_out "at byte $start of the bundle"
flipped $((start + chunk + 9)) SL-CONTENT-DIGEST
flipped $((start + 300 * 4096 - 1)) SL-CONTENT-DIGEST
flipped "$(offset_of a.sealift "$kernel")" SL-CONTENT-DIGEST
flipped "$(offset_of a.sealift docs/LICENSE)" SL-CONTENT-DIGEST
flipped "$(offset_of a.sealift config/known_answer.json)" SL-CONTENT-DIGEST
# Headers between the contents, the name, the size, the checksum; a padding entry; the fill of an entry; the end.
for place in 3 130 150 156 300 511; do
    flipped $((start - 512 + place)) SL-
    flipped $((front + place)) SL-
done
flipped "$(entry_offset a.sealift sealift-padding/)" SL-FORMAT-PADDING
flipped $(($(offset_of a.sealift docs/LICENSE) + $(stat -c %s input-none/docs/LICENSE))) SL-FORMAT-PADDING
for place in 1 512 513 1024; do
    flipped $((size - place)) SL-FORMAT-PADDING
done
# The front: its marker, its index, its documents, its chunk tables.
flipped "$(entry_offset a.sealift oci-layout)" SL-
flipped "$(entry_offset a.sealift index.json)" SL-
flipped $((front - 700)) SL-
table=$(sealift cat a.sealift sealift/bundle.json 2> "$STORY_CONTROL/quiet" \
    | jq -r --arg path "$weights" '.files[] | select(.path == $path).chunk_table.digest[7:]')
flipped $(($(entry_offset a.sealift "blobs/sha256/$table") + 5)) SL-CONTENT-CHUNK-TABLE

# Not all of it: in the front, before, in and behind a header, in a content, before and in the closing blocks.
for bytes in 1 511 512 2000 $((front / 2)) $((front - 1)) $((front - 600)); do
    head -c "$bytes" a.sealift > copy.sealift
    refused copy.sealift SL-FORMAT-
done
for bytes in "$front" $((front + 1)) $((front + 511)) $((front + 512)) $((start - 512)) $((start - 1)) "$start" \
    $((start + 1)) $((start + chunk)) $((start + 300 * 4096 - 1)) $((size - 1024)) $((size - 512)) $((size - 1)); do
    head -c "$bytes" a.sealift > copy.sealift
    refused copy.sealift SL-FORMAT-TRUNCATED
done
# And more than all of it.
{ cat a.sealift; printf '\0'; } > copy.sealift
refused copy.sealift SL-FORMAT-TRAILING
cat a.sealift a.sealift > copy.sealift
refused copy.sealift SL-FORMAT-TRAILING

# What is no bundle at all, endless or nothing.
head -c 100000 "input-none/$weights" > copy.sealift
refused copy.sealift SL-FORMAT-NOT-A-BUNDLE
tar -cf copy.sealift input-none/docs
refused copy.sealift SL-FORMAT-NOT-A-BUNDLE
gzip -c a.sealift > copy.sealift
refused copy.sealift SL-FORMAT-NOT-A-BUNDLE
: > copy.sealift
refused copy.sealift SL-FORMAT-TRUNCATED
cp a.sealift ./- # a file of this name is not what is meant
expect_exit 1 sealift-runtime verify - --key release.pub
expect_exit 0 sealift-runtime verify ./- --key release.pub
endless() { { cat "$1"; yes || true; } 2> "$STORY_CONTROL/quiet" | timeout 60 "${@:2}"; }
expect_exit 1 endless /dev/null sealift-runtime verify - --key release.pub
expect_out SL-FORMAT-NOT-A-BUNDLE
expect_exit 1 endless a.sealift sealift-runtime verify - --key release.pub
expect_out SL-FORMAT-TRAILING
expect_exit 1 endless a.sealift sealift-runtime install - --key release.pub --site site
expect_out SL-FORMAT-TRAILING
nothing_installed

# No answer: what cannot be read.
expect_exit 3 sealift-runtime verify - --key release.pub < folder
expect_err "error: "
expect_exit 3 sealift-runtime install - --key release.pub --site site < folder
expect_exit 3 sealift-runtime verify - --key release.pub 0> write-only
expect_exit 3 sealift-runtime verify - --key no-such.pub < a.sealift
nothing_installed

# A stranger's bundle is refused by its front: nothing behind it is taken, or even waited for.
refused unsigned.sealift SL-TRUST-UNSIGNED
head -c "$front" a.sealift > front
expect_exit 1 endless front sealift-runtime verify - --key stranger.pub
expect_out SL-TRUST-KEY
expect_out "the files were not read"
expect_exit 1 endless front sealift-runtime install - --key stranger.pub --site site
expect_out SL-TRUST-KEY
nothing_installed
# left_at COMMAND...: how far a.sealift has been read when the command has ended.
left_at() {
    local ended=0
    { "$@" <&5 > "$STORY_CONTROL/quiet" 2>&1 || ended=$?; sed -n 's/^pos:[[:space:]]*//p' /proc/self/fdinfo/5; } 5< a.sealift
    return $ended
}
expect_exit 1 left_at sealift-runtime verify - --key stranger.pub
expect_out_is "$front"
expect_exit 1 left_at sealift-runtime install - --key stranger.pub --site site
expect_out_is "$front"
expect_exit 0 left_at sealift-runtime verify - --key release.pub
expect_out_is "$size"
expect_exit 0 left_at sealift-runtime install - --key release.pub --site dry --dry-run
expect_out_is "$front"
refute_file dry

# What a pipe cannot give.
for words in "--range $weights:0+1" "--sample 1" --continue "--record here"; do
    # shellcheck disable=SC2086 # several words
    expect_exit 2 sealift-runtime verify - --key release.pub $words < a.sealift
    expect_err "a pipe is read once"
    expect_out_is ""
done
refute_file here
SEALIFT_SITE=$DIR/nowhere expect_exit 3 sealift-runtime verify - < a.sealift
expect_exit 3 sealift-runtime install - --site site < a.sealift
nothing_installed

# Killed while it waits for more; the next one does not mind what is left.
stalled() { { head -c $((start + chunk)) a.sealift; sleep 2; } | timeout --foreground -s "$1" 1 "${@:2}"; }
expect_exit 137 stalled KILL sealift-runtime install - --key release.pub --site site
expect_equal "$(find site/generations -mindepth 1 2> "$STORY_CONTROL/quiet" | wc -l)" 0

# Installed from the pipe and from the file: the same generation, to the mode of each file.
expect_exit 0 piped a.sealift sealift-runtime install - --key release.pub --site site
expect_out "INSTALLED  story 0.1.0 as generation 000001-$hex"
expect_equal "$(find site/staging -mindepth 1 2> "$STORY_CONTROL/quiet" | wc -l)" 0
expect_exit 0 sealift-runtime install a.sealift --key release.pub --site other
expect_exit 0 diff -r site/generations other/generations
modes_of() { (cd "$1" && find . -printf '%P %m %s %y %n\n' | grep -v ' d ' | sort); }
expect_equal "$(modes_of site/generations)" "$(modes_of other/generations)"
files=site/generations/000001-$hex/files
for file in "$weights" weights/twin.gguf docs/LICENSE docs/COPYING docs/empty.txt config/empty.txt config/nothing.json \
    engine/stub_engine "$kernel"; do
    expect_same "$files/$file" "input-none/$file"
done
expect_equal "$(stat -c %a "$files/engine/stub_engine")" 755

# Again is no second generation, and a damaged copy of what is installed is no success.
as_it_was=$(find site -printf '%p %s %T@ %i\n' | grep -v lock | sort)
expect_exit 0 piped a.sealift sealift-runtime install - --key release.pub --site site --format json
expect_json .was_there true
expect_json .generation "000001-$hex"
expect_exit 0 piped a.sealift sealift-runtime install - --key release.pub --site site
expect_out "ALREADY INSTALLED"
cp a.sealift copy.sealift
flip_bit copy.sealift $((start + 2 * chunk))
for bad in copy.sealift unsigned.sealift front release.pub; do
    expect_exit 1 piped $bad sealift-runtime install - --key release.pub --site site
    expect_out "NOT INSTALLED"
done
expect_equal "$(find site -printf '%p %s %T@ %i\n' | grep -v lock | sort)" "$as_it_was"

# Another release, damaged and then whole.
quietly sealift init input-none --profile "$profile" --name story --bundle-version 0.2.0 --yes
quietly sealift build input-none -o b.sealift --signing-key release.key
cp b.sealift copy.sealift
flip_bit copy.sealift $(($(stat -c %s b.sealift) - 1))
expect_exit 1 piped copy.sealift sealift-runtime install - --key release.pub --site site
expect_out SL-FORMAT-PADDING
expect_equal "$(ls site/generations)" "000001-$hex"
expect_equal "$(find site/staging -mindepth 1 | wc -l)" 0
expect_exit 0 piped b.sealift sealift-runtime install - --key release.pub --site site --format json
expect_json '.generation[0:7]' 000002-
expect_json .was_there false
