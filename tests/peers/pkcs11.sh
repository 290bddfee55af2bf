# labels: peers
# A key that lives in a token (SoftHSM2) signs, and openssl agrees; with a wrong name, PIN or key there is no answer.
. "$SOURCE/tests/cli/input.bash"
. "$SOURCE/tests/cli/token.bash"
need_tool openssl jq tar
make_bundle a.sealift
cp a.sealift original.sealift

make_token ceremony 1234
make_token_key ceremony 1234 release 01 EC:edwards25519
make_token_key ceremony 1234 twin 02 EC:edwards25519
make_token_key ceremony 1234 twin 03 EC:edwards25519
make_token_key ceremony 1234 old 05 rsa:2048
make_token_key ceremony 1234 curve 06 EC:secp384r1
make_token_key ceremony 1234 careful 07 EC:edwards25519 --always-auth
make_token_key ceremony 1234 alone 08 EC:edwards25519
token_tool ceremony 1234 --delete-object --type pubkey --id 08 > "$STORY_CONTROL/quiet"
make_token_key ceremony 1234 swapped 09 EC:edwards25519
(umask 077 && echo 1234 > pin && echo 9999 > wrong)
token_public_key ceremony 1234 01 token.pub
module="module-path=$token_module"
key="pkcs11:token=ceremony;object=release;id=%01"

# The PIN from a file that the URI names, from one that an option names, or from the environment.
expect_exit 0 sealift sign a.sealift --signing-key "$key?$module&pin-source=file:$DIR/pin"
expect_out "2 signatures"
expect_exit 0 sealift verify a.sealift --key token.pub
cp a.sealift signed.sealift
expect_exit 0 sealift sign original.sealift -o b.sealift --signing-key "$key?$module" --passphrase-file pin
expect_same b.sealift signed.sealift # Ed25519: the same signature each time
expect_exit 0 env SEALIFT_PKCS11_MODULE="$token_module" SEALIFT_PASSPHRASE_FILE=pin \
    sealift sign original.sealift -o c.sealift --signing-key "$key"
expect_same c.sealift signed.sealift
expect_exit 0 sealift sign original.sealift -o d.sealift --passphrase-file - --signing-key "$key?$module" < pin
expect_same d.sealift signed.sealift
# Built and signed at once.
expect_exit 0 sealift build input-none -o e.sealift --signing-key "$key?$module&pin-source=file:$DIR/pin"
expect_exit 0 sealift verify e.sealift --key token.pub

