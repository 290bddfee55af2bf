# verify: trusted or not, and why not; the same from both programs.
. "$SOURCE/tests/cli/input.bash"
make_bundle a.sealift
make_bundle folder/
quietly sealift build input-none -o unsigned.sealift
make_keys stranger
id=$(openssl pkey -pubin -in release.pub -outform DER | sha256sum | cut -d' ' -f1)

for program in sealift sealift-runtime; do
    for bundle in a.sealift folder folder/; do
        expect_exit 0 $program verify $bundle --key release.pub
        expect_out "TRUSTED  story 0.1.0 for $profile"
        expect_out "signed by $id"
        expect_out_like '^not checked: roles, thresholds, .* \(only a key was given\)$'
        refute_err error
    done
    expect_exit 0 $program verify a.sealift --key stranger.pub --key release.pub --format json
    expect_json .trusted true
    expect_json '.signed_by | join(" ")' "$id"
    expect_json .files 5
    expect_json '[.findings[] | .code + " " + .severity] | join(" ")' "SL-TRUST-PARTIAL note"

    expect_exit 1 $program verify a.sealift --key stranger.pub
    expect_out SL-TRUST-KEY
    expect_out "REFUSED  a.sealift"
    refute_out "TRUSTED  "
    expect_exit 1 $program verify unsigned.sealift --key release.pub --format json
    expect_json .trusted false
    expect_json '.findings[0].code' SL-TRUST-UNSIGNED

    # Options and words may stand in any order, and what fails is JSON too.
    expect_exit 0 $program verify --key release.pub a.sealift -q
    expect_exit 0 $program verify --key stranger.pub --key release.pub a.sealift --format json
    expect_json .trusted true
    expect_exit 2 $program verify a.sealift --key stranger.pub release.pub
    expect_exit 3 $program verify nowhere.sealift --key release.pub --format json
    expect_json .exit 3

    # What is no bundle, or not all of one.
    head -c -1 a.sealift > truncated.sealift
    expect_exit 1 $program verify truncated.sealift --key release.pub
    expect_out SL-FORMAT-
    head -c $(($(stat -c %s a.sealift) / 2)) a.sealift > truncated.sealift
    expect_exit 1 $program verify truncated.sealift --key release.pub
    expect_out SL-FORMAT-TRUNCATED
    { cat a.sealift; echo; } > longer.sealift
    expect_exit 1 $program verify longer.sealift --key release.pub
    expect_out SL-FORMAT-TRAILING
    : > empty.sealift
    expect_exit 1 $program verify empty.sealift --key release.pub
    expect_out SL-FORMAT-
    mkdir -p empty
    expect_exit 1 $program verify empty --key release.pub
    expect_out SL-FORMAT-NOT-A-BUNDLE
    expect_exit 1 $program verify input-none --key release.pub
    expect_out SL-FORMAT-NOT-A-BUNDLE
    head -c 100000 "input-none/$weights" > no-tar.sealift
    expect_exit 1 $program verify no-tar.sealift --key release.pub
    expect_out SL-FORMAT-
    tar -cf other.tar input-none/docs
    expect_exit 1 $program verify other.tar --key release.pub
    expect_out SL-FORMAT-
    gzip -c a.sealift > packed.sealift
    expect_exit 1 $program verify packed.sealift --key release.pub --format json
    expect_json .trusted false

    # No answer at all.
    expect_exit 3 $program verify no-such.sealift --key release.pub
    expect_out_is ""
    expect_err "hint: "
    expect_exit 3 $program verify a.sealift --key no-such.pub
    expect_err no-such.pub
    expect_exit 3 $program verify a.sealift --key input-none/docs/LICENSE
    expect_err docs/LICENSE
    expect_exit 3 $program verify a.sealift --key release.key
    expect_err "release.key"
    expect_err "hint: "
    expect_exit 3 $program verify /dev/null --key /dev/null

    # A command line that makes no sense.
    SEALIFT_SITE=$DIR/nowhere expect_exit 3 $program verify a.sealift
    expect_err SL-TRUST-NO-POLICY
    expect_err "--key"
    expect_exit 2 $program verify --key release.pub
    expect_exit 2 $program verify a.sealift --kee release.pub
    expect_err "hint: did you mean --key?"
    expect_exit 2 $program verfy a.sealift --key release.pub
    expect_err "hint: did you mean verify?"
    expect_exit 2 $program verify a.sealift --key release.pub --format xml
    expect_exit 2 $program verify a.sealift --key release.pub -j many
    expect_exit 2 $program verify a.sealift other.sealift --key release.pub
    expect_err other.sealift
    expect_exit 2 $program
    expect_err "hint: "
done
