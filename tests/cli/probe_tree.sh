# probe of a copied tree, and the same bytes whoever asks: what a customer sends before anything is shipped.
need_tool jq
export SEALIFT_PROFILES=$SOURCE/profiles

# This machine: twice, in another language, as somebody else.
sealift-runtime probe --format json > first
LC_ALL=zh_CN.UTF-8 TZ=Asia/Shanghai HOME=/nowhere sealift-runtime probe --format json > second
expect_same first second
expect_equal "$(jq -r '.machine | has("identities")' first)" false
for secret in "$(uname -n)" "$(cat /etc/machine-id 2> /dev/null)"; do
    [ ${#secret} -lt 5 ] || expect_equal "$(grep -cF -- "$secret" first)" 0
done
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
    # Rights change what can be read, and what could not be read is listed; nothing else differs.
    other=$(mktemp -d)
    trap 'rm -rf "$other"' EXIT
    cp "$(command -v sealift-runtime)" "$other" && cp -r "$SEALIFT_PROFILES" "$other/profiles" && chmod -R a+rX "$other"
    expect_exit 0 setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$other/sealift-runtime" probe --profiles "$other/profiles" --format json
    jq 'del(.machine.unreadable)' first > first.known
    jq 'del(.machine.unreadable)' <<< "$out" > third.known
    expect_same first.known third.known
fi
expect_exit 0 sealift-runtime probe --identities --format json
expect_json '.machine | has("identities")' true
expect_json .machine.identities.host_name "$(uname -n)"

# A copied tree is read inside, links and all, and what it does not say is unknown.
put() {
    mkdir -p "tree$(dirname "$1")"
    printf '%s\n' "$2" > "tree$1"
}
put /proc/sys/kernel/ostype Linux
put /proc/sys/kernel/osrelease 5.10.0-136.12.0.86.aarch64
put /etc/os-release 'ID="openEuler"'
put /proc/meminfo 'MemTotal:       1056764416 kB'
put /proc/cpuinfo 'processor	: 0
Features	: fp asimd aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimdrdm jscvt fcma dcpop asimddp asimdfhm
CPU implementer	: 0x48
CPU variant	: 0x1
CPU part	: 0xd01
CPU revision	: 0'
put /data/npu/driver/version.info Version=25.2.0
put /etc/ascend_install.info Driver_Install_Path_Param=/data/npu
for bus in 01 02 41; do
    put /sys/bus/pci/devices/0000:$bus:00.0/vendor 0x19e5
    put /sys/bus/pci/devices/0000:$bus:00.0/device 0xd803
    put /sys/bus/pci/devices/0000:$bus:00.0/class 0x120000
done
put /sys/bus/pci/devices/0000:41:00.0/device 0xffff
ln -s /proc/meminfo tree/opt-link
mkdir -p tree/sys/class/dmi tree/sys/devices/virtual/dmi/id tree/opt/maca
echo "To be filled by O.E.M." > tree/sys/devices/virtual/dmi/id/product_name
echo Huawei > tree/sys/devices/virtual/dmi/id/sys_vendor
echo SECRET-4711 > tree/sys/devices/virtual/dmi/id/product_serial
ln -s /sys/devices/virtual/dmi/id tree/sys/class/dmi/id
expect_exit 0 sealift-runtime probe --sysroot tree --format json
expect_json .machine.cpu.source /proc/cpuinfo
expect_json '.machine.cpu.family, .machine.cpu.model' $'72\n3329'
expect_json .machine.system.id openEuler
expect_json '.machine.firmware | tojson' '{"system_vendor":"Huawei"}'
expect_json '[.machine.accelerators[].id] | tojson' '["19e5:d803","19e5:d803","19e5:ffff"]'
expect_json '.machine.software[0].path' /data/npu/driver/version.info
expect_json '.machine.unreadable | tojson' '["/opt/maca"]'
refute_out SECRET
refute_out "$(uname -r)"
expect_exit 0 sealift-runtime probe --sysroot tree
expect_out_like '^accelerator +2 x 19e5:d803 Huawei \(0000:01:00.0 0000:02:00.0\)$'
expect_out_like '^accelerator +19e5:ffff Huawei \(0000:41:00.0\)$'
expect_out_like '^processor from +/proc/cpuinfo$'
expect_out_like '^unreadable +/opt/maca$'

# The document of a probe in a file, which is made once.
expect_exit 0 sealift-runtime probe --sysroot tree -o found.json
expect_out_is ""
expect_equal "$(jq -r .schema found.json)" sealift.probe/1
expect_equal "$(jq -r .machine.schema found.json)" sealift.machine/1
expect_exit 2 sealift-runtime probe --sysroot tree -o found.json
expect_err found.json
