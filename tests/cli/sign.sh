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

# Terms that a bundle brings along are shown to whoever adds a signature; others than those are refused.
build_unsigned() { sealift build input-none -o "$1" > "$STORY_CONTROL/quiet" 2>&1; }
build_unsigned terms.sealift
expect_exit 0 sealift sign terms.sealift --signing-key release.key --security-epoch 3 --expires 2090-01-01 \
    --export-classification "ECCN 5D992.c" --export-destination DE --export-destination CN
expect_out "terms     security epoch 3"
expect_exit 0 sealift sign terms.sealift --signing-key second.key
expect_out "terms     security epoch 3"
expect_out "terms     expires 2090-01-01T00:00:00Z"
expect_out "terms     export classification ECCN 5D992.c, to CN, to DE"
expect_out "2 signatures"
cp terms.sealift before.sealift
expect_exit 1 sealift sign terms.sealift --signing-key second.key --security-epoch 2
expect_err SL-TRUST-STATEMENT
expect_err "other terms"
expect_same terms.sealift before.sealift
expect_exit 2 sealift sign terms.sealift --signing-key second.key --expires tomorrow
expect_exit 2 sealift sign terms.sealift --signing-key second.key --export-destination DE
