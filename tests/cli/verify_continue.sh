# verify --continue: what an interrupted verification has proven is not read again, and believed of these files only.
# timeout: 600
. "$SOURCE/tests/cli/input.bash"
need_tool prlimit
make_input input-none
size=60000000 # eight units of 8 MiB, the last one short
last_unit=$((size - 7 * 8388608))
python3 - $size > "input-none/$weights" << 'PYTHON'
import hashlib, struct, sys
data = hashlib.shake_128(b"story").digest(int(sys.argv[1]) - 64) # one tensor of bytes
header = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + struct.pack("<Q1sIQIQ", 1, b"t", 1, len(data), 24, 0)
sys.stdout.buffer.write(header.ljust(64, b"\0") + data)
PYTHON
quietly sealift init input-none --profile "$profile" --name story --license model=MIT
make_bundle a.sealift
make_keys stranger
start=$(offset_of a.sealift "$weights")
export XDG_STATE_HOME=$DIR/state
go_on() { sealift-runtime verify "$1" --key release.pub --continue --format json "${@:2}"; }
records() { find state -type f 2> "$STORY_CONTROL/quiet" || true; }
# read_is READ BEFORE: bytes of the last answer.
read_is() {
    expect_json .bytes_read "$1"
    expect_json .bytes_proven_before "$2"
}

# Nothing is left to go on with when everything is right.
expect_exit 0 go_on a.sealift
expect_json .trusted true
all=$(jq .bytes_all <<< "$out")
read_is "$all" 0
expect_equal "$(records)" ""

