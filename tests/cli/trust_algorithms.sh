# Two algorithms, both required: a release counts when Ed25519 and SM2 have signed the same bytes.
. "$SOURCE/tests/cli/trust.bash"
for name in root release builder; do
    quietly sealift keygen -o $name-sm --type sm2 --no-passphrase
done
grep -q "BEGIN PUBLIC KEY" release-sm.pub || fail "release-sm.pub is no public key"
quietly sealift policy new --id family-a -o both.json --all-of ed25519 --all-of sm2-sm3 --expires 2099-01-01 \
    --root root-1.pub=dept-a --root root-sm.pub=dept-a --root-threshold 1 \
    --release release-1.pub=dept-a --release release-sm.pub=dept-a --release-threshold 1 \
    --builder builder.pub=ci --builder builder-sm.pub=ci
expect_equal "$(jq -c '.algorithms.all_of' both.json)" '[["ed25519"],["sm2-sm3"]]'

# The policy itself is under the rule: one kind of root key is not enough.
quietly sealift policy sign both.json --signing-key root-1.key
expect_exit 1 sealift-runtime trust init both.dsse.json --digest "$(policy_digest both.dsse.json)"
expect_out SL-TRUST-ALGORITHM
refute_file site/trust
quietly sealift policy sign both.dsse.json --signing-key root-sm.key
pin both

# by RELEASE_KEYS OUTPUT: builders always sign with both.
draft none.sealift 1
quietly sealift sign none.sealift --as builder --signing-key builder-sm.key
by() { cp none.sealift "$2"; sign_by "$1" "$2"; }
by release-1 ed25519.sealift
refused SL-TRUST-ALGORITHM ed25519.sealift
expect_out "with sm2-sm3"
by release-sm sm2.sealift
refused SL-TRUST-ALGORITHM sm2.sealift
expect_out "with ed25519"
# A second Ed25519 key does not stand in for SM2.
by "release-1 release-2" two.sealift
refused SL-TRUST-ALGORITHM two.sealift
by "release-1 release-sm" good.sealift
# Both are over one payload, and openssl agrees about the SM2 one, with the id that the standard has.
quietly sealift sign none.sealift --signing-key release-sm.key --detached sm.jsonl
payload() { jq -r .payload sm.jsonl | base64 -d; }
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(payload | wc -c)"; payload; } > pae
jq -r '.signatures[0].sig' sm.jsonl | base64 -d > sig
expect_exit 0 openssl pkeyutl -verify -rawin -digest sm3 -pkeyopt distid:1234567812345678 -pubin \
    -inkey release-sm.pub -in pae -sigfile sig
expect_exit 1 openssl pkeyutl -verify -rawin -digest sm3 -pkeyopt distid:somebody -pubin \
    -inkey release-sm.pub -in pae -sigfile sig
# The builder's statements are under the rule as well.
draft lone.sealift 1
sign_by "release-1 release-sm" lone.sealift
refused SL-TRUST-ALGORITHM lone.sealift
# A changed SM2 signature beside a good Ed25519 one.
python3 - sm.jsonl broken.jsonl << 'PYTHON'
import base64, json, sys
envelope = json.load(open(sys.argv[1]))
sig = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
sig[-1] ^= 1
envelope["signatures"][0]["sig"] = base64.b64encode(bytes(sig)).decode()
json.dump(envelope, open(sys.argv[2], "w"))
PYTHON
cp none.sealift broken.sealift
sign_by release-1 broken.sealift
remember_site
expect_exit 1 sealift-runtime install broken.sealift --attestations broken.jsonl
expect_out_like "SL-TRUST-(ALGORITHM|SIGNATURE)"
expect_site_as_it_was

expect_exit 0 sealift-runtime verify good.sealift --format json
expect_json '.evidence[] | select(.role == "release") | .keys | length' 2
installed good.sealift
# Without the rule one is enough, whichever it is.
jq 'del(.algorithms)' both.json > any.json
quietly sealift policy sign any.json --signing-key root-sm.key
expect_exit 0 sealift-runtime verify sm2.sealift --policy any.dsse.json
expect_exit 0 sealift-runtime verify sm2.sealift --key release-sm.pub
expect_exit 0 sealift-runtime verify ed25519.sealift --policy any.dsse.json
