# Trust in a release: two of three keys of two owners, all that the policy requires, and nothing that was meant for
# somebody else. Whatever is refused leaves the site as it was.
. "$SOURCE/tests/cli/trust.bash"
builder=urn:example:ci
first_policy p1 --products story
edit_policy strict p1 '.require |= map(if .predicate == "https://slsa.dev/provenance/v1"
    then .match = {"/runDetails/builder/id": ["urn:example:ci"]} else . end)'
pin strict
draft none.sealift 1 --builder-id $builder

# --- who has signed ---------------------------------------------------------------------------------------
refused SL-TRUST-MISSING none.sealift
expect_out "urn:sealift:release/v1"
cp none.sealift one.sealift && sign_by release-1 one.sealift
refused SL-TRUST-THRESHOLD one.sealift
expect_out "1 key of 1 owner signed, wanted 2 of 2 owners"
# The same key again is no second key, nor is the same signature.
cp one.sealift again.sealift && sign_by release-1 again.sealift
expect_same one.sealift again.sealift
quietly sealift sign none.sealift --signing-key release-1.key --detached one.jsonl
jq -c '.signatures += .signatures' one.jsonl > twice.jsonl
jq -c '.signatures += [.signatures[0] | .keyid = "00"]' one.jsonl > renamed.jsonl
refused SL-TRUST-THRESHOLD none.sealift --attestations twice.jsonl
refused SL-TRUST-THRESHOLD none.sealift --attestations renamed.jsonl
# Two keys of one owner.
cp none.sealift owner.sealift && sign_by "release-2 release-3" owner.sealift
refused SL-TRUST-THRESHOLD owner.sealift
expect_out "2 keys of 1 owner signed, wanted 2 of 2 owners"
# Two halves that were never about one thing.
quietly sealift sign none.sealift --signing-key release-2.key --expires 2098-01-01 --detached other.jsonl
refused SL-TRUST-THRESHOLD one.sealift --attestations other.jsonl

# Each pair of two owners will do, in the bundle or beside it.
cp none.sealift good.sealift && sign_by "release-1 release-3" good.sealift
expect_exit 0 sealift-runtime verify good.sealift
expect_out TRUSTED
expect_out "signed by $(key_id release-1)"
expect_out "signed by $(key_id release-3)"
quietly sealift sign none.sealift --signing-key release-2.key --detached one.jsonl # joins what is there
expect_exit 0 sealift-runtime verify none.sealift --attestations one.jsonl
expect_exit 0 sealift-runtime verify good.sealift --explain
expect_out "signed by role 'release': dept-a, dept-b"

# --- a single stolen key ----------------------------------------------------------------------------------
# With release-1.key somebody builds another bundle, and has every statement signed by it.
make_input evil
quietly sealift init evil --profile "$profile" --name story --license model=MIT
echo "a back door" >> "evil/$kernel"
quietly sealift build evil -o evil.sealift --signing-key release-1.key --builder-id $builder
refused SL-TRUST-THRESHOLD evil.sealift
expect_out "https://slsa.dev/provenance/v1"
# A second signature by nobody known, and one that only pretends, do not help.
sign_by stranger evil.sealift
refused SL-TRUST-THRESHOLD evil.sealift
quietly sealift sign evil.sealift --signing-key release-1.key --detached evil.jsonl
jq -c --arg id "$(key_id release-2)" '.signatures += [.signatures[0] | .keyid = $id]' evil.jsonl > pretends.jsonl
refused SL-TRUST-THRESHOLD evil.sealift --attestations pretends.jsonl
# The good statement on the evil bundle: it is about something else.
quietly sealift sign good.sealift --signing-key release-1.key --detached good.jsonl
quietly sealift sign good.sealift --signing-key release-2.key --detached good.jsonl
quietly sealift build evil -o bare.sealift --builder-key builder.key --builder-id $builder
refused SL-TRUST-MISSING bare.sealift --attestations good.jsonl
expect_out "it is about something else than this bundle"

