# Trust and what runs: a release that boots straight from its bundle is one that the site has had, and what came
# beside a bundle when it was installed is still asked when it boots.
. "$SOURCE/tests/cli/trust.bash"
trap 'sealift-runtime stop > "$STORY_CONTROL/stopped" 2>&1 || true' EXIT
first_policy p1
pin p1
release one.sealift 1
release two.sealift 2
booted() {
    expect_exit 0 sealift-runtime boot "$@"
    expect_out BOOTED
    expect_exit 0 sealift-runtime stop
}
# not_booted CODE [OPTION...]: the site stays as it is.
not_booted() {
    remember_site
    expect_exit 1 sealift-runtime boot "${@:2}"
    expect_out "$1"
    expect_out "NOT BOOTED"
    expect_site_as_it_was
}
counter() { sealift-runtime trust show --format json | jq -r '.products[0].release_counter'; }

# --- straight from the bundle -----------------------------------------------------------------------------
booted one.sealift
expect_equal "$(counter) $(state_seq)" "1 2"
booted one.sealift # nothing new to remember
expect_equal "$(counter) $(state_seq)" "1 2"
cp two.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of two.sealift "$weights")"
not_booted SL-CONTENT-DIGEST damaged.sealift
booted two.sealift
expect_equal "$(counter) $(state_seq) $(generations)" "2 3 0"
# An older one neither runs nor is installed any more.
not_booted SL-TRUST-ROLLBACK one.sealift
refused SL-TRUST-ROLLBACK one.sealift
# A release that was installed before the site had a policy is remembered when it runs.
expect_exit 0 sealift-runtime install two.sealift --key release-1.pub --site late
SEALIFT_SITE=$DIR/late pin p1
expect_exit 0 sealift-runtime boot --site late
expect_exit 0 sealift-runtime stop --site late
expect_exit 1 sealift-runtime install one.sealift --site late
expect_out SL-TRUST-ROLLBACK

# A permit is good once, also for what only runs; until something else did, it needs no second one.
for key in release-1 release-3; do
    quietly sealift sign one.sealift --as rollback-permit --signing-key $key.key --detached permit.jsonl \
        --reason "release 2 overheats" --from-counter 2 --permit-site line-7 --permit-expires 2098-01-01
done
booted one.sealift --attestations permit.jsonl
expect_exit 0 sealift-runtime trust show --format json
expect_json .state.event permit
booted one.sealift
booted two.sealift
not_booted SL-TRUST-PERMIT one.sealift --attestations permit.jsonl
expect_out "this site has used it already"

# The policies that the bundle brings along are kept.
release three.sealift 3
next_policy p2 p1 --floor story=3,0
quietly sealift sign three.sealift --attach p2.dsse.json
booted three.sealift
expect_exit 0 sealift-runtime trust show --format json
expect_json .policy.version 2
refused SL-TRUST-ROLLBACK two.sealift
expect_out "below the policy's floor"

# --- beside the bundle ------------------------------------------------------------------------------------
draft four.sealift 4
cp four.sealift signed.sealift
quietly sealift sign four.sealift --signing-key release-1.key --detached beside.jsonl
quietly sealift sign four.sealift --signing-key release-2.key --detached beside.jsonl
refused SL-TRUST-MISSING four.sealift
installed four.sealift --attestations beside.jsonl
expect_equal "$(generations)" 1
booted # what signed it came beside it, and is here
expect_exit 0 sealift-runtime install four.sealift --attestations beside.jsonl
expect_out "ALREADY INSTALLED"
beside=$(echo site/generations/*/attestations.jsonl)
expect_equal "$(wc -l < "$beside")" 1
# It is no more believed than the bundle is.
cp "$beside" whole.jsonl
again() { rm "$beside" && cp whole.jsonl "$beside"; }
rm "$beside"
not_booted SL-TRUST-MISSING
cp whole.jsonl "$beside"
flip_bit "$beside" 100
not_booted SL-TRUST-
again
truncate -s 100 "$beside"
not_booted SL-TRUST-ENVELOPE
rm "$beside" && ln -s "$DIR/whole.jsonl" "$beside"
not_booted SL-TRUST-ENVELOPE
again
booted
# A generation that lost them is not taken for whole: it is installed anew.
rm "$beside"
installed four.sealift --attestations beside.jsonl
refute_out ALREADY
expect_equal "$(generations)" 2
booted
# The simple form does the same.
quietly sealift build input-4 -o bare.sealift
quietly sealift sign bare.sealift --signing-key release-1.key --detached bare.jsonl
expect_exit 0 sealift-runtime install bare.sealift --key release-1.pub --attestations bare.jsonl --site open
expect_exit 0 sealift-runtime boot --site open
expect_out BOOTED
expect_exit 0 sealift-runtime stop --site open
