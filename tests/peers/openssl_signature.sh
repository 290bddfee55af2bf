# labels: peers
# tar, jq, base64 and openssl prove a signature with nothing of ours; a bit more or less, and they do not.
. "$SOURCE/tests/cli/input.bash"
need_tool openssl tar jq base64
echo "a passphrase" > passphrase
quietly sealift keygen -o release --passphrase-file passphrase
make_keys stranger
make_input input-none
quietly sealift init input-none --profile "$profile" --name story
quietly sealift build input-none -o a.sealift --signing-key release.key --passphrase-file passphrase

blob() { tar -xOf a.sealift "blobs/sha256/${1#sha256:}"; }
tar -xOf a.sealift index.json > index.json
envelope=
for manifest in $(jq -r '.manifests[].digest' index.json); do
    blob "$manifest" > manifest.json
    if jq -e '.subject' manifest.json > "$STORY_CONTROL/subject"; then
        subject=$(jq -r .subject.digest manifest.json)
        envelope=$(jq -r '.layers[0].digest' manifest.json)
    fi
done
blob "$envelope" > envelope.json
type=$(jq -r .payloadType envelope.json)
jq -r .payload envelope.json | base64 -d > statement.json
expect_exit 0 jq -r '.subject[0].digest.sha256' statement.json
expect_out_is "${subject#sha256:}"
expect_exit 0 jq -r ._type statement.json
expect_out_is https://in-toto.io/Statement/v1

{ printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(stat -c %s statement.json)"; cat statement.json; } > pae
jq -r '.signatures[0].sig' envelope.json | base64 -d > signature
expect_equal "$(stat -c %s signature)" 64
check() { openssl pkeyutl -verify -rawin -pubin -inkey "$1" -in "$2" -sigfile "$3"; }
expect_exit 0 check release.pub pae signature
expect_out "Signature Verified Successfully"
expect_exit 1 check stranger.pub pae signature
cp pae other-pae
flip_bit other-pae 300
expect_exit 1 check release.pub other-pae signature
cp signature other-signature
flip_bit other-signature 40
expect_exit 1 check release.pub pae other-signature

# And the other way round: what openssl signs with our key file is what sealift signs.
openssl pkeyutl -sign -rawin -inkey release.key -passin file:passphrase -in pae -out signature-of-openssl
expect_same signature signature-of-openssl
# A key that openssl made signs and verifies too.
openssl genpkey -algorithm ED25519 -out theirs.key
openssl pkey -in theirs.key -pubout -out theirs.pub
expect_exit 0 sealift sign a.sealift --signing-key theirs.key
expect_exit 0 sealift verify a.sealift --key theirs.pub
# One of another kind does not; keys.sh has the other kinds that do.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out curve.key
openssl pkey -in curve.key -pubout -out curve.pub
expect_exit 3 sealift sign a.sealift --signing-key curve.key
expect_exit 3 sealift verify a.sealift --key curve.pub
