# inspect: what a bundle says it is, and that nobody has checked that yet.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift

expect_exit 0 sealift inspect a.sealift
expect_out_like '^bundle +story 0.1.0, release 1$'
expect_out_like "^target +$profile "
expect_out_like '^ROLE +FILES +SIZE$'
expect_out_like '^weights +1 +'
expect_err "sealift verify --key"

expect_exit 0 sealift inspect a.sealift --format json
expect_json .schema sealift.inspect/1
expect_json .form file
expect_json .document.name story
expect_json '.claims_signatures_by | length' 1
expect_json '.document.files | length' 5

# Damage in the files is not its business, damage in the documents is.
cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of a.sealift "$weights")"
expect_exit 0 sealift inspect damaged.sealift
expect_err "sealift verify --key"
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
