# What stories about trust share: keys of two owners, policies made by sealift, and a site. A story reads this file by
# . "$SOURCE/tests/cli/trust.bash"  and gets input.bash with it.
. "$SOURCE/tests/cli/input.bash"
need_tool openssl jq sha256sum
export SEALIFT_SITE=$DIR/site
make_keys root-1 root-2 release-1 release-2 release-3 builder stranger

key_id() { openssl pkey -pubin -in "$1.pub" -outform DER | sha256sum | cut -d' ' -f1; }
# policy_digest ENVELOPE: of the payload's bytes, as a key ceremony reads it out.
policy_digest() { jq -r .payload "$1" | base64 -d | sha256sum | cut -d' ' -f1; }
bundle_digest() { sealift inspect "$1" --format json 2> "$STORY_CONTROL/quiet" | jq -r .digest; }

# sign_policy NAME [PREVIOUS]: NAME.json becomes NAME.dsse.json, signed by root-1 and root-2.
sign_policy() {
    quietly sealift policy sign "$1.json" --signing-key root-1.key ${2:+--previous "$2.dsse.json"}
    quietly sealift policy sign "$1.dsse.json" --signing-key root-2.key ${2:+--previous "$2.dsse.json"}
}

# first_policy NAME OPTION...: version 1. Root is both root keys; three release keys of two owners, of which two of
# two have to sign; and the builder. $policy_ends is its last day, if set.
first_policy() {
    quietly sealift policy new --id family-a -o "$1.json" --distinct-owners 2 --root-threshold 2 \
        --root root-1.pub=dept-a --root root-2.pub=dept-b --release-threshold 2 \
        --release release-1.pub=dept-a --release release-2.pub=dept-b --release release-3.pub=dept-b \
        --builder builder.pub=ci --expires "${policy_ends:-2099-01-01}" "${@:2}"
    sign_policy "$1"
}

# next_policy NAME PREVIOUS OPTION...
next_policy() {
    quietly sealift policy rotate "$2.dsse.json" -o "$1.json" --expires 2099-01-01 "${@:3}"
    sign_policy "$1" "$2"
}

# edit_policy NAME FROM FILTER: a version 1 that no option makes, signed.
edit_policy() {
    jq "$3" "$2.json" > "$1.json"
    sign_policy "$1"
}

pin() { quietly sealift-runtime trust init "$1.dsse.json" --digest "$(policy_digest "$1.dsse.json")" --site-id line-7 "${@:2}"; }

# draft OUTPUT COUNTER [OPTION...]: a bundle whose release nobody has signed; provenance and BOM are the builder's.
draft() {
    if [ ! -e "input-$2/sealift.json" ]; then
        make_input "input-$2"
        quietly sealift init "input-$2" --profile "$profile" --name story --license model=MIT
        sed -i "s/\"release_counter\": 1/\"release_counter\": $2/" "input-$2/sealift.json"
    fi
    quietly sealift build "input-$2" -o "$1" --builder-key builder.key "${@:3}"
}

# sign_by KEYS BUNDLE [OPTION...]
sign_by() {
    local key
    for key in $1; do
        quietly sealift sign "$2" --signing-key "$key.key" "${@:3}"
    done
}

# release OUTPUT COUNTER [OPTION...]: signed by two release keys of two owners.
release() {
    draft "$@"
    sign_by "release-1 release-2" "$1"
}

# Everything that stands at the site, to the byte.
site_is() { (cd "$DIR" && [ -e site ] && find site -type f -exec sha256sum {} + | sort || echo nothing); }
remember_site() { site_is > "$STORY_CONTROL/site"; }
expect_site_as_it_was() {
    expected_
    diff "$STORY_CONTROL/site" <(site_is) >&2 || fail "the site has changed"
}

# refused CODE BUNDLE [OPTION...]: verify and install say no with this code, and the site stays as it is.
refused() {
    remember_site
    expect_exit 1 sealift-runtime verify "${@:2}"
    expect_out "$1"
    refute_out TRUSTED
    expect_exit 1 sealift-runtime install "${@:2}"
    expect_out "$1"
    expect_out "NOT INSTALLED"
    expect_site_as_it_was
}

# installed BUNDLE [OPTION...]
installed() {
    expect_exit 0 sealift-runtime install "$@"
    expect_out INSTALLED
}

state_seq() { sealift-runtime trust show --format json | jq -r .state.seq; }
generations() { find site/generations -mindepth 1 -maxdepth 1 2> "$STORY_CONTROL/quiet" | wc -l; }
