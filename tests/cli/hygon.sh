# A Hygon Dhyana, as qemu shows it, is recognised; a bundle for a newer chip is refused there.
. "$SOURCE/tests/cli/input.bash"
need_tool qemu-x86_64 jq
program=$(command -v sealift-runtime)
if ldd "$program" > ldd.txt 2>&1; then
    echo "not run on this machine: qemu runs the static program of a build without sanitizers" >&2
    exit 77
fi
[ "$(uname -m)" = x86_64 ] || { echo "not run on this machine: it is no x86-64" >&2; exit 77; }
on_hygon() { qemu-x86_64 -cpu Dhyana-v1 "$program" "$@"; }

expect_exit 0 on_hygon probe --format json
expect_json .machine.cpu.vendor HygonGenuine
expect_json .best_profile hygon-dhyana
expect_json '.profiles[] | select(.id == "zen4").fits' false
expect_exit 0 on_hygon probe
expect_out_like '^hygon-dhyana +yes'

make_keys release
for chip in zen4 hygon-dhyana; do
    make_input $chip
    mv "$chip/$kernel" "$chip/kernels/$(jq -r '.kernels.names[0]' "$SOURCE/profiles/$chip.json")"
    quietly sealift init $chip --profile $chip
    quietly sealift build $chip -o $chip.sealift --signing-key release.key
done
expect_exit 0 on_hygon install hygon-dhyana.sealift --key release.pub --site site --dry-run
expect_out_like '^processor .*HygonGenuine.* met$'
expect_exit 1 on_hygon install zen4.sealift --key release.pub --site site --dry-run
expect_out SL-FIT-FEATURES
expect_out "HygonGenuine"
expect_out "hint: "
refute_file site
