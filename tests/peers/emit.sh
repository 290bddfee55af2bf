# Signatures in other formats, as others check them: openssl, minisign, and sigstore's own code from npm.
. "$SOURCE/tests/cli/input.bash"
need_tool minisign openssl
need_npm sigstore
make_bundle a.sealift
make_keys stranger
quietly sealift keygen -o point --type ecdsa-p256-sha256 --no-passphrase
quietly sealift keygen -o other-point --type ecdsa-p256-sha256 --no-passphrase
digest=$(sealift inspect a.sealift --format json 2> "$STORY_CONTROL/quiet" | jq -r .digest)
cp a.sealift before.sealift

expect_exit 0 sealift sign a.sealift --emit oms,sigstore,minisign --emit-key point.key --emit-key release.key --emit-dir out --format json
expect_json '.emitted | length' 5
expect_json '.notes | length' 0
expect_same a.sealift before.sealift
model_paths=$(jq -r '.model_paths[]' <<< "$out")

key_id() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -c1-64; }
spki_hint() { openssl pkey -pubin -in "$1" -outform DER | openssl dgst -sha256 -binary | base64 -w0; }
pem_hint() { sha256sum < "$1" | cut -c1-64; }
ed25519_file=out/a.sealift.$(key_id release.pub | cut -c1-16).sigstore.json
p256_file=out/a.sealift.$(key_id point.pub | cut -c1-16).sigstore.json
expect_file "$ed25519_file"
expect_file "$p256_file"

