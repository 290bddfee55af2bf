# trust init, update, show: a policy is pinned by a digest that somebody typed; newer ones follow from it; what the
# site has had is a signed journal, and whoever was at it is noticed.
. "$SOURCE/tests/cli/policy.bash"
need_tool openssl jq
make_root_keys
make_policy p1 1 -
make_policy p2 2 p1
make_policy p3 3 p2 "root1 root2" '{"floors":{"llm-a":{"release_counter":40,"security_epoch":3}}}'
cat p1 p2 p3 > chain.jsonl
export SEALIFT_SITE=$DIR/site

# Nothing is pinned by itself.
expect_exit 1 sealift-runtime trust show
expect_err "no trust policy is pinned"
expect_exit 1 sealift-runtime trust update p2
expect_out SL-TRUST-NO-POLICY
expect_exit 2 sealift-runtime trust init p1
expect_err "--digest"
expect_exit 2 sealift-runtime trust init p1 --digest "$(digest_of p1 | cut -c2-)"
expect_exit 2 sealift-runtime trust init p1 --digest "$(digest_of p1)" --site-id "../line"

# The digest of something else; what is there is said.
expect_exit 1 sealift-runtime trust init p1 --digest "$(digest_of p2)"
expect_out SL-TRUST-POLICY-CHAIN
expect_out "found family-a version 1 with $(digest_of p1 | sed 's/......../& /g; s/ $//')"
expect_out "NOT PINNED"
# Its own root keys have not signed it well enough; it has expired; it is none.
make_policy lone 1 - root1
expect_exit 1 sealift-runtime trust init lone --digest "$(digest_of lone)"
expect_out SL-TRUST-THRESHOLD
make_policy twice 1 - "root1 root1"
expect_exit 1 sealift-runtime trust init twice --digest "$(digest_of twice)"
expect_out SL-TRUST-THRESHOLD
make_policy old 1 - "root1 root2" '{"expires":"2021-01-01T00:00:00Z"}'
expect_exit 1 sealift-runtime trust init old --digest "$(digest_of old)"
expect_out SL-TRUST-POLICY-EXPIRED
expect_exit 1 sealift-runtime trust init root1.pub --digest "$(digest_of p1)"
cat p1 p3 > gap.jsonl
expect_exit 1 sealift-runtime trust init gap.jsonl --digest "$(digest_of p1)"
expect_out SL-TRUST-POLICY-CHAIN
expect_out "no version may be skipped"
refute_file site/trust

# The right one, typed with spaces and dashes.
typed=$(digest_of p1 | sed 's/......../&-/4; s/......../& /2' | tr a-f A-F)
expect_exit 0 sealift-runtime trust init p1 --digest "sha256:$typed" --site-id line-7
expect_out "PINNED  family-a version 1"
expect_out "site id   line-7"
expect_equal "$(stat -c %a site/trust/site.key)" 600
expect_equal "$(cat site/trust/pin)" "sha256:$(digest_of p1)"
expect_exit 1 sealift-runtime trust init p1 --digest "$(digest_of p1)"
expect_out "pinned at this site already"
expect_exit 0 sealift-runtime trust show
expect_out "a disk image that is put back as a whole is not noticed here; compare state 1 with headquarters' records"
expect_out_like "^policy +family-a version 1\$"
expect_out_like "^root +2 +2 +2 +\*\$"

# openssl says the same of the site's signature.
python3 - site/trust/state/00000001.dsse.json << 'PYTHON'
import base64, json, sys
envelope = json.load(open(sys.argv[1]))
payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
open("state.pae", "wb").write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
open("state.sig", "wb").write(base64.b64decode(envelope["signatures"][0]["sig"]))
PYTHON
expect_exit 0 openssl pkeyutl -verify -rawin -pubin -inkey site/trust/site.pub -in state.pae -sigfile state.sig
openssl pkey -in site/trust/site.key -pubout -out derived.pub
expect_same derived.pub site/trust/site.pub

# Steps that do not follow: nothing is stored.
expect_exit 1 sealift-runtime trust update p3
expect_out "no version may be skipped"
expect_out "NOT UPDATED  the site is as it was"
make_policy stolen 2 p1 "root1 stranger"
expect_exit 1 sealift-runtime trust update stolen
expect_out SL-TRUST-THRESHOLD
make_policy late 2 p1 "root1 root2" '{"expires":"2020-01-02T00:00:00Z"}'
expect_exit 1 sealift-runtime trust update late
expect_out SL-TRUST-POLICY-EXPIRED
make_policy fork 2 p1 "root1 root2" '{"counter_epoch":2}'
cat p2 fork > forked.jsonl
expect_exit 1 sealift-runtime trust update forked.jsonl
expect_out fork
expect_exit 0 sealift-runtime trust show --format json
expect_json .policy.version 1
expect_json .state.seq 1

