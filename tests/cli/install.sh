# install: verified while it is copied, visible by one rename; a no leaves the site as it was.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_bundle folder/
make_keys stranger
hex=$(sealift inspect a.sealift --format json 2> /dev/null | jq -r '.digest[7:23]')

expect_exit 0 sealift-runtime install a.sealift --key release.pub --site site --dry-run
expect_out_like '^REQUIRED +WANTED +FOUND +VERDICT$'
expect_out_like "^architecture +$(uname -m) +$(uname -m) +met\$"
expect_err "dry run: would write"
refute_file site

# Refusals first: nothing is written.
expect_exit 1 sealift-runtime install a.sealift --key stranger.pub --site site
expect_out SL-TRUST-KEY
expect_out "NOT INSTALLED"
expect_out "the site is as it was"
quietly sealift build input-none -o unsigned.sealift
expect_exit 1 sealift-runtime install unsigned.sealift --key release.pub --site site --format json
expect_json .installed false
expect_json '.findings[0].code' SL-TRUST-UNSIGNED
expect_exit 3 sealift-runtime install a.sealift --site site
expect_err SL-TRUST-NO-POLICY
expect_err "--key"
expect_exit 3 sealift-runtime install no-such.sealift --key release.pub --site site
expect_exit 3 sealift-runtime install a.sealift --key no-such.pub --site site
expect_exit 1 sealift-runtime install release.pub --key release.pub --site site
expect_out SL-FORMAT
refute_file site
cp a.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of a.sealift "$weights")" 5
expect_exit 1 sealift-runtime install damaged.sealift --key release.pub --site site
expect_out SL-CONTENT-DIGEST
expect_out "$weights"
expect_equal "$(find site -type f -size +0 2> /dev/null | grep -v lock | wc -l)" 0

expect_exit 0 sealift-runtime install a.sealift --key release.pub --site site
expect_out "INSTALLED  story 0.1.0 as generation 000001-$hex"
expect_same "site/generations/000001-$hex/files/$weights" "input-none/$weights"
expect_equal "$(stat -c %a "site/generations/000001-$hex/files/engine/stub_engine")" 755
expect_file "site/generations/000001-$hex/files/docs/LICENSE"

# Again is no second generation; another release is.
expect_exit 0 sealift-runtime install folder --key release.pub --site site --format json
expect_json .was_there true
expect_json .generation "000001-$hex"
quietly sealift init input-none --profile "$profile" --name story --bundle-version 0.2.0 --yes
quietly sealift build input-none -o b/ --signing-key release.key
expect_exit 0 sealift-runtime install b --key release.pub --site site --format json
expect_json .installed true
expect_json '.generation[0:7]' 000002-
expect_json '[.fit[].verdict] | unique - ["met", "note"] | length' 0

expect_exit 0 sealift-runtime status --site site
expect_out_like "^000001-$hex +story 0.1.0"
expect_out_like '^000002-[0-9a-f]{16} +story 0.2.0 +candidate$'
expect_exit 0 sealift-runtime status --site site --format json
expect_json '[.generations[].candidate] | map(tostring) | join(" ")' "false true"

# A site that cannot be one.
expect_exit 3 sealift-runtime install a.sealift --key release.pub --site release.pub
expect_err release.pub
refute_err "terminate called"
