# check: what fails after 700 GB and two hours is said in a second, with what was found, what was wanted and what
# helps: when the bundle is built, by the vendor against a customer's probe, and at the site.
. "$SOURCE/tests/cli/input.bash"
. "$SOURCE/tests/cli/check_input.bash"
need_tool jq
make_keys release
make_chip chip.json
make_found found.json
make_weights plain BF16
make_recipe plain ../chip.json
quietly sealift build plain -o plain.sealift --signing-key release.key

# It runs, and nothing was verified: a check says so.
expect_exit 0 sealift check plain.sealift --found found.json
expect_out_like '^Ascend 910B +1 x 19e5:d802 +8 x 19e5:d802 Huawei +met$'
expect_out_like '^toolkit CANN +8.2 or newer +9.1.0 \(/usr/local/Ascend/cann/version.info\) +met$'
expect_out_like '^validated together +vllm-ascend 0.23.0, CANN 9.1.0 +as validated \(2026-10, .*\) +met$'
expect_out_like '^RUNS, BUT  story 1 for test-npu on found.json: [0-9]+ met, 1 note$'
expect_out "SL-SITE-SPACE  free space: note: found not probed"
expect_out "no signature was checked, and no file was read"
refute_out TRUSTED
expect_exit 0 sealift check plain.sealift --found found.json --format json
expect_json .schema sealift.check/1
expect_json .verdict "runs, but"
expect_json .passed true
expect_json .trust.answer "not asked"
expect_json '[.lines[] | keys_unsorted | join(" ")] | unique | join(",")' "code verdict requirement found wanted remedy"
expect_json '[.lines[].verdict] | unique | join(" ")' "met note"

# The same answer for a recipe, before a bundle is made, and for what a probe printed as a whole.
jq '{schema: "sealift.probe/1", machine: ., best_profile: null, profiles: []}' found.json > probe.json
for subject in plain plain/sealift.json; do
    expect_exit 0 sealift check $subject --found probe.json --format json
    expect_json .verdict "runs, but"
    expect_json .profile test-npu
done

# refused CODE REQUIREMENT FOUND WANTED REMEDY: the one line that is not met, in the last JSON.
refused() {
    expect_json .verdict "does not run"
    expect_json '[.lines[] | select(.verdict != "met" and .verdict != "note")] | length' 1
    local line='.lines[] | select(.verdict != "met" and .verdict != "note")'
    expect_json "$line | .code" "$1"
    expect_json "$line | .requirement" "$2"
    expect_json "$line | .found" "$3"
    expect_json "$line | .wanted" "$4"
    expect_json "$line | .remedy" "$5"
    expect_json '[.findings[] | select(.severity != "note") | .code] | join(" ")' "$1"
}

# "needs CANN 8.2"
make_found old.json '.software[0].version = "8.0"'
expect_exit 1 sealift check plain.sealift --found old.json --format json
refused SL-FIT-DRIVER "toolkit CANN" "8.0 (/usr/local/Ascend/cann/version.info)" "8.2 or newer" \
    "install CANN 8.2 or newer, or take a bundle for 8.0"
expect_exit 1 sealift check plain --found old.json
expect_out_like '^SL-FIT-DRIVER  toolkit CANN: found 8.0 .*, wanted 8.2 or newer$'
expect_out_like '^ +hint: install CANN 8.2 or newer'
expect_out "DOES NOT RUN  story 1 for test-npu on old.json"

# Nothing says which: that is no pass.
make_found silent.json 'del(.software)'
expect_exit 1 sealift check plain.sealift --found silent.json --format json
expect_json '.lines[] | select(.requirement == "toolkit CANN") | .verdict' "cannot tell"
expect_json '.findings[] | select(.code == "SL-FIT-DRIVER") | .severity' not-checked

# "FP8 is not supported", in the second in which the bundle is built, and for what somebody else built.
make_weights narrow F8_E4M3
make_recipe narrow ../chip.json
expect_exit 1 sealift build narrow -o narrow.sealift --signing-key release.key
expect_out_like '^SL-FIT-TYPES  number types: found bf16, fp16, int8; not fp8, wanted fp8 \(weights are F8_E4M3\)$'
expect_out "hint: FP8 is not supported by Ascend 910B: convert the weights to BF16 or W8A8"
expect_out "NOT BUILT"
refute_file narrow.sealift
expect_exit 1 sealift check narrow --found found.json --format json
refused SL-FIT-TYPES "number types" "bf16, fp16, int8; not fp8" "fp8 (weights are F8_E4M3)" \
    "FP8 is not supported by Ascend 910B: convert the weights to BF16 or W8A8"