# Over three versions at once, and each step is said. An intermediate one may have expired.
expect_exit 0 sealift-runtime trust update chain.jsonl
expect_out "version 1 -> 2  sha256:$(digest_of p2)"
expect_out "version 2 -> 3  sha256:$(digest_of p3)"
expect_out "UPDATED  family-a version 3 is in force"
expect_exit 0 sealift-runtime trust update chain.jsonl
expect_out "NOTHING NEWER  family-a version 3 is in force"
expect_exit 0 sealift-runtime trust update p2
expect_out "NOTHING NEWER  family-a version 3 is in force"
# Version 2 again, with other content and good signatures.
expect_exit 1 sealift-runtime trust update forked.jsonl
expect_out fork
expect_exit 0 sealift-runtime trust show --format json
expect_json .schema sealift.trust/1
expect_json .site_id line-7
expect_json .policy.version 3
expect_json .pinned "sha256:$(digest_of p1)"
expect_json .state.seq 2
expect_json .state.event policy
expect_json '.products[0] | [.product, .floor.release_counter, .floor.security_epoch] | join(" ")' "llm-a 40 3"
expect_json '.findings | length' 0

# A clock that is behind: the policy was issued after what the clock says.
make_policy p4 4 p3 "root1 root2" '{"issued":"2090-01-01T00:00:00Z"}'
expect_exit 0 sealift-runtime trust update p4
expect_out SL-TRUST-CLOCK
expect_exit 0 sealift-runtime trust show
expect_out_like "^now +2090-01-01T00:00:00Z, for the clock is behind\$"
# So a policy that ends before then has expired, whatever the clock says.
make_policy p5 5 p4 "root1 root2" '{"expires":"2089-01-01T00:00:00Z","issued":"2088-01-01T00:00:00Z"}'
expect_exit 1 sealift-runtime trust update p5
expect_out SL-TRUST-POLICY-EXPIRED

# Somebody was there. The site is put in order again after each.
cp -a site whole
again() { rm -rf site && cp -a whole site; }
gone() {
    expect_exit 1 sealift-runtime trust show
    expect_out SL-TRUST-STATE
    expect_exit 1 sealift-runtime trust update p4
    expect_out SL-TRUST-STATE
    again
}
rm site/trust/state/00000003.dsse.json; gone
rm site/trust/state/00000002.dsse.json; gone
rm site/state.newest.dsse.json; gone
flip_bit site/trust/state/00000002.dsse.json 80; gone
truncate -s 100 site/trust/state/00000003.dsse.json; gone
rm site/trust/policy-4.dsse.json; gone
chmod 666 site/trust/state/00000001.dsse.json; gone
chmod 777 site/trust; gone
mv site/trust/pin pin; ln -s "$DIR/pin" site/trust/pin; gone
# A journal that is put back to an older state, in one piece.
cp -a site/trust older; rm older/state/00000003.dsse.json older/policy-4.dsse.json
rm -r site/trust && mv older site/trust
expect_exit 1 sealift-runtime trust show
expect_out "the site was at state 3, but the newest in the trust folder is 2"
again
# The files of another site.
expect_exit 0 sealift-runtime trust init p1 --digest "$(digest_of p1)" --site other
cp other/trust/state/00000001.dsse.json site/trust/state/00000001.dsse.json; gone
rm -r site/trust && cp -a other/trust site/trust
expect_exit 1 sealift-runtime trust show
expect_out "not signed by the key of this site"
again
# No trust folder is not the same as never pinned.
rm -r site/trust
expect_exit 1 sealift-runtime trust show
expect_err "this site has had a state"
expect_exit 1 sealift-runtime trust init p1 --digest "$(digest_of p1)"
expect_out "this site has had a state"
again
# A key that others can read signs nothing.
make_policy p6 5 p4 "root1 root2" '{"issued":"2091-01-01T00:00:00Z"}'
chmod 644 site/trust/site.key
expect_exit 3 sealift-runtime trust update p6
expect_err "wanted mode 0600"
again

# What is not noticed here, and said to be so: the whole site from before.
expect_exit 0 sealift-runtime trust update p6
again
expect_exit 0 sealift-runtime trust show
expect_out "compare state 3 with headquarters' records"
