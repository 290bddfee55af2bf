# The expectations of stories; sourced by run_story in front of each. A story reads like this:
#
#     # labels: peers          (optional: more ctest labels; "# timeout: 600" in seconds)
#     expect_exit 0 sealift keygen -o release.key --no-passphrase
#     expect_file release.key
#     expect_exit 1 sealift verify a.sealift --key other.pub
#     expect_out SL-TRUST-KEY
#
# Every expect_exit goes into the transcript: the command, its stdout, its stderr behind "2> ", its status.

out= err= status=

expected_() { echo x >> "$STORY_CONTROL/expectations"; }

# Says what was expected, shows the last command in full, and ends the story.
fail() {
    {
        printf '%s:%s: %s\n' "$(basename "${BASH_SOURCE[-1]}")" "${BASH_LINENO[-2]:-?}" "$1"
        [ -z "${last_command-}" ] || printf -- '--- command: %s\n--- status: %s\n--- stdout:\n%s\n--- stderr:\n%s\n' \
            "$last_command" "$status" "$out" "$err"
    } >&2
    exit 1
}

# expect_exit N COMMAND...: runs it (stdin is what the story's line gives, else empty) and wants exit status N.
# Then $out and $err hold what it said and $status its exit status.
expect_exit() {
    local wanted=$1
    shift
    expected_
    last_command=$*
    status=0
    "$@" > "$STORY_CONTROL/out" 2> "$STORY_CONTROL/err" || status=$?
    out=$(tr -d '\0' < "$STORY_CONTROL/out")
    err=$(tr -d '\0' < "$STORY_CONTROL/err")
    {
        printf '$ %s\n' "$*"
        [ -z "$out" ] || printf '%s\n' "$out"
        [ -z "$err" ] || printf '%s\n' "$err" | sed 's/^/2> /'
        printf '[exit %s]\n' "$status"
    } >> "$STORY_CONTROL/transcript"
    [ "$status" = "$wanted" ] || fail "wanted exit status $wanted, got $status"
}

expect_out() { expected_; [[ $out == *"$1"* ]] || fail "stdout lacks: $1"; }
expect_err() { expected_; [[ $err == *"$1"* ]] || fail "stderr lacks: $1"; }
refute_out() { expected_; [[ $out != *"$1"* ]] || fail "stdout has: $1"; }
refute_err() { expected_; [[ $err != *"$1"* ]] || fail "stderr has: $1"; }
expect_out_is() { expected_; [ "$out" = "$1" ] || fail "stdout is not exactly: $1"; }
# An extended regular expression that one line has to match somewhere.
expect_out_like() { expected_; grep -qE -- "$1" <<< "$out" || fail "no line of stdout is like: $1"; }
expect_err_like() { expected_; grep -qE -- "$1" <<< "$err" || fail "no line of stderr is like: $1"; }
# expect_json FILTER TEXT: what jq -r makes of the last stdout.
expect_json() {
    expected_
    local found
    found=$(jq -r "$1" <<< "$out") || fail "stdout is not JSON"
    [ "$found" = "$2" ] || fail "$1 is '$found', wanted '$2'"
}
expect_file() { expected_; [ -f "$1" ] || fail "there is no file $1"; }
expect_folder() { expected_; [ -d "$1" ] || fail "there is no folder $1"; }
refute_file() { expected_; [ ! -e "$1" ] && [ ! -L "$1" ] || fail "there is something at $1"; }
expect_same() { expected_; cmp -- "$1" "$2" >&2 || fail "$1 and $2 differ"; }
refute_same() { expected_; ! cmp -s -- "$1" "$2" || fail "$1 and $2 are the same"; }
expect_equal() { expected_; [ "$1" = "$2" ] || fail "'$1' is not '$2'"; }

# flip_bit FILE BYTE [BIT]: damages a file in place.
flip_bit() {
    python3 - "$@" << 'PYTHON'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0] ^ (1 << int(sys.argv[3] if len(sys.argv) > 3 else 0))
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte]))
PYTHON
}

not_here_() {
    if [ "$2" = 1 ]; then
        fail "$1, and it is required here"
    fi
    echo "not run on this machine: $1" >&2
    exit 77
}

# need_tool NAME...: a story that needs a program which is not there is not run; with SEALIFT_TOOLS_REQUIRED=1, as
# in tests/run, it fails.
need_tool() {
    local name
    for name in "$@"; do
        command -v "$name" > /dev/null || not_here_ "$name is not installed" "${SEALIFT_TOOLS_REQUIRED:-}"
    done
}

# need_engine: sets $engine to the folder of the real engine that examples/quickstart/fetch-engine fetches.
need_engine() {
    engine=${SEALIFT_ENGINE:-$SOURCE/examples/quickstart/work/npm}
    [ -e "$engine/.fetched" ] || not_here_ "the engine was not fetched to $engine" "${SEALIFT_ENGINE_REQUIRED:-}"
}

# need_npm NAME: sets $npm to tests/peers/npm/NAME with its packages, which tests/peers/npm/fetch fetches.
need_npm() {
    need_tool node
    npm=$SOURCE/tests/peers/npm/$1
    [ -e "$npm/node_modules/.fetched" ] ||
        not_here_ "tests/peers/npm/fetch has not fetched $1" "${SEALIFT_TOOLS_REQUIRED:-}"
}
