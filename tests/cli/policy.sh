# policy: a trust policy over three versions, with root keys of two owners of which two have to sign.
. "$SOURCE/tests/cli/input.bash"
need_tool openssl jq
make_keys root-1 root-2 root-3 root-4 release-1 release-2 release-3 builder kernels stranger
key_id() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }
export SOURCE_DATE_EPOCH=1793491200 # 2026-11-01

# --- version 1 --------------------------------------------------------------------------------------------
new=(sealift policy new --id family-a --distinct-owners 2
    --root root-1.pub=dept-a --root root-2.pub=dept-b --root root-3.pub=dept-b --root-threshold 2
    --release release-1.pub=dept-a --release release-2.pub=dept-b --release-threshold 2)
expect_exit 0 "${new[@]}" -o first.json --builder builder.pub=ci --role kernels=kernels.pub=lab --days 365
expect_out "family-a version 1"
expect_equal "$(jq -r .expires first.json)" 2027-11-01T00:00:00Z
expect_equal "$(jq -r '.roles.root | "\(.threshold) \(.distinct_owners) \(.keys | length)"' first.json)" "2 2 3"
expect_equal "$(jq -r '.require[].role' first.json | xargs)" "release builder builder kernels"
expect_equal "$(jq -r '.roles.kernels.files[0]' first.json)" kernel
expect_exit 2 "${new[@]}" -o first.json # nothing is replaced
expect_err first.json
expect_exit 2 sealift policy new -o x.json --id x --root root-1.pub --root-threshold 2 \
    --release release-1.pub --release-threshold 1
expect_err threshold
expect_exit 2 sealift policy new -o x.json --id x --root root-1.pub --root-threshold 0 \
    --release release-1.pub --release-threshold 1
expect_exit 2 sealift policy new -o x.json --id x --root root-1.pub --root-threshold 1 \
    --release root-1.pub --release-threshold 1
expect_err "'root'"
expect_exit 2 sealift policy new -o x.json --id x --root root-1.pub --root root-2.pub --root-threshold 2 \
    --release release-1.pub --release-threshold 1 --distinct-owners 2 # nobody said whose keys they are
expect_err distinct_owners
expect_exit 2 sealift policy new -o x.json --id x --root root-1.pub=a --root root-1.pub=a --root-threshold 1 \
    --release release-1.pub --release-threshold 1
expect_exit 2 "${new[@]}" -o x.json --expires 2026-10-31
expect_exit 2 "${new[@]}" -o x.json --expires tomorrow
expect_exit 2 "${new[@]}" -o x.json --all-of rsa
expect_exit 3 sealift policy new -o x.json --id x --root root-1.key --root-threshold 1 \
    --release release-1.pub --release-threshold 1 # a secret key is no public key
refute_file x.json

# --- lint -------------------------------------------------------------------------------------------------
expect_exit 0 sealift policy lint first.json
expect_out FINE
expect_exit 0 sealift policy lint first.json --format json
expect_json .passed true
broken() { jq "$1" first.json > broken.json; }
broken '.roles.root.threshold = 0'
expect_exit 1 sealift policy lint broken.json
expect_out SL-TRUST-POLICY
expect_out threshold
broken '.enforcement = "audit"'
expect_exit 1 sealift policy lint broken.json --format json
expect_json '.findings[0].code' SL-TRUST-POLICY
expect_json .passed false
broken '.transparency = {}'
expect_exit 1 sealift policy lint broken.json
expect_out transparency
expect_exit 1 sealift policy sign broken.json --signing-key root-1.key
refute_file broken.dsse.json
broken '.roles.root.threshold = 3'
expect_exit 0 sealift policy lint broken.json
expect_out "spare"
broken '.roles.release.distinct_owners = 1'
expect_exit 0 sealift policy lint broken.json
expect_out "one owner"
broken ".revoked = {keys: [{keyid: \"$(key_id builder.pub)\", reason: \"lost\"}]}"
expect_exit 1 sealift policy lint broken.json # nobody is left who could build
expect_out "revoked"
broken '.algorithms = {all_of: [["ed25519"], ["sm2-sm3"]]}'
expect_exit 1 sealift policy lint broken.json
expect_out sm2-sm3
SOURCE_DATE_EPOCH=1830000000 expect_exit 1 sealift policy lint first.json
expect_out SL-TRUST-POLICY-EXPIRED
expect_exit 3 sealift policy lint no-such.json

# --- signing ----------------------------------------------------------------------------------------------
expect_exit 1 sealift policy sign first.json --signing-key stranger.key
expect_exit 1 sealift policy sign first.json --signing-key release-1.key
expect_err "no root key"
refute_file first.dsse.json
expect_exit 0 sealift policy sign first.json --signing-key root-2.key
expect_out "1 more signature needed, by 1 more owner"
expect_exit 2 sealift policy sign first.json --signing-key root-1.key # signatures that are there are kept
expect_err first.dsse.json
expect_exit 0 sealift policy show first.dsse.json
expect_out "1 more signature needed"
expect_exit 0 sealift policy sign first.dsse.json --signing-key root-3.key # of the same owner
expect_out "1 more owner needed"
expect_exit 1 sealift policy rotate first.dsse.json -o early.json
expect_err owner
refute_file early.json
expect_exit 0 sealift policy sign first.dsse.json --signing-key root-1.key --format json
expect_json '.sides[0].met' true
expect_json '.sides | length' 1