# Damage in the last unit: the next run reads that one only, and says the same about it.
flip_bit a.sealift $((start + size - 1))
expect_exit 1 go_on a.sealift
read_is "$all" 0
damage=$(jq -c '[.damaged, .findings]' <<< "$out")
record=$(records)
expect_file "$record"
expect_equal "$(stat -c %a "$record")" 600
expect_equal "$(grep -c . <<< "$record")" 1
[[ $record == state/sealift/verify/* ]] || fail "the record is $record"
for jobs in 1 2 7; do
    expect_exit 1 go_on a.sealift -j $jobs
    read_is $last_unit $((all - last_unit))
    expect_json .trusted false
    expect_equal "$(jq -c '[.damaged, .findings]' <<< "$out")" "$damage"
done
expect_exit 1 sealift verify a.sealift --key release.pub --continue
expect_out SL-CONTENT-DIGEST
expect_out REFUSED
# Without the option the record is of no account, and stays.
expect_exit 1 sealift-runtime verify a.sealift --key release.pub --format json
expect_json .bytes_read "$all"
expect_json 'has("bytes_proven_before")' false
expect_file "$record"
# Trust is asked for anew: a record is no signature.
expect_exit 1 sealift-runtime verify a.sealift --key stranger.pub --continue --format json
expect_json '[.findings[].code] | join(" ")' "SL-TRUST-KEY SL-CONTENT-DIGEST"
title_bytes=$(head -n 1 "$record" | wc -c)

# Lines that are none change nothing; the half line names the damaged unit.
damaged_unit=$(tail -n +2 "$record" | grep -c '^[0-9][0-9]*$')
cp -p "$record" kept
for lines in 'abc\n' "-$damaged_unit\n" "+$damaged_unit\n" " $damaged_unit\n" "$damaged_unit \n" "0x$damaged_unit\n" \
    "$damaged_unit.0\n" '99999999999999\n' '18446744073709551616\n' '99999999999999999999999999\n' '\n\n\n' '\0\n' \
    '\377\376\n' "$((damaged_unit + 1))\n" "$damaged_unit" "$damaged_unit,1\n" "$damaged_unit\r\n"; do
    cp -p kept "$record"
    # shellcheck disable=SC2059 # the escapes are meant
    printf -- "$lines" >> "$record"
    expect_exit 1 go_on a.sealift
    read_is $last_unit $((all - last_unit))
done

# A record that begins otherwise is about something else: of another form, another bundle, other files, another proof.
for change in '1s/^/ /' '1s,/1 ,/2 ,' '1s/sha256:./sha256:x/' '1s/tree$/tree and flat/' '1s/ tree$//' '1d' '1s/$/ /'; do
    sed "$change" kept > "$record"
    expect_exit 1 go_on a.sealift
    read_is "$all" 0
done
: > "$record"
expect_exit 1 go_on a.sealift
read_is "$all" 0
head -c $((title_bytes - 1)) kept > "$record"
expect_exit 1 go_on a.sealift
read_is "$all" 0
expect_exit 1 go_on a.sealift --flat
read_is "$all" 0
expect_exit 1 go_on a.sealift --flat
read_is $size $((all - size))
expect_exit 1 go_on a.sealift
read_is "$all" 0
cp a.sealift copy.sealift
expect_exit 1 go_on copy.sealift --record "$record"
read_is "$all" 0
expect_exit 1 go_on a.sealift --record "$record"
read_is "$all" 0

# A file that changed is read again, whatever its time says.
touch -r a.sealift time
flip_bit a.sealift $((start + 12345))
touch -r time a.sealift
expect_exit 1 go_on a.sealift
read_is "$all" 0
expect_json '.damaged | map(.first_chunk) | join(" ")' "0 $(((size - 1) / 524288))"
expect_exit 1 go_on a.sealift
read_is $((8388608 + last_unit)) $((all - 8388608 - last_unit))
flip_bit a.sealift $((start + 12345))
flip_bit a.sealift $((start + size - 1))
expect_exit 0 go_on a.sealift
read_is "$all" 0
expect_json .trusted true
refute_file "$record"

# Interrupted: the record may not grow beyond its first units, and the one who writes it ends there.
interrupted() { (ulimit -c 0; exec prlimit --fsize=$((title_bytes + 6)) "$@"); }
cut=0
interrupted sealift-runtime verify a.sealift --key release.pub --continue -j 1 > "$STORY_CONTROL/quiet" 2>&1 || cut=$?
expect_equal "$((cut == 3 || cut > 128))" 1
expect_file "$record"
expect_exit 0 go_on a.sealift -j 1
expect_json .trusted true
expect_json '.bytes_proven_before > 0' true
expect_json '.bytes_proven_before + .bytes_read == .bytes_all' true
refute_file "$record"
interrupted sealift-runtime verify a.sealift --key release.pub --continue -j 1 > "$STORY_CONTROL/quiet" 2>&1 || true
expect_exit 0 sealift-runtime verify a.sealift --key release.pub --continue
expect_out "TRUSTED  story"
expect_out "proven by an earlier run, as the record says"
# Killed at any moment, the two runs together have read everything.
for wait_s in 0.01 0.02 0.03 0.05; do
    (timeout -s KILL $wait_s sealift-runtime verify a.sealift --key release.pub --continue -j 1 || true) \
        > "$STORY_CONTROL/quiet" 2>&1
    expect_exit 0 go_on a.sealift
    expect_json '.bytes_proven_before + .bytes_read == .bytes_all' true
    expect_equal "$(records)" ""
done

# A record that others could write, or that is no file.
mkdir private
for mode in 620 602 666 660; do
    rm -f private/record
    : > private/record
    chmod $mode private/record
    expect_exit 1 go_on a.sealift --record private/record
    expect_err "can be written to by others"
    expect_err "hint: "
    expect_json .exit 1
done
if [ "$(id -u)" = 0 ]; then
    chmod 600 private/record
    chown 65534 private/record
    expect_exit 1 go_on a.sealift --record private/record
    expect_err "can be written to by others"
fi
rm -f private/record
echo precious > private/target
ln -s target private/record
expect_exit 3 go_on a.sealift --record private/record
expect_err private/record
expect_equal "$(cat private/target)" precious
ln -sfn nowhere private/record
expect_exit 3 go_on a.sealift --record private/record
refute_file private/nowhere
rm private/record
mkfifo private/record
expect_exit 1 timeout 60 sealift-runtime verify a.sealift --key release.pub --record private/record
expect_exit 3 go_on a.sealift --record private
expect_exit 3 go_on a.sealift --record private/target/record

# Where it lies: as told, with or without --continue; else below XDG_STATE_HOME or the home folder.
flip_bit a.sealift $((start + size - 1))
expect_exit 1 sealift-runtime verify a.sealift --key release.pub --record deep/er/record
expect_file deep/er/record
expect_exit 1 go_on a.sealift --record deep/er/record
read_is $last_unit $((all - last_unit))
expect_equal "$(records)" ""
expect_exit 1 env -u XDG_STATE_HOME sealift-runtime verify a.sealift --key release.pub --continue
expect_equal "$(find "$HOME/.local/state/sealift/verify" -type f | wc -l)" 1
expect_exit 1 env XDG_STATE_HOME=relative sealift-runtime verify a.sealift --key release.pub --continue
refute_file relative
for home in "" relative; do
    expect_exit 2 env XDG_STATE_HOME= HOME="$home" sealift-runtime verify a.sealift --key release.pub --continue
    expect_err "hint: name a place for it: --record FILE"
    expect_out_is ""
done
expect_exit 2 env -u XDG_STATE_HOME -u HOME sealift-runtime verify a.sealift --key release.pub --continue

# A folder is so many files: any that is new, or changed, and all are read again.
quietly sealift build input-none -o folder/ --signing-key release.key
blob=folder/blobs/sha256/$(sha256sum < "input-none/$weights" | cut -d' ' -f1)
flip_bit "$blob" $((size - 1))
expect_exit 1 go_on folder
read_is "$all" 0
expect_exit 1 go_on folder/
expect_json '.bytes_proven_before + .bytes_read == .bytes_all' true
expect_exit 1 go_on folder
read_is $last_unit $((all - last_unit))
touch "folder/blobs/sha256/$(sha256sum < input-none/docs/LICENSE | cut -d' ' -f1)"
expect_exit 1 go_on folder
read_is "$all" 0
flip_bit "$blob" $((size - 1))
expect_exit 0 go_on folder
read_is "$all" 0
