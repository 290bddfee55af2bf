# sign prepare, show and attach for a trust policy: root keys are offline too; and a bundle that two of three keys of
# two owners have signed elsewhere is what that policy wants, one of them is not.
. "$SOURCE/tests/cli/input.bash"
need_tool openssl jq

key_id_of() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }

# policy_key OWNER PUBLIC_KEY: one member of "keys"
policy_key() {
    jq -n --arg id "$(key_id_of "$2")" --arg owner "$1" \
        --arg spki "$(openssl pkey -pubin -in "$2" -outform DER | base64 -w 0)" \
        '{($id): {type: "ed25519", spki: $spki, owner: $owner}}'
}

# ids PUBLIC_KEY...: a JSON list of key ids, sorted
ids() { for key in "$@"; do key_id_of "$key"; done | sort | jq -R . | jq -s .; }

make_keys root1 root2 alice bob carol
make_input input
quietly sealift init input --profile "$profile" --name story --license model=MIT
quietly sealift build input -o unsigned.sealift
{ policy_key dept-a root1.pub; policy_key dept-b root2.pub; policy_key dept-a alice.pub; policy_key dept-a bob.pub
  policy_key dept-b carol.pub; } | jq -s add > keys.json
jq -n --slurpfile keys keys.json --argjson root "$(ids root1.pub root2.pub)" \
    --argjson release "$(ids alice.pub bob.pub carol.pub)" '{
    _type: "urn:sealift:trust-policy/v1", policy_id: "family-a", version: 1,
    issued: "2026-01-01T00:00:00Z", expires: "2099-01-01T00:00:00Z", keys: $keys[0],
    roles: {release: {keys: $release, threshold: 2, distinct_owners: 2},
            root: {keys: $root, threshold: 2, distinct_owners: 2}},
    require: [{predicate: "urn:sealift:release/v1", role: "release"}],
    enforcement: "strict"}' > draft.json
alice=$(key_id_of alice.pub) bob=$(key_id_of bob.pub) carol=$(key_id_of carol.pub)
root1=$(key_id_of root1.pub) root2=$(key_id_of root2.pub)
sign() { openssl pkeyutl -sign -rawin -inkey "$1" -in "$2" -out "${2%.pae}.sig"; }

expect_exit 0 sealift sign prepare draft.json --key root1.pub --key root2.pub -o policy-paper
expect_out_like '^kind +trust policy$'
expect_exit 0 sealift sign show policy-paper/"$root1".pae
expect_out_like '^role +root: 2 of 2 keys, 2 owners$'
expect_out_like '^role +release: 2 of 3 keys, 2 owners$'
expect_out '"owner": "dept-b"' # all of it is shown
expect_exit 0 sealift sign show policy-paper/"$root1".pae --format json
expect_json .kind "trust policy"
digest=$(jq -r .payload_digest <<< "$out")
sign root1.key policy-paper/"$root1".pae
sign root2.key policy-paper/"$root2".pae
cp draft.json before.json
expect_exit 2 sealift sign attach draft.json policy-paper/"$root1".sig
expect_err "-o says where"
expect_same draft.json before.json
expect_exit 0 sealift sign attach draft.json policy-paper/"$root1".sig -o policy.dsse.json
expect_out "$digest"
cp policy.dsse.json half.dsse.json
expect_exit 0 sealift sign attach policy.dsse.json policy-paper/"$root2".sig
expect_exit 0 jq -r '.signatures | length' policy.dsse.json
expect_out_is 2

# The release, by one key, by two of one owner, by two of two owners.
expect_exit 0 sealift sign prepare unsigned.sealift --key alice.pub --key bob.pub --key carol.pub -o paper
for name in alice bob carol; do sign "$name".key paper/"${!name}".pae; done
verify() { sealift verify "$1" --policy policy.dsse.json --policy-digest "$digest"; }
expect_exit 1 verify unsigned.sealift
expect_exit 0 sealift sign attach unsigned.sealift paper/"$alice".sig -o one.sealift
expect_exit 1 verify one.sealift
expect_out SL-TRUST-THRESHOLD
expect_exit 0 sealift sign attach one.sealift paper/"$bob".sig -o same-owner.sealift
expect_exit 1 verify same-owner.sealift
expect_out SL-TRUST-THRESHOLD
expect_exit 0 sealift sign attach one.sealift paper/"$carol".sig -o two.sealift
expect_exit 0 verify two.sealift
expect_exit 0 sealift sign attach unsigned.sealift paper/"$alice".sig paper/"$bob".sig paper/"$carol".sig -o all.sealift
expect_exit 0 verify all.sealift
expect_exit 1 sealift verify two.sealift --policy half.dsse.json --policy-digest "$digest" # a policy that one root key signed

# Refused, and the file stays as it was.
cp policy.dsse.json before.dsse.json
refuse() {
    local wanted=$1
    shift
    expect_exit "$wanted" sealift sign attach policy.dsse.json "$@"
    expect_same policy.dsse.json before.dsse.json
}
refuse 1 paper/"$alice".sig # a release is no policy
expect_err SL-TRUST-POLICY
jq '.version = 2 | .prev = {version: 1, sha256: ("0" * 64)}' draft.json > next.json
expect_exit 0 sealift sign prepare next.json --key root1.pub -o next
sign root1.key next/"$root1".pae
refuse 1 next/"$root1".sig # another version
expect_err SL-TRUST-POLICY
expect_exit 1 sealift sign attach two.sealift policy-paper/"$root1".sig # a policy is no statement about a bundle
expect_err SL-TRUST-STATEMENT
mkdir odd
cp policy-paper/"$root1".pub odd/
printf '%s' "$(sed 's/"threshold":2/"threshold":1/g' policy-paper/"$root1".pae)" > odd/"$root1".pae
sign root1.key odd/"$root1".pae
refuse 1 odd/"$root1".sig
expect_exit 2 sealift sign prepare draft.json --rehearse 2 -o none
jq '.surprise = 1' draft.json > odd.json
expect_exit 1 sealift sign prepare odd.json --key root1.pub -o none
expect_err SL-TRUST-POLICY
echo '{}' > odd.json
expect_exit 1 sealift sign prepare odd.json --key root1.pub -o none
refute_file none
