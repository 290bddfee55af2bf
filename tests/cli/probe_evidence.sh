# probe with plug-ins and evidence: what a vendor's tool says comes in, is recorded, and never wins over files.
need_tool jq awk
export SEALIFT_PROFILES=$SOURCE/profiles
plugins=$SOURCE/examples/probe-plugins

# A copied tree with two NPUs on PCI, whose memory no file tells.
for bus in 01 c1; do
    mkdir -p tree/sys/bus/pci/devices/0000:$bus:00.0
    echo 0x19e5 > tree/sys/bus/pci/devices/0000:$bus:00.0/vendor
    echo 0xd802 > tree/sys/bus/pci/devices/0000:$bus:00.0/device
    echo 0x120000 > tree/sys/bus/pci/devices/0000:$bus:00.0/class
done
mkdir -p tree/usr/local/Ascend/driver
echo Version=25.2.0 > tree/usr/local/Ascend/driver/version.info

cat > npu.txt << 'TABLE'
+------------------------------------------------------------------------------------------------+
| npu-smi 25.2.0                   Version: 25.2.0                                               |
+---------------------------+---------------+----------------------------------------------------+
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
| 0     910B3               | OK            | 93.3        37                0    / 0             |
| 0                         | 0000:C1:00.0  | 0           0    / 0          3405 / 65536         |
+===========================+===============+====================================================+
| 1     910B3               | OK            | 93.3        37                0    / 0             |
| 0                         | 0000:01:00.0  | 0           0    / 0          3405 / 65536         |
+===========================+===============+====================================================+
TABLE
"$plugins/npu-smi-evidence" npu.txt > npu.json
expect_exit 0 sealift-runtime probe --sysroot tree --evidence npu.json --format json
expect_json '[.machine.accelerators[].memory_bytes] | unique | .[]' 68719476736
expect_json '[.machine.accelerators[].model] | unique | .[]' Ascend910B3
expect_json '.machine.evidence[0].tool' npu-smi
expect_json '.machine.evidence[0].digest' "sha256:$(sha256sum < npu.json | cut -d' ' -f1)"
expect_json '.machine.software[0] | .name + " " + .version' "Ascend HDK driver 25.2.0"
expect_exit 0 sealift-runtime probe --sysroot tree --evidence npu.json
expect_out_like '^accelerator +2 x 19e5:d802 Huawei Ascend910B3, 68.7 GB \(0000:01:00.0 0000:c1:00.0\)$'
expect_out_like '^evidence +npu-smi 25.2.0, sha256:[0-9a-f]{64}$'
expect_out_like '^driver +Ascend HDK driver 25.2.0 \(/usr/local/Ascend/driver/version.info\)$'

# Two NPUs behind one function are one line of a file with two devices.
cat > duo.txt << 'TABLE'
| npu-smi 24.1.0                   Version: 24.1.0                                               |
| 1     310P3               | OK            | NA          42                0     / 0            |
| 0       0                 | 0000:01:00.0  | 0           1580 / 44280                           |
| 1     310P3               | OK            | NA          42                0     / 0            |
| 1       1                 | 0000:01:00.0  | 0           1580 / 44280                           |
TABLE
"$plugins/npu-smi-evidence" duo.txt > duo.json
expect_equal "$(jq -c '.devices[0] | [.model, .memory_bytes, .devices]' duo.json)" '["Ascend310P3",46430945280,2]'
expect_exit 1 "$plugins/npu-smi-evidence" /dev/null

printf '00000000:C1:00.0, NVIDIA H100 80GB HBM3, 81559, 535.104.05\n' > nvidia.txt
"$plugins/nvidia-smi-evidence" nvidia.txt > nvidia.json
expect_equal "$(jq -c '[.devices[0].address, .devices[0].memory_bytes, .software[0].version]' nvidia.json)" \
    '["0000:c1:00.0",85520809984,"535.104.05"]'
expect_exit 1 "$plugins/nvidia-smi-evidence" npu.txt

# Contradictions are listed, and nothing is preferred in silence.
sed 's/68719476736/34359738368/g; s/npu-smi/other-smi/' npu.json > other.json
expect_exit 0 sealift-runtime probe --sysroot tree --evidence npu.json --evidence other.json --format json
expect_json '[.machine.accelerators[] | has("memory_bytes")] | any' false
expect_json '[.machine.unreadable[] | select(startswith("other-smi: memory of 0000:01:00.0"))] | length' 1
cp "$STORY_CONTROL/out" one-way
expect_exit 0 sealift-runtime probe --sysroot tree --evidence other.json --evidence npu.json --format json
expect_same one-way "$STORY_CONTROL/out"

# A plug-in is run on this machine, as it is named, and with nothing.
printf '#!/bin/sh\n[ -z "${HOME-}${SEALIFT_PROFILES-}" ] || exit 9\nprintf %%s '"'"'{"schema":"sealift.probe-evidence/1","tool":"t"}'"'" > plugin
chmod +x plugin
expect_exit 0 sealift-runtime probe --plugin ./plugin --format json
expect_json '.machine.evidence[0].tool' t
expect_exit 2 sealift-runtime probe --plugin ./plugin --sysroot tree
expect_err --evidence
expect_exit 2 sealift-runtime probe --plugin ./plugin --plugin ./plugin
expect_exit 3 sealift-runtime probe --plugin ./no-such-plugin
expect_err no-such-plugin
printf '#!/bin/sh\necho broken >&2\nexit 4\n' > plugin
expect_exit 3 sealift-runtime probe --plugin ./plugin
expect_err "exit status 4: broken"
printf '#!/bin/sh\necho npu-smi 25.2.0\n' > plugin
expect_exit 3 sealift-runtime probe --plugin ./plugin
expect_err "not JSON"
echo '{"schema":"sealift.probe-evidence/1","tool":"t","host":"db1"}' > bad.json
expect_exit 3 sealift-runtime probe --evidence bad.json
expect_err bad.json
expect_exit 3 sealift-runtime probe --evidence no-such.json
