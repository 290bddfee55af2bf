# keygen: two files that openssl reads too, a passphrase by default, and nothing is replaced unasked.
need_tool openssl jq

# Without a terminal there is nobody to ask for a passphrase.
expect_exit 3 sealift keygen -o release
expect_err "hint: "
expect_err "--passphrase-file"
refute_file release.key
refute_file release.pub

echo "correct horse battery staple" > passphrase
expect_exit 0 sealift keygen -o release --passphrase-file passphrase
expect_out_like '^key id +[0-9a-f]{64}$'
refute_err warning
expect_equal "$(stat -c %a release.key)" 600
expect_equal "$(stat -c %a release.pub)" 644

expect_exit 2 sealift keygen -o release --no-passphrase
expect_err "release.key"
expect_err "--force"
expect_exit 2 sealift keygen -o other --no-passphrase --passphrase-file passphrase
expect_exit 2 sealift keygen --no-passphrase
expect_err "--output"
expect_exit 3 sealift keygen -o other --passphrase-file no-such-file
: > empty
expect_exit 3 sealift keygen -o other --passphrase-file empty
refute_file other.key

expect_exit 0 sealift keygen -o plain --no-passphrase
expect_err "warning: "
expect_err "not encrypted"
expect_exit 0 sealift keygen -o from-stdin --passphrase-file - --format json < passphrase
expect_json .encrypted true
expect_json .schema sealift.keygen/1
expect_json .secret_key from-stdin.key

# openssl reads all of them; the key id is the digest of what it shows.
expect_exit 0 openssl pkey -in release.key -passin file:passphrase -noout -text
expect_out "ED25519 Private-Key"
expect_exit 1 openssl pkey -in release.key -passin pass:wrong -noout
expect_exit 0 openssl pkey -in plain.key -pubout
expect_out_is "$(cat plain.pub)"
openssl pkey -pubin -in from-stdin.pub -outform DER > spki.der
expect_equal "$(openssl pkey -in from-stdin.key -passin file:passphrase -pubout)" "$(cat from-stdin.pub)"
expect_exit 0 sealift keygen -o from-stdin --no-passphrase --force --format json
expect_json .encrypted false
openssl pkey -pubin -in from-stdin.pub -outform DER > new.der
expect_json .key_id "$(sha256sum < new.der | cut -d' ' -f1)"
refute_same spki.der new.der

# Other types; openssl makes sense of each.
for type in p256 sm2; do
    expect_exit 0 sealift keygen -o $type --type $type --passphrase-file passphrase
    expect_equal "$(stat -c %a $type.key)" 600
    expect_exit 0 openssl pkey -in $type.key -passin file:passphrase -pubout
    expect_out_is "$(cat $type.pub)"
    expect_exit 0 openssl pkey -in $type.key -passin file:passphrase -check -noout
    expect_exit 1 openssl pkey -in $type.key -passin pass:wrong -noout
    expect_exit 0 sealift keygen -o $type --type $type --no-passphrase --force --format json
    expect_json .key_id "$(openssl pkey -pubin -in $type.pub -outform DER | sha256sum | cut -d' ' -f1)"
done
expect_json .type sm2-sm3
expect_exit 0 openssl pkey -pubin -in p256.pub -noout -text
expect_out prime256v1
expect_exit 0 openssl pkey -pubin -in sm2.pub -noout -text
expect_out SM2
for type in ed25519 ecdsa-p256-sha256 sm2-sm3; do # as policies name them
    expect_exit 0 sealift keygen -o named --type $type --no-passphrase --force --format json
    expect_json .type $type
done
for type in rsa p384 ED25519 ecdsa ""; do
    expect_exit 2 sealift keygen -o other --type "$type" --no-passphrase
done
refute_file other.key
