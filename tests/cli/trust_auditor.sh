# The auditor: what verify says in JSON is derived again with openssl, jq, base64 and sha256sum alone.
. "$SOURCE/tests/cli/trust.bash"
need_tool base64 tar
first_policy p1
next_policy p2 p1 --threshold release=1 --distinct-owners release=1
pin p1
release good.sealift 1
quietly sealift sign good.sealift --attach p2.dsse.json
expect_exit 0 sealift-runtime verify good.sealift --format json
cp "$STORY_CONTROL/out" answer.json
mkdir opened && tar -xf good.sealift -C opened
blob() { echo "opened/blobs/sha256/${1#sha256:}"; }
sha256() { sha256sum | sed 's/ .*//; s/^/sha256:/'; }
# payload ENVELOPE; pae ENVELOPE
payload() { jq -r .payload "$1" | base64 -d; }
pae() {
    local type
    type=$(jq -rj .payloadType "$1")
    printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(payload "$1" | wc -c)"
    payload "$1"
}
# signed_by KEYNAME ENVELOPE: openssl says so.
signed_by() {
    pae "$2" > pae
    jq -r --arg key "$(key_id "$1")" '.signatures[] | select(.keyid == $key).sig' "$2" | base64 -d > sig
    expect_exit 0 openssl pkeyutl -verify -rawin -pubin -inkey "$1.pub" -in pae -sigfile sig
}

# The bundle is the manifest that the index names, and it is what all statements are about.
bundle=$(jq -r .digest answer.json)
expect_equal "$(sha256 < "$(blob "$bundle")")" "$bundle"
expect_equal "$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "bundle").digest' \
    opened/index.json)" "$bundle"

# Every line of evidence: the envelope is a blob, the payload and the signed bytes hash to what is said.
count=$(jq '.evidence | length' answer.json)
expect_equal "$count" 4
for ((i = 0; i < count; ++i)); do
    one=$(jq ".evidence[$i]" answer.json)
    envelope=$(blob "$(jq -r .envelope <<< "$one")")
    expect_file "$envelope"
    expect_equal "$(sha256 < "$envelope")" "$(jq -r .envelope <<< "$one")"
    expect_equal "$(payload "$envelope" | sha256)" "$(jq -r .payload <<< "$one")"
    expect_equal "$(payload "$envelope" | wc -c)" "$(jq -r .payload_bytes <<< "$one")"
    expect_equal "$(pae "$envelope" | sha256)" "$(jq -r .signed_bytes <<< "$one")"
    expect_equal "$(jq -r .payloadType "$envelope")" "$(jq -r .payload_type <<< "$one")"
done
# evidence ROLE PREDICATE FILTER
evidence() { jq -r --arg role "$1" --arg type "$2" ".evidence[] | select(.role == \$role and .predicate_type == \$type) | $3" answer.json; }
release=$(blob "$(evidence release urn:sealift:release/v1 .envelope)")
provenance=$(blob "$(evidence builder https://slsa.dev/provenance/v1 .envelope)")

# Who counted, by the keys of the policy and by openssl; and nobody else is named.
signed_by release-1 "$release"
signed_by release-2 "$release"
signed_by builder "$provenance"
expect_equal "$(evidence release urn:sealift:release/v1 '.keys | sort | join(" ")')" \
    "$(printf '%s\n' "$(key_id release-1)" "$(key_id release-2)" | sort | xargs)"
expect_equal "$(jq -r '.signed_by | join(" ")' answer.json)" "$(evidence release urn:sealift:release/v1 '.keys | sort | join(" ")')"
expect_equal "$(evidence release urn:sealift:release/v1 '.owners | join(" ")')" "dept-a dept-b"
expect_equal "$(evidence builder https://slsa.dev/provenance/v1 '.keys | join(" ")')" "$(key_id builder)"
# openssl can say no as well.
pae "$release" | sed 's/"release_counter":1/"release_counter":2/' > other
refute_same pae other
expect_exit 1 openssl pkeyutl -verify -rawin -pubin -inkey release-1.pub -in other -sigfile sig

# What they signed is this bundle, and the release that the answer names.
for envelope in "$release" "$provenance"; do
    expect_equal "sha256:$(payload "$envelope" | jq -r '.subject[0].digest.sha256')" "$bundle"
done
for member in product version release_counter; do
    expect_equal "$(payload "$release" | jq -r ".predicate.$member")" "$(jq -r ".release.$member" answer.json)"
done

# The policy: from the digest that was typed, by root keys of both versions, to the one in force.
expect_equal "$(jq -r '.policy.version' answer.json)" 2
policy=$(blob "$(jq -r '.evidence[] | select(.payload_type | endswith("trust-policy.v1+json")).envelope' answer.json)")
expect_equal "$(payload "$policy" | sha256)" "$(jq -r .policy.digest answer.json)"
expect_equal "sha256:$(payload "$policy" | jq -r .prev.sha256)" "$(cat site/trust/pin)"
expect_equal "$(payload site/trust/policy-1.dsse.json | sha256)" "$(cat site/trust/pin)"
for root in root-1 root-2; do
    signed_by $root "$policy"
    signed_by $root site/trust/policy-1.dsse.json
    expect_equal "$(payload site/trust/policy-1.dsse.json | jq --arg key "$(key_id $root)" '.roles.root.keys | index($key) != null')" true
done
# The policy gives these very keys that role, and keeps their bytes.
for key in release-1 release-2; do
    expect_equal "$(payload "$policy" | jq --arg key "$(key_id $key)" '.roles.release.keys | index($key) != null')" true
    expect_equal "$(payload "$policy" | jq -r --arg key "$(key_id $key)" '.keys[$key].spki')" \
        "$(openssl pkey -pubin -in $key.pub -outform DER | base64 -w 0)"
done

# A refusal is evidence too.
draft none.sealift 2
sign_by "stranger" none.sealift
next_policy p3 p2 --threshold release=2 --distinct-owners release=2
sign_by release-3 none.sealift
quietly sealift sign none.sealift --attach p2.dsse.json --attach p3.dsse.json
expect_exit 1 sealift-runtime verify none.sealift --format json
expect_json .trusted false
expect_json '.signed_by | length' 0
expect_json '[.findings[].code] | join(" ")' SL-TRUST-THRESHOLD
expect_json '.evidence[] | select(.role == "release") | .keys | join(" ")' "$(key_id release-3)"
expect_json '.chain[] | select(.what == "urn:sealift:release/v1").passed' false
