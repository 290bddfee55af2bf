# sign: a second signature on the same bundle.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_keys second stranger
echo "a passphrase" > passphrase
echo "another one" > wrong
quietly sealift keygen -o sealed --passphrase-file passphrase
digest=$(sealift inspect a.sealift --format json 2> /dev/null | jq -r .digest)

expect_exit 0 sealift sign a.sealift --signing-key second.key -o both.sealift
expect_out "bundle    $digest"
expect_out "2 signatures"
expect_exit 0 sealift verify both.sealift --key second.pub
expect_exit 0 sealift verify both.sealift --key release.pub
expect_exit 1 sealift verify both.sealift --key stranger.pub
expect_exit 1 sealift verify a.sealift --key second.pub # the original is as it was

expect_exit 0 sealift sign a.sealift --signing-key sealed.key --passphrase-file passphrase --format json
expect_json .digest "$digest"
expect_json .signatures 2
expect_json .output a.sealift
expect_exit 0 sealift verify a.sealift --key sealed.pub

# Twice by the same key is once.
cp a.sealift before.sealift
expect_exit 0 sealift sign a.sealift --signing-key sealed.key --passphrase-file passphrase
expect_out "2 signatures"
expect_same a.sealift before.sealift

# Without the passphrase there is no answer, and the bundle is as it was.
expect_exit 3 sealift sign a.sealift --signing-key sealed.key --passphrase-file wrong
expect_err passphrase
expect_exit 3 sealift sign a.sealift --signing-key sealed.key
expect_err "--passphrase-file"
expect_exit 3 sealift sign a.sealift --signing-key no-such.key
expect_exit 3 sealift sign a.sealift --signing-key stranger.pub
expect_exit 2 sealift sign a.sealift
expect_err "--signing-key"
expect_same a.sealift before.sealift

# Nobody signs what is damaged.
flip_bit a.sealift "$(offset_of a.sealift "$weights")"
cp a.sealift before.sealift
expect_exit 1 sealift sign a.sealift --signing-key second.key
expect_err SL-CONTENT-DIGEST
expect_err "$weights"
expect_same a.sealift before.sealift
expect_exit 3 sealift sign no-such.sealift --signing-key second.key
expect_exit 1 sealift sign passphrase --signing-key second.key
expect_err SL-FORMAT
