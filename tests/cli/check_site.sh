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

# A tree copied from a server with one NPU: its files decide what they say, and for the rest the vendor's tool is asked.
. "$SOURCE/tests/cli/check_input.bash"
make_chip whole.json
jq 'del(.accelerators[0].device_nodes)' whole.json > chip.json
make_weights npu BF16
make_recipe npu ../chip.json '.deployment = {overhead_bytes: 42949672960}'
quietly sealift build npu -o npu.sealift
device=tree/sys/bus/pci/devices/0000:01:00.0 toolkit=/usr/local/Ascend/cann/runtime/version.info
mkdir -p $device "tree$(dirname $toolkit)"
echo 0x19e5 > $device/vendor
echo 0xd802 > $device/device
echo 0x120000 > $device/class
echo Version=8.0 > tree$toolkit
at_site() { sealift-runtime check npu.sealift --site site --sysroot tree "$@"; }
expect_exit 1 at_site
expect_out_like '^SL-FIT-DRIVER  toolkit CANN: found 8.0 \(/usr/local/Ascend/cann/runtime/version.info\), wanted 8.2 or newer$'
expect_out_like '^Ascend 910B model .* 1 x unknown +cannot tell$'
expect_out_like '^SL-FIT-DEVICE-MEMORY  model in device memory: found 1 x unknown, wanted 1 x 44\.[0-9] GiB$'
expect_out "give the probe what the vendor's tool says (--plugin or --evidence)"
echo Version=8.2 > tree$toolkit
# evidence FILE MODEL BYTES
evidence() {
    jq -n --arg model "$2" --argjson bytes "$3" '{schema: "sealift.probe-evidence/1", tool: "npu-smi",
        devices: [{address: "0000:01:00.0", model: $model, memory_bytes: $bytes}]}' > "$1"
}
evidence fine.json Ascend910B3 68719476736
expect_exit 0 at_site --evidence fine.json
expect_out_like '^RUNS, BUT  story 1 for test-npu on tree: '
evidence small.json Ascend910B3 34359738368
expect_exit 1 at_site --evidence small.json --format json
expect_json '[.findings[] | select(.severity == "refusal") | .code] | join(" ")' SL-FIT-DEVICE-MEMORY
expect_json '.lines[] | select(.code == "SL-FIT-DEVICE-MEMORY") | .found' "1 x 32 GiB"
evidence other.json Ascend310P3 68719476736
expect_exit 1 at_site --evidence other.json
expect_out_like '^SL-FIT-ACCELERATOR  Ascend 910B model: found 1 x Ascend310P3, wanted Ascend910B1 or Ascend910B3$'
expect_exit 3 at_site --evidence no-such.json

# What is installed already takes no more room; what install --dry-run says is the same.
expect_exit 0 sealift-runtime install a.sealift --key release.pub --site site --dry-run
expect_out_like '^free space +.* met$'
expect_exit 0 sealift-runtime install a.sealift --key release.pub --site site
expect_exit 0 sealift-runtime check a.sealift --site site
refute_out "free space"

# Too little room is said before anything is copied.
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=256k none small 2> mount.log; then
    trap "umount -l '$DIR/small' 2> /dev/null || true" EXIT
    for command in "check a.sealift" "install a.sealift --dry-run"; do
        expect_exit 1 sealift-runtime $command --key release.pub --site small/site --format json
        expect_json '.findings[] | select(.severity == "refusal") | .code' SL-SITE-SPACE
        expect_json '.findings[] | select(.code == "SL-SITE-SPACE") | .hint | test("of room, or install elsewhere")' true
    done
    refute_file small/site
    umount small
fi
