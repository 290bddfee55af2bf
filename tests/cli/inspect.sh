# inspect: what a bundle says it is, and that nobody has checked that yet.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift

expect_exit 0 sealift inspect a.sealift
expect_out_like '^bundle +story 0.1.0, release 1$'
expect_out_like "^target +$profile "
expect_out_like '^ROLE +FILES +SIZE$'
expect_out_like '^weights +1 +'
expect_err "sealift verify checks"

expect_exit 0 sealift inspect a.sealift --format json
expect_json .schema sealift.inspect/1
expect_json .form file
expect_json .document.name story
expect_json '.claims_signatures_by | length' 1
expect_json '.document.files | length' 5

# What the statements claim, which nobody has checked.
key=$(openssl pkey -pubin -in release.pub -outform DER | sha256sum | cut -d' ' -f1)
digest=$(jq -r .digest <<< "$out")
expect_json '[.statements[].kind] | sort | join(" ")' "BOM provenance release"
expect_json '[.statements[].names_keys[]] | unique | join(" ")' "$key"
expect_json '[.statements[] | .subjects[0] | .name + " " + .digest] | unique | join(" ")' "story@0.1.0 $digest"
expect_json '[.statements[].about_this_bundle] | all' true
expect_json '.statements[] | select(.kind == "release").claims | "\(.product) \(.version) \(.release_counter)"' "story 0.1.0 1"
expect_json '.statements[] | select(.kind == "BOM").claims.boms | length' 2
expect_exit 0 sealift inspect a.sealift
expect_out_like "^STATEMENT +ABOUT +SIZE +NAMES KEYS +CLAIMS, NOT CHECKED\$"
expect_out_like "^release +this bundle +[0-9]+ B +${key:0:16}\\.\\.\\. +release 1, security epoch 0\$"
make_keys second
quietly sealift build input-none -o terms.sealift --signing-key release.key --builder-key second.key \
    --builder-id urn:example:ci --security-epoch 3 --expires 2098-01-01 --policy-min-version 4 --replaces "$digest" \
    --export-classification "ECCN 5D992.c" --export-destination DE --export-destination AT
expect_exit 0 sealift inspect terms.sealift
expect_out "release 1, security epoch 3, ends 2098-01-01T00:00:00Z, needs policy version 4, replaces 1 bundle, export ECCN 5D992.c to AT DE"
expect_out "built by urn:example:ci"
expect_exit 0 sealift inspect terms.sealift --format json
expect_json '.claims_signatures_by | length' 2
expect_json '.statements[] | select(.kind == "release").claims | "\(.expires) \(.replaces[0]) \(.export.destination | join(","))"' \
    "2098-01-01T00:00:00Z $digest AT,DE"
quietly sealift policy new --id family-a -o p.json --root second.pub --root-threshold 1 --release release.pub \
    --release-threshold 1 --expires 2098-01-01
quietly sealift policy sign p.json --signing-key second.key
quietly sealift sign a.sealift --attach p.dsse.json -o policy.sealift
expect_exit 0 sealift inspect policy.sealift
expect_out_like "^trust policy +- .* family-a version 1, ends 2098-01-01T00:00:00Z\$"
expect_exit 0 sealift inspect policy.sealift --format json
expect_json '.statements[] | select(.kind == "trust policy").claims | "\(.policy_id) \(.version) \(.digest)"' \
    "family-a 1 sha256:$(jq -r .payload p.dsse.json | base64 -d | sha256sum | cut -d' ' -f1)"

# Nothing that an envelope says makes it fail.
python3 - > strange.jsonl << 'PYTHON'
import base64, json
def envelope(kind, payload):
    print(json.dumps({"payload": base64.b64encode(payload).decode(), "payloadType": kind, "signatures": [{"sig": "AAAA"}]}))
envelope("application/vnd.in-toto+json", b"")
envelope("application/vnd.in-toto+json", b"[" * 1000)
envelope("application/vnd.in-toto+json", json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [
    {"name": "x", "digest": {"sha256": "0" * 64}}], "predicateType": "urn:sealift:release/v1", "predicate": {}}).encode())
envelope("application/vnd.in-toto+json", json.dumps({"_type": "https://in-toto.io/Statement/v1", "subject": [
    {"name": "x", "digest": {"sha256": "0" * 64}}], "predicateType": "urn:some:thing", "predicate": {}}).encode())
envelope("application/vnd.sealift.trust-policy.v1+json", b"{}")
envelope("text/plain", b"hello")
PYTHON
quietly sealift sign a.sealift --attach strange.jsonl -o strange.sealift
expect_exit 0 sealift inspect strange.sealift
expect_out "cannot be read: "
expect_out_like "^other +x +.* \\(none\\) +urn:some:thing\$"
expect_exit 0 sealift inspect strange.sealift --format json
expect_json '.statements | length' 9
expect_json '[.statements[] | select(.problem)] | length' 4
expect_json '.statements[] | select(.type == "text/plain") | "\(.kind) \(.payload_bytes) \(.names_keys[0])"' "other 5 "

# Damage in the files is not its business, damage in the documents is.
cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of a.sealift "$weights")"
expect_exit 0 sealift inspect damaged.sealift
expect_err "sealift verify checks"
cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(entry_offset a.sealift index.json)"
expect_exit 1 sealift inspect damaged.sealift
expect_err "[SL-"
expect_err damaged.sealift
expect_exit 1 sealift inspect release.pub
expect_err SL-FORMAT
expect_exit 3 sealift inspect no-such.sealift
expect_err "hint: "
expect_exit 2 sealift inspect
expect_exit 2 sealift inspect a.sealift b.sealift
expect_err "b.sealift"
