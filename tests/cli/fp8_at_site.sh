# "FP8 is not supported" at a site: a bundle that was built for a chip with FP8 comes to a machine whose chip has none.
# That the chip is another one is one line; what it lacks, and which weights would do, is a line of its own.
. "$SOURCE/tests/cli/input.bash"
. "$SOURCE/tests/cli/check_input.bash"
need_tool jq python3
make_keys release
make_weights npu F8_E4M3
make_recipe npu ascend-950dt-9582
quietly sealift build npu -o npu.sealift --signing-key release.key
types="bf16, fp16, fp32, int4, int8; not fp8, mxfp4, mxfp8"
# fp8_refused FOUND REMEDY: the line about number types in the last JSON.
fp8_refused() {
    local line='.lines[] | select(.code == "SL-FIT-TYPES")'
    expect_json .verdict "does not run"
    expect_json "$line | .verdict" "not met"
    expect_json "$line | .found" "$1"
    expect_json "$line | .wanted" "fp8 (weights are F8_E4M3)"
    expect_json "$line | .remedy" "$2"
    expect_json '.findings[] | select(.code == "SL-FIT-TYPES") | .severity' refusal
}

# The vendor asks before shipping, with what the customer's probe wrote.
make_found found.json
expect_exit 1 sealift check npu.sealift --found found.json
expect_out_like '^Ascend 950DT +1 x 19e5:d806 +8 x 19e5:d802 Huawei +not met$'
expect_out_like "^SL-FIT-TYPES  number types: found Ascend 910B: $types, wanted fp8 \(weights are F8_E4M3\)$"
expect_out "hint: FP8 is not supported by Ascend 910B: convert the weights to BF16 or W8A8"
expect_out "hint: this is another chip: take a bundle for ascend-910b"
for subject in npu npu.sealift; do
    expect_exit 1 sealift check $subject --found found.json --format json
    fp8_refused "Ascend 910B: $types" "FP8 is not supported by Ascend 910B: convert the weights to BF16 or W8A8"
done

# A copied tree: where the PCI id stands for several chips, all of them lack it.
device=tree/sys/bus/pci/devices/0000:01:00.0
mkdir -p $device tree/proc
cp /proc/cpuinfo tree/proc/
echo 0x19e5 > $device/vendor
echo 0xd802 > $device/device
echo 0x120000 > $device/class
expect_exit 1 sealift-runtime check npu.sealift --site site --sysroot tree --format json
fp8_refused "Ascend 910B or Ascend 910B4: $types" \
    "FP8 is not supported by Ascend 910B or Ascend 910B4: convert the weights to BF16 or W8A8"

# Nothing is claimed of a chip that no profile here knows: neither that it has FP8 nor that it lacks it.
mkdir none
for folder in none "$SOURCE/profiles"; do
    [ $folder = none ] || echo 0xd8ff > $device/device
    expect_exit 1 sealift-runtime check npu.sealift --site site --sysroot tree --profiles $folder --format json
    expect_json '[.lines[] | select(.code == "SL-FIT-TYPES")] | length' 0
    expect_json '.lines[] | select(.code == "SL-FIT-ACCELERATOR") | .verdict' "not met"
done
expect_exit 2 sealift-runtime check npu.sealift --site site --sysroot tree --profiles no-such-folder

# FP8 for an H100, brought to an A100, which only a profile of one's own knows here.
make_weights gpu F8_E4M3
make_recipe gpu nvidia-h100
quietly sealift build gpu -o gpu.sealift --signing-key release.key
mkdir own
jq '.id = "nvidia-a100" | .title = "NVIDIA A100" | del(.chips, .kernels)
    | .accelerators[0] |= (.name = "NVIDIA A100" | .pci_ids = ["10de:20b2"] | del(.memory))
    | .number_types.computes = ["bf16", "fp16", "fp32", "int8"] | .number_types.lacks = ["fp8"]
    | [.. | .source?, .lacks_source?] as $used | .sources |= map(select(.id as $id | $used | index($id)))' \
    "$SOURCE/profiles/nvidia-h100.json" > own/nvidia-a100.json
echo 0x10de > $device/vendor
echo 0x20b2 > $device/device
echo 0x030200 > $device/class
expect_exit 1 sealift-runtime check gpu.sealift --site site --sysroot tree --profiles own --format json
fp8_refused "NVIDIA A100: bf16, fp16, fp32, int8; not fp8" \
    "FP8 is not supported by NVIDIA A100: convert the weights to BF16 or W8A8"

# The same before an install copies a byte; the devices of this machine are hidden behind the tree's for that.
[ "$(id -u)" = 0 ] && unshare -m mount --bind tree/sys/bus/pci/devices /sys/bus/pci/devices 2> mount.log || {
    echo "not run here: nothing can be mounted over /sys/bus/pci/devices" >&2
    exit 0
}
at_that_machine() {
    unshare -m sh -c 'mount --bind tree/sys/bus/pci/devices /sys/bus/pci/devices && exec "$@"' sh "$@"
}
expect_exit 1 at_that_machine sealift-runtime install gpu.sealift --key release.pub --site site --profiles own
expect_out "SL-FIT-TYPES  number types: found NVIDIA A100: bf16, fp16, fp32, int8; not fp8, wanted fp8"
expect_out "hint: FP8 is not supported by NVIDIA A100: convert the weights to BF16 or W8A8"
expect_out "NOT INSTALLED"
refute_file site
