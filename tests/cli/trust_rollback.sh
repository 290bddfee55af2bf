# Trust and time's arrow: what a site has had it does not go below, unless those who may release permit it, once, to
# this site, until a date; security epochs and the policy's floors know no permit.
. "$SOURCE/tests/cli/trust.bash"
first_policy p1
pin p1
release one.sealift 1
release two.sealift 2
cp -r input-1 input-twin
echo "of another build" >> input-twin/docs/LICENSE
draft_twin() { quietly sealift build input-twin -o "$1" --builder-key builder.key; sign_by "release-1 release-2" "$1"; }
draft_twin one-twin.sealift
sed -i 's/"release_counter": 1/"release_counter": 2/' input-twin/sealift.json
draft_twin two-twin.sealift

installed one.sealift
installed two.sealift
expect_exit 0 sealift-runtime trust show
expect_out_like "^story +2 "

# --- an older release, and another one with the same number -----------------------------------------------
refused SL-TRUST-ROLLBACK one.sealift
expect_out "release 1 is older than release 2, which this site has had"
refused SL-TRUST-ROLLBACK two-twin.sealift
expect_out "was $(bundle_digest two.sealift) here before, this is $(bundle_digest two-twin.sealift)"
refused SL-TRUST-ROLLBACK one-twin.sealift
remember_site
expect_exit 1 sealift-runtime boot one.sealift
expect_out SL-TRUST-ROLLBACK
expect_out "NOT BOOTED"
expect_site_as_it_was
expect_exit 0 sealift-runtime install two.sealift # what is there may come again
expect_out "ALREADY INSTALLED"
# Without the memory of a site nobody can tell: it is said.
expect_exit 0 sealift-runtime verify one.sealift --policy p1.dsse.json --explain
expect_out "what a site has had was not asked"

# --- rollback permits -------------------------------------------------------------------------------------
# permit OUTPUT KEYS [OPTION...]
permit() {
    local key
    for key in $2; do
        quietly sealift sign one.sealift --as rollback-permit --signing-key "$key.key" --detached "$1" \
            --reason "release 2 overheats" "${@:3}"
    done
}
both="release-1 release-3"
until=(--permit-expires 2098-01-01)
expect_exit 2 sealift sign one.sealift --as rollback-permit --signing-key release-1.key --from-counter 2 \
    --detached x.jsonl --reason "for all" "${until[@]}" # there is no "every site"
refute_file x.jsonl
permit half.jsonl release-1 --from-counter 2 --permit-site line-7 "${until[@]}"
refused SL-TRUST-ROLLBACK one.sealift --attestations half.jsonl
permit same-owner.jsonl "release-2 release-3" --from-counter 2 --permit-site line-7 "${until[@]}"
refused SL-TRUST-ROLLBACK one.sealift --attestations same-owner.jsonl
permit stranger.jsonl "stranger builder" --from-counter 2 --permit-site line-7 "${until[@]}"
refused SL-TRUST-ROLLBACK one.sealift --attestations stranger.jsonl
permit elsewhere.jsonl "$both" --from-counter 2 --permit-site line-8 --permit-site line-9 "${until[@]}"
refused SL-TRUST-PERMIT one.sealift --attestations elsewhere.jsonl
expect_out "it does not name this site, 'line-7'"
permit ended.jsonl "$both" --from-counter 2 --permit-site line-7 --permit-expires 2021-01-01
refused SL-TRUST-PERMIT one.sealift --attestations ended.jsonl
expect_out "it ended at 2021-01-01T00:00:00Z"
permit three.jsonl "$both" --from-counter 3 --permit-site line-7 "${until[@]}"
refused SL-TRUST-PERMIT one.sealift --attestations three.jsonl
expect_out "it is for a site that has release 3, this one has 2"
permit good.jsonl "$both" --from-counter 2 --permit-site line-7 "${until[@]}"
refused SL-TRUST-ROLLBACK one-twin.sealift --attestations good.jsonl # for another bundle it is no permit
jq -c '.payload |= (@base64d | sub("line-7"; "line-6") | @base64)' good.jsonl > forged.jsonl
refused SL-TRUST-ROLLBACK one.sealift --attestations forged.jsonl

expect_exit 0 sealift-runtime verify one.sealift --attestations good.jsonl --format json
expect_json .trusted true
expect_json .rollback_permit "sha256:$(jq -r .payload good.jsonl | base64 -d | sha256sum | cut -d' ' -f1)"
installed one.sealift --attestations good.jsonl
expect_exit 0 sealift-runtime trust show --format json
expect_json .state.event permit
expect_json '.products[0].release_counter' 1
# Once: forward again, and back no more.
installed two.sealift
refused SL-TRUST-PERMIT one.sealift --attestations good.jsonl
expect_out "this site has used it already"
# Another one, that travels in the bundle.
permit again.jsonl "$both" --from-counter 2 --permit-site line-7 --permit-site line-8 "${until[@]}"
quietly sealift sign one.sealift --attach again.jsonl -o permitted.sealift
expect_exit 0 sealift inspect permitted.sealift
expect_out "from release 2 at line-7 line-8, ends 2098-01-01T00:00:00Z: release 2 overheats"
expect_equal "$(bundle_digest permitted.sealift)" "$(bundle_digest one.sealift)"
installed permitted.sealift
expect_exit 0 sealift-runtime trust show
expect_out_like "^story +1 "

# --- security epochs --------------------------------------------------------------------------------------
draft safe.sealift 3
sign_by "release-1 release-2" safe.sealift --security-epoch 1
installed safe.sealift
draft four.sealift 4 # newer, and made without the fixes
sign_by "release-1 release-2" four.sealift
refused SL-TRUST-ROLLBACK four.sealift
expect_out "security epoch 0 is below 1, which this site has had"
permit epoch.jsonl "$both" --from-counter 3 --permit-site line-7 "${until[@]}"
refused SL-TRUST-ROLLBACK one.sealift --attestations epoch.jsonl
expect_out "no permit goes below a security epoch"

# --- the policy's floor, and what it may forget -----------------------------------------------------------
next_policy p2 p1 --floor story=5,1
expect_exit 0 sealift-runtime trust update p2.dsse.json
refused SL-TRUST-ROLLBACK safe.sealift # which is what this site has
expect_out "release 3 is below the policy's floor of 5"
remember_site
expect_exit 1 sealift-runtime boot
expect_out SL-TRUST-ROLLBACK
expect_site_as_it_was
# A new epoch of counters, after one was set far too high.
rm -r site && pin p1
sed 's/"release_counter": 1/"release_counter": 900000/' -i input-twin/sealift.json
sed 's/"release_counter": 2/"release_counter": 900000/' -i input-twin/sealift.json
draft_twin far.sealift
installed far.sealift
refused SL-TRUST-ROLLBACK two.sealift
next_policy p2-again p1 --counter-epoch 2
expect_exit 0 sealift-runtime trust update p2-again.dsse.json
installed two.sealift
refused SL-TRUST-ROLLBACK one.sealift
