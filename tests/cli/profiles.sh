# profiles: the chips that bundles can be built for.
need_tool jq
export SEALIFT_PROFILES=$SOURCE/profiles

expect_exit 0 sealift profiles list
expect_out_like '^PROFILE +ARCHITECTURE +TITLE$'
for profile in x86_64-v1 x86_64-v2 x86_64-v3 x86_64-v4 hygon-dhyana zen4 sapphirerapids armv8.2; do
    expect_out_like "^$profile +(x86_64|aarch64) +"
done
expect_exit 0 sealift profiles list --format json
expect_json .schema sealift.profiles/1
expect_json '.profiles | length' 8
expect_json '.profiles[] | select(.id == "zen4").digest' "sha256:$(sha256sum < "$SOURCE/profiles/zen4.json" | cut -d' ' -f1)"

# Shown as stored, so that it hashes to the digest above.
sealift profiles show zen4 > shown
expect_same shown "$SOURCE/profiles/zen4.json"
expect_exit 0 sealift profiles show ./shown
unset SEALIFT_PROFILES
expect_exit 0 sealift profiles list --profiles "$SOURCE/profiles"
if [ -d "$SEALIFT_BIN/../../profiles" ]; then # found beside the program
    expect_exit 0 sealift profiles list
fi

expect_exit 2 sealift profiles show zen5 --profiles "$SOURCE/profiles"
expect_err zen5
expect_err "hint: known profiles: armv8.2 "
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
