# Data on stdout, everything else on stderr; escapes for colours only where somebody sees them.
. "$SOURCE/tests/cli/input.bash"
need_tool jq script
make_bundle a.sealift

# JSON stays JSON whatever is said beside it.
for command in "sealift inspect a.sealift" "sealift verify a.sealift --key release.pub --progress plain" \
    "sealift ls a.sealift" "sealift bom a.sealift" "sealift build input-none -o b.sealift --progress plain" \
    "sealift diff a.sealift a.sealift --progress plain" "sealift reproduce a.sealift --inputs input-none" \
    "sealift sign b.sealift --signing-key release.key --progress plain" "sealift-runtime probe" \
    "sealift extract a.sealift -o extracted --progress plain" "sealift-runtime status --site site" \
    "sealift-runtime install a.sealift --key release.pub --site site --progress plain"; do
    expect_exit 0 $command --format json
    expect_json 'type' object
done

# Progress goes to stderr, and only where it was asked for or somebody looks on.
expect_exit 0 sealift verify a.sealift --key release.pub --progress plain
expect_err verifying
refute_out verifying
expect_exit 0 sealift build input-none -o packed.sealift --progress plain
expect_err packing # each input is read once, while it is written
refute_err reading
refute_err writing
for option in "" "--progress none" "--progress plain --quiet"; do
    expect_exit 0 sealift verify a.sealift --key release.pub $option
    expect_equal "$err" ""
done
expect_exit 2 sealift verify a.sealift --key release.pub --progress loud

# Quiet keeps results, warnings and errors.
expect_exit 0 sealift build input-none -o unsigned.sealift -q
expect_err "warning: "
expect_exit 0 sealift inspect a.sealift -q
expect_equal "$err" ""
expect_out story
expect_exit 1 sealift verify unsigned.sealift --key release.pub -q
expect_out SL-TRUST-UNSIGNED
expect_exit 3 sealift verify no-such.sealift --key release.pub -q
expect_err "error: "

# A pipe gets no escapes; a terminal does, unless NO_COLOR or --no-color is there.
escape=$(printf '\033')
on_terminal() { TERM=xterm script -qec "$*" /dev/null < /dev/null; }
expect_exit 0 sealift verify a.sealift --key release.pub
refute_out "$escape"
expect_exit 0 on_terminal sealift verify a.sealift --key release.pub
expect_out "$escape["
expect_out TRUSTED
expect_exit 0 on_terminal sealift verify a.sealift --key release.pub --no-color --progress none
refute_out "$escape"
expect_exit 0 on_terminal env NO_COLOR=1 sealift verify a.sealift --key release.pub --progress none
refute_out "$escape"
expect_exit 0 on_terminal env NO_COLOR= sealift verify a.sealift --key release.pub --progress none
expect_out "$escape["
expect_exit 0 on_terminal env TERM=dumb sealift verify a.sealift --key release.pub --progress none
refute_out "$escape"

# A reader that goes away is no reason for words; a full disk is an error.
reader_gone() { (trap '' PIPE; sealift "$@"; echo "status $?" >&2) | true; }
expect_exit 0 reader_gone cat a.sealift "$weights"
refute_err "error: "
if [ -w /dev/full ]; then
    onto_full_disk() { "$@" > /dev/full; }
    expect_exit 3 onto_full_disk sealift ls a.sealift
    expect_err "error: "
    expect_exit 3 onto_full_disk sealift --help
fi