# --- openssl: the DSSE signature of each file over its PAE -------------------------------------------------
pae_of() { # BUNDLE.json PAE SIGNATURE
    python3 - "$@" << 'PYTHON'
import base64, json, sys
envelope = json.load(open(sys.argv[1]))["dsseEnvelope"]
payload = base64.b64decode(envelope["payload"], validate=True)
kind = envelope["payloadType"].encode()
open(sys.argv[2], "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
[signature] = envelope["signatures"]
open(sys.argv[3], "wb").write(base64.b64decode(signature["sig"], validate=True))
PYTHON
}
openssl_takes() { # KEY.pub PAE SIGNATURE
    local digest=()
    [ "$1" = release.pub ] || [ "$1" = stranger.pub ] || digest=(-digest sha256)
    openssl pkeyutl -verify -rawin "${digest[@]}" -pubin -inkey "$1" -in "$2" -sigfile "$3"
}
for pair in "release.pub stranger.pub $ed25519_file" "point.pub other-point.pub $p256_file" \
    "point.pub other-point.pub out/a.sealift.model.sig"; do
    read -r key other file <<< "$pair"
    pae_of "$file" pae signature
    expect_exit 0 openssl_takes "$key" pae signature
    expect_exit 1 openssl_takes "$other" pae signature
    flip_bit pae 200
    expect_exit 1 openssl_takes "$key" pae signature
done

# --- sigstore's own code -----------------------------------------------------------------------------------
check() { node "$npm/check.mjs" "$@"; }
# damaged FILE OUT WHAT: the bundle with one bit of its payload or of its signature changed
damaged() {
    python3 - "$@" << 'PYTHON'
import base64, json, sys
bundle = json.load(open(sys.argv[1]))
envelope = bundle["dsseEnvelope"]
place, name = (envelope, "payload") if sys.argv[3] == "payload" else (envelope["signatures"][0], "sig")
data = bytearray(base64.b64decode(place[name]))
data[len(data) // 2] ^= 1
place[name] = base64.b64encode(data).decode()
json.dump(bundle, open(sys.argv[2], "w"))
PYTHON
}
for triple in "$ed25519_file release.pub stranger.pub $(spki_hint release.pub)" \
    "$p256_file point.pub other-point.pub $(spki_hint point.pub)" \
    "out/a.sealift.model.sig point.pub other-point.pub $(pem_hint point.pub)"; do
    read -r file key other hint <<< "$triple"
    expect_exit 0 check "$file" "$key" "$hint"
    expect_out_is "$(jq -r .dsseEnvelope.payload "$file" | base64 -d | sha256sum | cut -c1-64)"
    expect_exit 1 check "$file" "$other" "$hint"
    expect_err "signature verification failed"
    expect_exit 1 check "$file" "$key" another-hint
    expect_err "asked for the key $hint"
    for what in payload signature; do
        damaged "$file" damaged.json $what
        expect_exit 1 check damaged.json "$key" "$hint"
        expect_err "signature verification failed"
    done
done
# What is signed there is the release, and is about this bundle.
expect_exit 0 jq -r '.dsseEnvelope.payload | @base64d | fromjson | .subject[0].digest.sha256, .predicateType' "$p256_file"
expect_out_is "${digest#sha256:}
urn:sealift:release/v1"

# --- OMS: the statement is about the folder that extract makes, and about all of it -------------------------
# shellcheck disable=SC2086
quietly sealift extract a.sealift -o MODEL $model_paths
jq -r '.dsseEnvelope.payload | @base64d' out/a.sealift.model.sig > statement.json
oms_matches() { # STATEMENT FOLDER, after the text of OMS v1.0
    python3 - "$@" << 'PYTHON'
import hashlib, json, os, sys
statement, top = json.load(open(sys.argv[1])), sys.argv[2]
found = {}
for folder, _, names in os.walk(top):
    for name in names:
        path = os.path.join(folder, name)
        found[os.path.relpath(path, top)] = hashlib.sha256(open(path, "rb").read()).hexdigest()
listed = [(one["name"], one["digest"]) for one in statement["predicate"]["resources"]]
root = hashlib.sha256(b"".join(bytes.fromhex(digest) for _, digest in listed)).hexdigest()
[subject] = statement["subject"]
if listed != sorted(found.items()) or subject["digest"] != {"sha256": root}:
    sys.exit("the folder is not the one that was signed")
PYTHON
}
expect_exit 0 oms_matches statement.json MODEL
echo "more" > MODEL/spare
expect_exit 1 oms_matches statement.json MODEL
rm MODEL/spare
flip_bit "MODEL/$weights" 5000
expect_exit 1 oms_matches statement.json MODEL

# --- minisign ----------------------------------------------------------------------------------------------
cp a.sealift checked
minisign_takes() { minisign -V -m checked -x "$1" -p "${2-out/a.sealift.minisign.pub}"; }
expect_exit 0 minisign_takes out/a.sealift.minisig
expect_out "Trusted comment: manifest:$digest counter:1"
flip_bit checked 70000
expect_exit 1 minisign_takes out/a.sealift.minisig
expect_err "Signature verification failed"
cp a.sealift checked
sed 's/counter:1/counter:2/' out/a.sealift.minisig > changed.minisig
expect_exit 1 minisign_takes changed.minisig
expect_err "Comment signature verification failed"
python3 - << 'PYTHON'
import base64
lines = open("out/a.sealift.minisig").read().split("\n")
data = bytearray(base64.b64decode(lines[1]))
data[40] ^= 1
lines[1] = base64.b64encode(data).decode()
open("changed.minisig", "w").write("\n".join(lines))
PYTHON
expect_exit 1 minisign_takes changed.minisig
quietly sealift sign a.sealift --emit minisign --emit-key stranger.key --emit-dir stranger
expect_exit 1 minisign_takes out/a.sealift.minisig stranger/a.sealift.minisign.pub

# Signing the bundle changes the file; the minisign signature is made after that.
quietly sealift sign a.sealift --signing-key point.key --emit minisign,sigstore --emit-key stranger.key -o b.sealift
cp b.sealift checked
expect_exit 0 minisign_takes b.sealift.minisig b.sealift.minisign.pub
expect_exit 1 minisign_takes out/a.sealift.minisig
# And the signature just made is there for sigstore, beside that of the key that signed the bundle first.
expect_exit 0 check "b.sealift.$(key_id point.pub | cut -c1-16).sigstore.json" point.pub "$(spki_hint point.pub)"
expect_exit 0 check "b.sealift.$(key_id release.pub | cut -c1-16).sigstore.json" release.pub "$(spki_hint release.pub)"