# --- what the builder says --------------------------------------------------------------------------------
draft elsewhere.sealift 1 --builder-id urn:example:laptop
sign_by "release-1 release-2" elsewhere.sealift
refused SL-TRUST-MISSING elsewhere.sealift
expect_out "'/runDetails/builder/id' is none of those that the policy allows"
quietly sealift build input-1 -o own.sealift --builder-key stranger.key --builder-id $builder
sign_by "release-1 release-2" own.sealift
refused SL-TRUST-MISSING own.sealift

# --- statements that were taken away, and put back --------------------------------------------------------
# without BUNDLE/ PREDICATE: a copy of a folder bundle in which nothing is left of the statements of this type.
without() {
    cp -r "$1" "${1%/}-$3"
    python3 - "${1%/}-$3" "$2" << 'PYTHON' || fail "nothing was taken away"
import base64, json, os, sys
folder, predicate = sys.argv[1:]
def path(digest): return os.path.join(folder, "blobs", *digest.split(":"))
def read(digest): return json.load(open(path(digest)))
index = json.load(open(folder + "/index.json"))
gone = [entry for entry in index["manifests"]
        if predicate in read(entry["digest"]).get("artifactType", "") or any(
            "dsse" in layer["mediaType"] and predicate.encode() in base64.b64decode(read(layer["digest"])["payload"])
            for layer in read(entry["digest"])["layers"])]
gone = [entry for entry in gone if "subject" in read(entry["digest"])]
for entry in gone:
    os.remove(path(read(entry["digest"])["layers"][0]["digest"]))
    os.remove(path(entry["digest"]))
    index["manifests"].remove(entry)
json.dump(index, open(folder + "/index.json", "w"), separators=(",", ":"))
sys.exit(0 if len(gone) == 1 else 1)
PYTHON
}
draft folder/ 1 --builder-id $builder
sign_by "release-1 release-2" folder/
expect_exit 0 sealift-runtime verify folder/
without folder/ https://slsa.dev/provenance/v1 provenance
refused SL-TRUST-MISSING folder-provenance/
expect_out "https://slsa.dev/provenance/v1"
expect_equal "$(grep -c SL-TRUST-MISSING <<< "$out")" 1
without folder/ https://in-toto.io/attestation/reference/v0.1 bom
refused SL-TRUST-MISSING folder-bom/
expect_out "https://cyclonedx.org/bom"
without folder/ urn:sealift:release/v1 release
refused SL-TRUST-MISSING folder-release/
expect_out "urn:sealift:release/v1"
expect_exit 0 sealift-runtime verify folder-release/ --attestations good.jsonl
without folder-provenance/ https://in-toto.io/attestation/reference/v0.1 both
refused SL-TRUST-MISSING folder-provenance-both/
expect_equal "$(grep -c SL-TRUST-MISSING <<< "$out")" 2

# --- somebody else's product, and a release that has ended ------------------------------------------------
first_policy others --products llm-b
expect_exit 1 sealift-runtime verify good.sealift --policy others.dsse.json
expect_out SL-TRUST-PRODUCT
expect_out "may release llm-b, and not 'story'"
rm -r site && pin others
refused SL-TRUST-PRODUCT good.sealift
rm -r site && pin strict
cp none.sealift ended.sealift && sign_by "release-1 release-2" ended.sealift --expires 2021-01-01
refused SL-TRUST-EXPIRED ended.sealift
cp none.sealift newer.sealift && sign_by "release-1 release-2" newer.sealift --policy-min-version 2
refused SL-TRUST-POLICY-OLD newer.sealift

# After all that the good one goes in.
installed good.sealift
expect_equal "$(generations)" 1
expect_equal "$(state_seq)" 2
expect_exit 0 sealift-runtime trust show
expect_out_like "^story +1 "
