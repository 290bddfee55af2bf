# Trust over time: a site that was pinned at version 1 gets to version 3 by what a bundle carries, or by trust update;
# a key that was revoked meanwhile, and a policy that has ended.
. "$SOURCE/tests/cli/trust.bash"
need_tool faketime
make_keys root-3 root-4
first_policy p1
pin p1
# Version 2: root-1 goes, root-3 comes. Version 3: release-2 was stolen.
quietly sealift policy rotate p1.dsse.json -o p2.json --expires 2099-01-01 \
    --remove-root "$(key_id root-1)" --add-root root-3.pub=dept-c
quietly sealift policy sign p2.json --signing-key root-1.key --previous p1.dsse.json
quietly sealift policy sign p2.dsse.json --signing-key root-2.key --previous p1.dsse.json
quietly sealift policy sign p2.dsse.json --signing-key root-3.key --previous p1.dsse.json
# rotate_2 NAME OPTION...: what follows version 2.
rotate_2() {
    quietly sealift policy rotate p2.dsse.json -o "$1.json" --expires 2099-01-01 "${@:2}"
    quietly sealift policy sign "$1.json" --signing-key root-2.key --previous p2.dsse.json
    quietly sealift policy sign "$1.dsse.json" --signing-key root-3.key --previous p2.dsse.json
}
rotate_2 p3 --revoke "$(key_id release-2)=stolen from the lab"
cat p1.dsse.json p2.dsse.json p3.dsse.json > chain.jsonl
version() { sealift-runtime trust show --format json | jq -r .policy.version; }

# --- steps that do not follow -----------------------------------------------------------------------------
draft none.sealift 2
sign_by "release-1 release-3" none.sealift # good by every version
carrying() { quietly sealift sign none.sealift --attach "$2" -o "$1"; }
carrying gap.sealift p3.dsse.json
refused SL-TRUST-POLICY-CHAIN gap.sealift
expect_out "no version may be skipped"
cat p1.dsse.json p3.dsse.json > gap.jsonl
expect_exit 1 sealift-runtime trust update gap.jsonl
expect_out SL-TRUST-POLICY-CHAIN
expect_site_as_it_was
# Two policies of one version, each signed as it should be.
rotate_2 fork --threshold release=1 --distinct-owners release=1
cat p2.dsse.json p3.dsse.json fork.dsse.json > forked.jsonl
carrying forked.sealift forked.jsonl
refused SL-TRUST-POLICY-CHAIN forked.sealift
expect_out fork
expect_exit 1 sealift-runtime trust update forked.jsonl
expect_site_as_it_was
# Version 2 as the thief of one root key would like it.
make_keys thief
quietly sealift policy rotate p1.dsse.json -o stolen.json --expires 2099-01-01 --add-root thief.pub=dept-c
quietly sealift policy sign stolen.json --signing-key root-1.key --previous p1.dsse.json
quietly sealift policy sign stolen.dsse.json --signing-key thief.key --previous p1.dsse.json
carrying stolen.sealift stolen.dsse.json
refused SL-TRUST-THRESHOLD stolen.sealift
# Other bytes under good signatures.
jq -c '.payload |= (@base64d | sub("dept-c"; "dept-x") | @base64)' p2.dsse.json > forged.dsse.json
carrying forged.sealift forged.dsse.json
remember_site
expect_exit 1 sealift-runtime install forged.sealift
expect_out_like "SL-TRUST-(THRESHOLD|SIGNATURE)"
expect_site_as_it_was

# --- the chain travels in the bundle ----------------------------------------------------------------------
carrying chain.sealift chain.jsonl
remember_site
expect_exit 0 sealift-runtime verify chain.sealift --format json
expect_json .trusted true
expect_json .policy.version 3
expect_json '[.policy.steps[].version] | join(" ")' "2 3"
expect_equal "$(version)" 1
expect_site_as_it_was # looking changes nothing
installed chain.sealift
expect_equal "$(version)" 3
expect_exit 0 sealift-runtime trust show --format json
expect_json .policy.digest "sha256:$(policy_digest p3.dsse.json)"
expect_json .pinned "sha256:$(policy_digest p1.dsse.json)"
expect_json .state.seq 3
# The other version 3 comes too late.
remember_site
expect_exit 1 sealift-runtime trust update forked.jsonl
expect_out fork
expect_site_as_it_was
# Version 2 is history, also for a bundle that brings no more.
carrying second.sealift p2.dsse.json
expect_exit 0 sealift-runtime verify second.sealift --format json
expect_json .policy.version 3

# --- a revoked key ----------------------------------------------------------------------------------------
draft revoked.sealift 3
sign_by "release-1 release-2" revoked.sealift
refused SL-TRUST-REVOKED revoked.sealift
expect_out "key $(key_id release-2), which is revoked"
sign_by release-3 revoked.sealift
expect_exit 0 sealift-runtime verify revoked.sealift
# A site that still is at version 1 would take it; the newer policy in the bundle itself says no.
rm -r site && pin p1
draft old.sealift 3
sign_by "release-1 release-2" old.sealift
expect_exit 0 sealift-runtime verify old.sealift
quietly sealift sign old.sealift --attach chain.jsonl
refused SL-TRUST-REVOKED old.sealift
expect_equal "$(version)" 1

# --- trust update does the same ---------------------------------------------------------------------------
expect_exit 0 sealift-runtime trust update p2.dsse.json
expect_out "version 1 -> 2"
expect_exit 0 sealift-runtime trust update chain.jsonl
expect_out "version 2 -> 3"
expect_equal "$(version)" 3
refused SL-TRUST-REVOKED old.sealift
rm -r site && pin p1
expect_exit 0 sealift-runtime trust update chain.sealift # out of a bundle
expect_out "version 1 -> 2"
expect_out "version 2 -> 3"
expect_equal "$(version)" 3

# --- a policy that has ended ------------------------------------------------------------------------------
rm -r site
SOURCE_DATE_EPOCH=1577836800 policy_ends=2021-01-01 first_policy ended # issued in 2020
expect_exit 1 sealift-runtime trust init ended.dsse.json --digest "$(policy_digest ended.dsse.json)"
expect_out SL-TRUST-POLICY-EXPIRED
refute_file site/trust
expect_exit 1 sealift-runtime verify none.sealift --policy ended.dsse.json
expect_out SL-TRUST-POLICY-EXPIRED
# It was pinned in time; then it ended, and nothing more is taken.
expect_exit 0 faketime -f '2098-06-01 00:00:00' sealift verify none.sealift --policy p1.dsse.json
expect_exit 1 faketime -f '2099-06-01 00:00:00' sealift verify none.sealift --policy p1.dsse.json
expect_out SL-TRUST-POLICY-EXPIRED
policy_ends=$(date -u -d '+10 seconds' +%Y-%m-%dT%H:%M:%SZ) first_policy short
pin short
expect_exit 0 sealift-runtime verify none.sealift
while [[ $(date -u +%Y-%m-%dT%H:%M:%SZ) < $(jq -r .expires short.json) ]]; do sleep 0.5; done
refused SL-TRUST-POLICY-EXPIRED none.sealift
expect_exit 1 sealift-runtime trust show
expect_out SL-TRUST-POLICY-EXPIRED
# A step may have ended long ago, the last one may not.
next_policy long short
quietly sealift sign none.sealift --attach long.dsse.json -o saved.sealift
expect_exit 0 sealift-runtime verify saved.sealift
installed saved.sealift
expect_equal "$(version)" 2
