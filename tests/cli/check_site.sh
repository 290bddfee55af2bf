# sealift-runtime check: whether a bundle runs on this machine, or on one of which a tree was copied, before a byte
# of it is copied. It reads documents only, and never calls a bundle trusted.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_keys stranger

expect_exit 0 sealift-runtime check a.sealift --site site
expect_out_like "^architecture +$(uname -m) +$(uname -m) +met\$"
expect_out_like '^free space +[0-9.]+ [kM]?B +[0-9.]+ [kMGTP]?B at .*/site +met$'
expect_out_like "^RUNS(, BUT)?  story 0.1.0 for $profile on this machine: [0-9]+ met"
expect_out "trust     not asked: no signature was checked, and no file was read"
refute_out TRUSTED
refute_file site
expect_exit 0 sealift-runtime check - --site site --format json < a.sealift
expect_json .schema sealift.check/1
expect_json .machine "this machine"
expect_json .trust.answer "not asked"
expect_json .trust.files_were_read false
expect_json .digest "$(sealift inspect a.sealift --format json 2> /dev/null | jq -r .digest)"

# A key is asked when it is given; even then no file was read.
expect_exit 0 sealift-runtime check a.sealift --site site --key release.pub
expect_out_like '^signed by [0-9a-f]'
expect_out "the signature is good; no file was read, which verify does"
refute_out TRUSTED
expect_exit 1 sealift-runtime check a.sealift --site site --key stranger.pub
expect_out SL-TRUST-KEY
expect_out_like '^REFUSED  '
expect_exit 1 sealift-runtime check a.sealift --site site --key stranger.pub --format json
expect_json .passed false
expect_json .trust.answer refused
expect_json '.findings[] | select(.severity == "refusal") | .code' SL-TRUST-KEY
quietly sealift build input-none -o unsigned.sealift
expect_exit 1 sealift-runtime check unsigned.sealift --site site --key release.pub
expect_out SL-TRUST-UNSIGNED
# Nothing lets an unsigned bundle pass for a signed one, and whether it fits can be asked all the same.
expect_exit 0 sealift-runtime check unsigned.sealift --site site --insecure-allow-unsigned
expect_out "trust     not asked"
# Damaged weights are not what a check looks for, and it says so; damaged documents are.
cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of a.sealift "$weights")" 5
expect_exit 0 sealift-runtime check damaged.sealift --site site --key release.pub
expect_out "no file was read"
flip_bit damaged.sealift "$(entry_offset a.sealift index.json)"
expect_exit 1 sealift-runtime check damaged.sealift --site site --key release.pub
expect_out SL-
expect_out REFUSED

# A copied tree does not say what its processor can do, and what cannot be told is no pass.
mkdir empty
expect_exit 1 sealift-runtime check a.sealift --site site --sysroot empty
expect_out_like "^architecture +$(uname -m) +unknown +cannot tell\$"
expect_out_like '^DOES NOT RUN  .* on empty: .*[0-9]+ cannot tell'
expect_exit 1 sealift-runtime check a.sealift --site site --sysroot empty --format json
expect_json .verdict "does not run"
expect_json '.findings[] | select(.code == "SL-FIT-ARCHITECTURE") | .severity' not-checked
expect_exit 3 sealift-runtime check a.sealift --site site --sysroot no-such-folder
expect_exit 3 sealift-runtime check no-such.sealift --site site
expect_exit 2 sealift-runtime check a.sealift --site site --nodes 0
expect_exit 2 sealift-runtime check --site site

# What is installed already takes no more room; what install --dry-run says is the same.
expect_exit 0 sealift-runtime install a.sealift --key release.pub --site site --dry-run
expect_out_like '^free space +.* met$'
expect_exit 0 sealift-runtime install a.sealift --key release.pub --site site
expect_exit 0 sealift-runtime check a.sealift --site site
refute_out "free space"

# Too little room is said before anything is copied.
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=256k none small 2> mount.log; then
    trap "umount -l '$DIR/small' 2> /dev/null" EXIT
    for command in "check a.sealift" "install a.sealift --dry-run"; do
        expect_exit 1 sealift-runtime $command --key release.pub --site small/site --format json
        expect_json '.findings[] | select(.severity == "refusal") | .code' SL-SITE-SPACE
        expect_json '.findings[] | select(.code == "SL-SITE-SPACE") | .hint | test("of room, or install elsewhere")' true
    done
    refute_file small/site
    umount small
fi