# Out of memory: at build time by the profile, at the customer's by what was found there.
large='.deployment = {tensor_parallel: 8, overhead_bytes: 75161927680}'
make_recipe plain ../chip.json "$large"
expect_exit 1 sealift build plain -o large.sealift --signing-key release.key
expect_out_like '^SL-FIT-DEVICE-MEMORY  model in device memory: found 8 x 64 GiB a machine, wanted 8 x 77\.[0-9] GiB$'
refute_file large.sealift
make_recipe plain ../chip.json '.deployment = {tensor_parallel: 8, overhead_bytes: 42949672960}'
quietly sealift build plain -o fits.sealift --signing-key release.key
expect_exit 0 sealift check fits.sealift --found found.json
expect_out_like '^model in device memory +8 x 44\.[0-9] GiB +8 x 64 GiB +met$'
make_found small.json '.accelerators[].memory_bytes = 34359738368'
expect_exit 1 sealift check fits.sealift --found small.json
expect_out_like '^SL-FIT-DEVICE-MEMORY  model in device memory: found 8 x 32 GiB, wanted 8 x 44\.[0-9] GiB$'
make_found four.json '.accelerators = .accelerators[:4] | .device_nodes = .device_nodes[:4] + .device_nodes[8:]'
expect_exit 1 sealift check fits.sealift --found four.json
expect_out "hint: use two nodes like this one, and say so with --nodes 2"
expect_exit 0 sealift check fits.sealift --found four.json --nodes 2
make_found unsaid.json 'del(.accelerators[].memory_bytes)'
expect_exit 1 sealift check fits.sealift --found unsaid.json --format json
expect_json '.lines[] | select(.code == "SL-FIT-DEVICE-MEMORY") | .verdict' "cannot tell"

# Text from a machine is escaped once.
make_found hostile.json '.accelerators[].model = "\u001b[2J"'
expect_exit 1 sealift check plain.sealift --found hostile.json
expect_out_like '^Ascend 910B model .* 8 x \\x1b\[2J +not met$'
refute_out '\\x1b'

# Another chip behind the same PCI id.
make_found other.json '.accelerators[].model = "Ascend910B4"'
expect_exit 1 sealift check plain.sealift --found other.json --format json
refused SL-FIT-ACCELERATOR "Ascend 910B model" "8 x Ascend910B4" "Ascend910B1 or Ascend910B3" \
    "take a bundle for this chip; one PCI id stands for several"

# "socversion does not match": an operator's bytes do not say which chip it is for, so the recipe does, and the chip
# that was found has to be that one. A chip that the profile does not know is refused when the bundle is built.
make_weights kernel BF16
mkdir kernel/kernels
make_operator kernel/kernels/op.o
operator='.files += [{path: "kernels/op.o", role: "kernel"}] | .kernels = [{path: "kernels/op.o", targets: ["Ascend910B1"]}]'
make_recipe kernel ../chip.json "$operator"
quietly sealift build kernel -o kernel.sealift
for subject in kernel kernel.sealift; do
    expect_exit 1 sealift check $subject --found found.json --format json
    refused SL-FIT-KERNEL kernels "8 x Ascend910B3" "Ascend910B1 (kernels/op.o)" \
        "socversion does not match: take a bundle whose kernels are for 8 x Ascend910B3"
done
make_found b1.json '.accelerators[].model = "Ascend910B1"'
expect_exit 0 sealift check kernel.sealift --found b1.json
make_recipe kernel ../chip.json "$operator"' | .kernels[0].targets = ["Ascend310P3"]'
expect_exit 1 sealift build kernel -o other.sealift
expect_out SL-FIT-KERNEL
expect_out Ascend310P3
refute_file other.sealift

# Device nodes: one missing, and some that only a group may open, which is worth a note where nobody knows who asks.
make_found gone.json '.device_nodes = .device_nodes[1:]'
expect_exit 1 sealift check fits.sealift --found gone.json
expect_out "found missing: /dev/davinci{n}: 7 of 8"
make_found closed.json '.device_nodes[].mode = "0660"'
expect_exit 0 sealift check plain.sealift --found closed.json
expect_out_like '^SL-FIT-DEVICE-NODE .*: note: found /dev/davinci_manager \(0660, user 0, group 1000\)'

# Versions that nobody ran together are a note; accelerators that nobody knows are named.
make_found mixed.json '.software[0].version = "8.5"'
expect_exit 0 sealift check plain.sealift --found mixed.json
expect_out "these versions were not validated together; nearest set: 2026-10, 2026-10, Written for this story"
make_found strange.json '.accelerators[].id = "1bcf:001c" | del(.accelerators[].vendor)'
expect_exit 1 sealift check plain.sealift --found strange.json
expect_out "8 x 1bcf:001c of an unknown maker"

# An engine that insists on modes.
echo '{}' > plain/config/server.json
mindie='.engine = {name: "mindie", version: "2.3.0"} | .files += [{path: "config/server.json", role: "config"}]'
make_recipe plain ../chip.json "$mindie"
expect_exit 1 sealift build plain -o mindie.sealift
expect_out_like '^SL-FIT-MODE  modes of config files: found 0644 \(config/server.json\), wanted 0640$'
make_recipe plain ../chip.json "$mindie"' | .files[2].mode = "0640"'
expect_exit 0 sealift build plain -o mindie.sealift

# No answer is not a no.
expect_exit 3 sealift check plain.sealift --found no-such.json
expect_exit 3 sealift check no-such.sealift --found found.json
echo '{"schema": "sealift.machine/1"' > broken.json
expect_exit 3 sealift check plain.sealift --found broken.json
expect_err "sealift-runtime probe"
expect_exit 2 sealift check plain.sealift
expect_exit 2 sealift check plain.sealift --found found.json --nodes 0
head -c 700 plain.sealift > cut.sealift
expect_exit 1 sealift check cut.sealift --found found.json
expect_out SL-FORMAT-TRUNCATED
expect_exit 1 sealift check cut.sealift --found found.json --format json
expect_json .passed false
expect_json .verdict null