# The digest is that of the payload's bytes, and openssl agrees about a signature.
jq -r .payload first.dsse.json | base64 -d > payload
digest=$(sha256sum < payload | cut -d' ' -f1)
expect_exit 0 sealift policy show first.dsse.json
expect_out "sha256:$digest"
expect_out "$(fold -w8 <<< "$digest" | xargs)"
expect_out "root of version 1: met, by 3 keys of 2 owners"
expect_equal "$(jq -cS . payload)" "$(jq -cS . first.json)"
type=application/vnd.sealift.trust-policy.v1+json
{ printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(stat -c %s payload)"; cat payload; } > pae
jq -r --arg key "$(key_id root-1.pub)" '.signatures[] | select(.keyid == $key).sig' first.dsse.json | base64 -d > sig
expect_exit 0 openssl pkeyutl -verify -rawin -pubin -inkey root-1.pub -in pae -sigfile sig
expect_exit 0 sealift policy show first.dsse.json --format json
expect_json .schema sealift.policy/1
expect_json '.policies[0].digest' "sha256:$digest"
expect_json '.policies[0].root.met' true
expect_exit 0 sealift policy show first.json --format json
expect_json '.policies[0].kind' draft
expect_json '.policies[0].digest' "sha256:$digest" # of what is signed as it stands

# --- version 2: root-1 goes, root-4 comes; a release key was stolen ---------------------------------------
expect_exit 0 sealift policy rotate first.dsse.json -o second.json --days 365 \
    --remove-root "$(key_id root-1.pub | cut -c1-16)" --add-root root-4.pub=dept-c \
    --revoke "$(key_id release-2.pub)=stolen from the lab" --add release=release-3.pub=dept-b \
    --floor llm-a=40,3 --revoke-digest "sha256:$digest"
expect_equal "$(jq -r '"\(.version) \(.prev.version) \(.prev.sha256)"' second.json)" "2 1 $digest"
expect_equal "$(jq --arg key "$(key_id release-2.pub)" '.keys | has($key)' second.json)" false
expect_equal "$(jq --arg key "$(key_id root-1.pub)" '.keys | has($key)' second.json)" false
expect_equal "$(jq -c '.floors' second.json)" '{"llm-a":{"release_counter":40,"security_epoch":3}}'
expect_equal "$(jq -r '.revoked.keys[0].reason' second.json)" "stolen from the lab"
expect_exit 1 sealift policy sign second.json --signing-key root-1.key # known to version 1 alone
expect_err "--previous"
expect_exit 2 sealift policy sign second.json --signing-key root-1.key --previous second.json
expect_exit 0 sealift policy sign second.json --signing-key root-1.key --previous first.dsse.json
expect_out "root of version 1: 1 more signature needed, by 1 more owner"
expect_out "root of version 2: 2 more signatures needed, by 2 more owners"
expect_exit 0 sealift policy sign second.dsse.json --signing-key root-4.key --previous first.dsse.json
expect_out "root of version 2: 1 more signature needed, by 1 more owner"
expect_exit 1 sealift policy show first.dsse.json second.dsse.json # half signed is no step
expect_out "not enough"
expect_out SL-TRUST-THRESHOLD
expect_exit 0 sealift policy sign second.dsse.json --signing-key root-2.key --previous first.dsse.json # both sides
expect_out "root of version 1: met"
expect_out "root of version 2: met"

# --- version 3, and the chain -----------------------------------------------------------------------------
expect_exit 2 sealift policy rotate second.dsse.json -o third.json --floor llm-a=39
expect_err "go down"
expect_exit 2 sealift policy rotate second.dsse.json -o third.json --remove-root "$(key_id root-4.pub)" --threshold root=3
expect_exit 2 sealift policy rotate second.dsse.json -o third.json --remove nobody=0123456789abcdef
expect_exit 2 sealift policy rotate second.dsse.json -o third.json --remove-root 0123456
expect_exit 2 sealift policy rotate second.json -o third.json # a draft
expect_err "draft"
refute_file third.json
expect_exit 0 sealift policy rotate second.dsse.json -o third.json --threshold release=1 \
    --distinct-owners release=1 --counter-epoch 2 --expires 2029-01-01
quietly sealift policy sign third.json --signing-key root-4.key --previous second.dsse.json
expect_exit 0 sealift policy sign third.dsse.json --signing-key root-3.key --previous second.dsse.json
expect_out "root of version 2: met"
expect_out "root of version 3: met"
cat first.dsse.json second.dsse.json third.dsse.json > chain.jsonl
expect_exit 0 sealift policy show chain.jsonl
expect_out "family-a version 3"
expect_out "counter epoch 2"
expect_exit 0 sealift policy show third.dsse.json first.dsse.json second.dsse.json --format json
expect_json '[.policies[].version] | join(" ")' "1 2 3"
expect_json '.findings | length' 0
expect_exit 1 sealift policy show first.dsse.json third.dsse.json # no version is skipped
expect_out SL-TRUST-POLICY-CHAIN
expect_exit 0 sealift policy rotate chain.jsonl -o fourth.json
expect_equal "$(jq .version fourth.json)" 4
expect_exit 2 sealift policy sign third.dsse.json --signing-key root-4.key --previous first.dsse.json
expect_err "--previous is version 1"

# A third root key changes what it signs: the signatures no longer belong to it.
jq -c '.payload |= (@base64d | sub("dept-c"; "dept-x") | @base64)' third.dsse.json > forged.dsse.json
expect_exit 1 sealift policy show second.dsse.json forged.dsse.json
expect_out SL-TRUST-THRESHOLD
expect_exit 0 sealift policy show forged.dsse.json
expect_out "2 signatures by root keys are wrong"
expect_exit 1 sealift policy rotate forged.dsse.json -o x.json
refute_file x.json
