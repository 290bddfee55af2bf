# sign --emit: what is written where, what is replaced, and what is refused.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_keys second
quietly sealift keygen -o point --type ecdsa-p256-sha256 --no-passphrase
quietly sealift keygen -o sm --type sm2-sm3 --no-passphrase
cp a.sealift before.sealift
key_id() { openssl pkey -pubin -in "$1" -outform DER | sha256sum | cut -c1-64; }
release_file() { echo "$1.$(key_id release.pub | cut -c1-16).sigstore.json"; }
nothing_beside() { [ -z "$(find . -maxdepth 1 \( -name '*.model.sig' -o -name '*.minis*' -o -name '*.sigstore.json' \))" ]; }

# --- refusals, after which nothing is there ----------------------------------------------------------------
expect_exit 2 sealift sign a.sealift --emit notation
expect_err notation
expect_exit 2 sealift sign a.sealift --emit minisign
expect_err "--emit minisign needs a key"
expect_err "--emit-key FILE"
expect_exit 2 sealift sign a.sealift --emit-key point.key
expect_exit 2 sealift sign a.sealift --emit-key point.key --signing-key second.key
expect_err "--emit, which is missing"
expect_exit 2 sealift sign a.sealift --emit sigstore -o b.sealift
expect_err "--signing-key is missing"
expect_exit 1 sealift sign a.sealift --emit oms --signing-key second.key
expect_err "takes a P-256 key, and this one is ed25519"
expect_err "--type ecdsa-p256-sha256"
expect_exit 1 sealift sign a.sealift --emit minisign --emit-key point.key
expect_err "minisign has Ed25519 keys only"
expect_exit 1 sealift sign a.sealift --emit sigstore --emit-key sm.key
expect_err "sigstore has no SM2 keys"
expect_same a.sealift before.sealift
refute_file b.sealift
expect_exit 0 nothing_beside

quietly sealift build input-none -o folder/ --signing-key release.key
expect_exit 1 sealift sign folder/ --emit minisign --emit-key second.key
expect_err "minisign signs one file, and this bundle is a folder"
expect_exit 0 sealift sign folder/ --emit oms,sigstore --emit-key point.key
expect_file folder.model.sig
expect_file "$(release_file folder)"
rm folder.*

cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of a.sealift "$weights")"
for format in oms minisign sigstore; do
    expect_exit 1 sealift sign damaged.sealift --emit $format --emit-key point.key --emit-key second.key
    expect_err SL-CONTENT-DIGEST
    expect_err "$weights"
done
expect_exit 0 nothing_beside

# --- what is in the way ------------------------------------------------------------------------------------
echo "a letter" > a.sealift.minisig
expect_exit 2 sealift sign a.sealift --emit minisign --emit-key second.key
expect_err "a.sealift.minisig"
expect_exit 2 sealift sign a.sealift --emit minisign --signing-key second.key
expect_same a.sealift before.sealift # refused before it was signed
expect_equal "$(cat a.sealift.minisig)" "a letter"
: > a.sealift.minisig
expect_exit 0 sealift sign a.sealift --emit minisign --emit-key second.key
expect_file a.sealift.minisign.pub
cp a.sealift.minisig first.minisig
expect_exit 0 sealift sign a.sealift --emit minisign --emit-key second.key # its own kind goes
expect_same a.sealift.minisig first.minisig
expect_exit 2 sealift sign a.sealift --emit minisign --emit-key release.key
expect_err "a.sealift.minisign.pub' exists and is not the public key"
expect_same a.sealift.minisig first.minisig
ln -s first.minisig a.sealift.model.sig
expect_exit 2 sealift sign a.sealift --emit oms --emit-key point.key
rm a.sealift.model.sig

# --- what is written ---------------------------------------------------------------------------------------
expect_exit 0 sealift sign a.sealift --emit oms --emit-key point.key
expect_out "oms       a.sealift.model.sig"
expect_out "sealift extract a.sealift -o MODEL docs weights"
# Signatures that are in the bundle need no secret, and a bundle need not be read for them.
expect_exit 0 sealift sign a.sealift --emit sigstore
expect_out "$(release_file a.sealift)"
expect_out "not checked: the signature by key $(key_id release.pub)"
expect_exit 0 sealift sign a.sealift --emit sigstore --key release.pub --format json
expect_json .schema sealift.emit/1
expect_json '.notes | length' 0
expect_json '.emitted[0].key_id' "$(key_id release.pub)"
expect_json '.emitted[0].path' "$(release_file a.sealift)"
expect_same a.sealift before.sealift

# P-256 and SM2 signatures look alike, so the key has to tell; what sigstore has no key for is left out.
quietly sealift sign a.sealift --signing-key point.key
quietly sealift sign a.sealift --signing-key sm.key
expect_exit 0 sealift sign a.sealift --emit sigstore --key release.pub --format json
expect_json '.emitted | length' 1
expect_json '.notes | length' 2
expect_exit 0 sealift sign a.sealift --emit sigstore --key release.pub --key point.pub --key sm.pub --format json
expect_json '.emitted | length' 2
expect_json '.notes | length' 1
expect_out "sigstore has no SM2 keys"

# A detached signature joins those of the bundle.
expect_exit 0 sealift sign a.sealift --signing-key second.key --detached late.jsonl --emit sigstore --key release.pub --format json
expect_json .schema sealift.sign/1
expect_json '.emitted | length' 2