# openssl says the same with nothing of ours.
# The shortest statement: pkcs11-tool signs over a kilobyte in parts, which Ed25519 in a token cannot.
envelope=$(for manifest in $(tar -xOf e.sealift index.json | jq -r '.manifests[].digest'); do
    tar -xOf e.sealift "blobs/sha256/${manifest#sha256:}" | jq -r 'select(.subject) | .layers[0] | "\(.size) \(.digest)"'
done | sort -n | sed -n '1s/.* //p')
tar -xOf e.sealift "blobs/sha256/${envelope#sha256:}" > envelope.json
type=$(jq -r .payloadType envelope.json)
jq -r .payload envelope.json | base64 -d > statement.json
{ printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(stat -c %s statement.json)"; cat statement.json; } > pae
jq -r '.signatures[0].sig' envelope.json | base64 -d > signature
expect_exit 0 openssl pkeyutl -verify -rawin -pubin -inkey token.pub -in pae -sigfile signature
# And what pkcs11-tool signs with the key is what sealift signs with it.
expect_exit 0 token_tool ceremony 1234 --sign --mechanism EDDSA --id 01 --input-file pae --output-file theirs
expect_same theirs signature

# P-256: the token gives r and s side by side, the envelope has DER, and openssl takes it.
make_token_key ceremony 1234 p256 0b EC:prime256v1
token_public_key ceremony 1234 0b p256.pub
for i in 1 2 3; do # the signatures are random, and so are their forms
    expect_exit 0 sealift build input-none -o p.sealift --signing-key "pkcs11:object=p256?$module&pin-source=file:$DIR/pin"
    expect_exit 0 sealift verify p.sealift --key p256.pub
done
expect_exit 1 sealift verify p.sealift --key token.pub
expect_exit 0 sealift sign prepare original.sealift --key p256.pub -o paper
p256=$(basename paper/*.pae .pae)
openssl dgst -sha256 -binary paper/"$p256".pae > digest
p256_sign() { # p256_sign FORM
    rm -f paper/"$p256".sig
    token_tool ceremony 1234 --sign --mechanism ECDSA --id 0b --signature-format "$1" --input-file digest --output-file paper/"$p256".sig
}
expect_exit 0 p256_sign rs
expect_equal "$(stat -c %s paper/"$p256".sig)" 64
expect_exit 0 sealift sign attach original.sealift paper/"$p256".sig -o r.sealift
expect_exit 0 sealift verify r.sealift --key p256.pub
expect_exit 0 p256_sign openssl
expect_exit 0 openssl dgst -sha256 -verify p256.pub -signature paper/"$p256".sig paper/"$p256".pae
expect_exit 0 sealift sign attach original.sealift paper/"$p256".sig -o r.sealift
expect_exit 0 sealift verify r.sealift --key p256.pub

# On the machine with the token.
rm paper/"$p256".sig
expect_exit 0 sealift sign bytes paper/"$p256".pae --signing-key "pkcs11:object=p256?$module&pin-source=file:$DIR/pin"
expect_exit 0 sealift sign attach original.sealift paper/"$p256".sig -o r.sealift

# A key that wants its PIN with each signature.
token_public_key ceremony 1234 07 careful.pub
expect_exit 0 sealift sign a.sealift --signing-key "pkcs11:object=careful?$module&pin-source=file:$DIR/pin"
expect_exit 0 sealift verify a.sealift --key careful.pub

# A key that was made elsewhere, with its public half in a certificate only, as on smart cards.
openssl genpkey -algorithm ed25519 -out imported.key
openssl pkey -in imported.key -pubout -out imported.pub
quietly openssl req -x509 -new -key imported.key -subj /CN=story -days 30 -outform DER -out imported.der
quietly softhsm2-util --import imported.key --token ceremony --pin 1234 --label imported --id 0a
expect_exit 0 sealift sign a.sealift --signing-key "pkcs11:object=imported?$module&pin-source=file:$DIR/pin"
quietly token_tool ceremony 1234 --delete-object --type pubkey --id 0a
quietly token_tool ceremony 1234 --write-object imported.der --type cert --id 0a
expect_exit 0 sealift sign a.sealift --signing-key "pkcs11:object=imported?$module&pin-source=file:$DIR/pin"
expect_out "4 signatures"
expect_exit 0 sealift verify a.sealift --key imported.pub

# Refused, and the bundle stays as it was.
cp a.sealift before.sealift
sign() { sealift sign a.sealift --signing-key "$1" --passphrase-file pin; }
expect_exit 3 sign "$key"
expect_err "no PKCS#11 module is named"
expect_err SEALIFT_PKCS11_MODULE
expect_exit 3 sign "$key?module-path=/no/such/module.so"
expect_err /no/such/module.so
expect_exit 3 sign "$key?module-path=$(realpath /lib/*/libz.so.1)"
expect_err "no PKCS#11 module"
expect_exit 3 env SOFTHSM2_CONF=/no/such/file sealift sign a.sealift --signing-key "$key?$module"
expect_exit 3 sign "pkcs11:token=other;object=release?$module"
expect_err "'ceremony'"
expect_exit 3 sign "pkcs11:token=ceremony;object=nobody?$module"
expect_err "'release' (id 01)"
expect_exit 3 sign "pkcs11:token=ceremony;object=release;id=%02?$module"
expect_exit 3 sign "pkcs11:token=ceremony;object=twin?$module"
expect_err "2 private keys fit"
expect_err "(id 02)"
expect_err "(id 03)"
expect_exit 3 sign "pkcs11:object=old?$module"
expect_err "an RSA key"
expect_exit 3 sign "pkcs11:object=curve?$module"
expect_err "on a curve that is not used here"
expect_exit 3 sign "pkcs11:object=alone?$module"
expect_err "neither a public key nor a certificate"

# A public key that is not the private key's: no signature comes out.
quietly token_tool ceremony 1234 --delete-object --type pubkey --id 09
quietly token_tool ceremony 1234 --type pubkey --id 02 --set-id 09
expect_exit 3 sign "pkcs11:object=swapped?$module"
expect_err "no signature by the public key"

# The PIN.
expect_exit 3 sealift sign a.sealift --signing-key "$key?$module&pin-source=file:$DIR/wrong"
expect_err CKR_PIN_INCORRECT
expect_err "hint: "
refute_err 9999
expect_exit 3 sealift sign a.sealift --signing-key "$key?$module"
expect_err "--passphrase-file"
expect_exit 2 sealift sign a.sealift --signing-key "$key?$module&pin-source=file:$DIR/pin" --passphrase-file pin
expect_exit 2 sealift sign a.sealift --signing-key "$key?$module&pin-value=1234"
expect_err "pin-value is not accepted"
refute_err 1234
expect_exit 2 sealift sign a.sealift --signing-key "$key?$module&pin-source=file:pin"
expect_same a.sealift before.sealift

# Two tokens with the same key name: which one is said, or there is no answer.
make_token second 4321
make_token_key second 4321 release 01 EC:edwards25519
expect_exit 3 sealift sign a.sealift --signing-key "pkcs11:object=release?$module" --passphrase-file pin
expect_err "2 tokens fit"
echo 4321 > pin
token_public_key second 4321 01 second.pub
expect_exit 0 sealift sign a.sealift --signing-key "pkcs11:token=second?$module" --passphrase-file pin
expect_exit 0 sealift verify a.sealift --key second.pub

# What LeakSanitizer overlooks is SoftHSM's alone: another module's leak it reports, in this very environment.
echo 1234 > pin
cp original.sealift f.sealift
leaky() { FAKE_TOKEN=$1 sealift sign f.sealift --signing-key "pkcs11:?module-path=$SEALIFT_BIN/fake_token.so" --passphrase-file pin; }
expect_exit 0 leaky none
case "${ASAN_OPTIONS-}" in
'') expect_exit 0 leaky leak ;; # nobody looks
*)
    expect_exit 1 leaky leak
    expect_err "LeakSanitizer: detected memory leaks"
    expect_err "4321 byte(s)"
    refute_err libsofthsm2.so
    ;;
esac
