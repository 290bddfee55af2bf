# profiles: the chips that bundles can be built for.
need_tool jq
export SEALIFT_PROFILES=$SOURCE/profiles

expect_exit 0 sealift profiles list
expect_out_like '^PROFILE +CLASS +VENDOR +MEMORY +HOST +TITLE$'
for profile in x86_64-v1 x86_64-v2 x86_64-v3 x86_64-v4 hygon-dhyana zen4 sapphirerapids armv8.2; do
    expect_out_like "^$profile +host +.+ +- +(x86_64|aarch64) +"
done
expect_out_like '^ascend-910b +accelerator +Huawei +64 GiB +any +'
expect_out_like '^ascend-910b4 +accelerator +Huawei +32 GiB +any +'
expect_out_like '^nvidia-h200 +accelerator +NVIDIA +140.4 GiB +any +'
expect_out_like '^biren-166m +accelerator +Biren +- +any +' # not published, so not guessed
expect_exit 0 sealift profiles list --format json
expect_json .schema sealift.profiles/1
expect_json '.profiles | length' "$(find "$SOURCE/profiles" -name '*.json' ! -name '*.schema.json' | wc -l)"
expect_json '.profiles[] | select(.id == "ascend-910c") | "\(.class) \(.device_memory_bytes) \(.devices_per_node) \(.pci_ids)"' 'accelerator 68719476736 16 ["19e5:d803"]'
expect_json '.profiles[] | select(.id == "biren-166m") | has("device_memory_bytes") or has("pci_ids")' false
expect_json '.profiles[] | select(.id == "zen4").digest' "sha256:$(sha256sum < "$SOURCE/profiles/zen4.json" | cut -d' ' -f1)"

# Shown as stored, so that it hashes to the digest above.
sealift profiles show zen4 > shown
expect_same shown "$SOURCE/profiles/zen4.json"
expect_exit 0 sealift profiles show ./shown
expect_exit 0 sealift profiles show ascend-910b --format table
expect_out_like '^FIGURE +VALUE +SOURCE$'
expect_out_like '^memory of one device +64 GiB +cann$'
expect_out_like '^does not compute +fp8 mxfp4 mxfp8 +'
expect_out_like '^mode of config files for mindie +0640 +mindie-modes$'
expect_out_like '^validated together 2026-08-22 +vllm 0.23.0 \+ vllm-ascend 0.23.0 \+ .*CANN 9.1.0 +vllm-ascend$'
expect_out_like '^vllm-ascend +2026-08-22 +https://github.com/vllm-project/vllm-ascend +'
expect_exit 2 sealift profiles show zen4 --format yaml

# Every profile keeps the rules; what a site could not be told is said, and refuses nothing.
expect_exit 0 sealift profiles lint --all
expect_out_like "^FINE  ([0-9]+) of \\1 profiles keep the rules$"
expect_out_like '^SL-FIT-ACCELERATOR .*biren-166m.json: Biren 166M has no .pci_ids., so no site can tell it$'
expect_exit 0 sealift profiles lint x86_64-v1 ./shown --format json
expect_json .schema sealift.profiles-lint/1
expect_json .passed true
expect_json .profiles 2
expect_exit 2 sealift profiles lint
expect_err "say --all"
expect_exit 2 sealift profiles lint zen4 --all
expect_exit 2 sealift profiles lint no-such-chip
expect_exit 3 sealift profiles lint ./no-such-file.json

# A chip is one file: a copy with a figure changed is a profile wherever a profile is asked for.
sealift profiles show ascend-910b | jq '.id = "my-910b" | .accelerators[0].quantity = 8' > my-910b.json
expect_exit 0 sealift profiles lint my-910b.json
expect_out "FINE  1 of 1 profiles keep the rules"
expect_exit 0 sealift profiles show ./my-910b.json --format table
expect_out_like '^accelerator +8 x Ascend 910B +'

# What breaks a rule is refused, each with its code; the rest is still looked at.
jq 'del(.accelerators[0].memory.source)' my-910b.json > unsourced.json
jq '.number_types.lacks = ["fp8_e4m3"]' my-910b.json > mistyped.json
jq '.accelerators[0].pci_ids |= reverse' my-910b.json > unsorted.json
jq '.sources[0].date = "2026-02-30"' my-910b.json > undated.json
for broken in unsourced mistyped unsorted undated; do
    expect_exit 1 sealift profiles lint ./$broken.json
    expect_out_like "^SL-FORMAT-DOCUMENT +\\./$broken.json: "
    expect_out "REFUSED  0 of 1 profiles keep the rules"
done
expect_exit 1 sealift profiles lint my-910b.json unsorted.json
expect_out "REFUSED  1 of 2 profiles keep the rules"
cp my-910b.json twin.json
expect_exit 1 sealift profiles lint my-910b.json twin.json
expect_out "is that of my-910b.json too"
unset SEALIFT_PROFILES
expect_exit 0 sealift profiles list --profiles "$SOURCE/profiles"
if [ -d "$SEALIFT_BIN/../../profiles" ]; then # found beside the program
    expect_exit 0 sealift profiles list
fi

expect_exit 2 sealift profiles show zen5 --profiles "$SOURCE/profiles"
expect_err zen5
expect_err "hint: known profiles: amd-mi300x "
expect_exit 3 sealift profiles show ../no-such-profile.json
expect_exit 2 sealift profiles
expect_err "needs a command"
expect_exit 2 sealift profiles lst
expect_err "did you mean list?"
mkdir folder
expect_exit 2 sealift profiles list --profiles no-such-folder
expect_err no-such-folder
jq '.cpu.architecture = "vax"' "$SOURCE/profiles/zen4.json" > folder/zen4.json
expect_exit 1 sealift profiles list --profiles folder
expect_err zen4.json
expect_err SL-FORMAT-DOCUMENT
jq '.surprise = 1' "$SOURCE/profiles/zen4.json" > folder/zen4.json
expect_exit 1 sealift profiles show zen4 --profiles folder
expect_err surprise
cp "$SOURCE/profiles/zen4.json" folder/other.json
expect_exit 1 sealift profiles show other --profiles folder
expect_err other.json
