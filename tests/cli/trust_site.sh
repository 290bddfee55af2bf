# A site that has pinned a policy holds to it: nothing on the command line gets around it, boot asks it again, unsigned
# content shouts, and what a stranger writes reaches no terminal as it is.
. "$SOURCE/tests/cli/trust.bash"
first_policy p1
release good.sealift 1
draft none.sealift 1
quietly sealift build input-1 -o unsigned.sealift

# --- nothing to go by -------------------------------------------------------------------------------------
for command in "verify good.sealift" "install good.sealift" "boot good.sealift"; do
    expect_exit 3 sealift-runtime $command
    expect_err SL-TRUST-NO-POLICY
    expect_err "trust init"
    expect_out_is ""
done
expect_exit 3 sealift verify good.sealift --format json
expect_json .exit 3
refute_file site
expect_exit 2 sealift-runtime verify good.sealift --key release-1.pub --policy p1.dsse.json
expect_exit 2 sealift-runtime verify good.sealift --policy-digest "$(policy_digest p1.dsse.json)"
expect_exit 3 sealift-runtime verify good.sealift --policy no-such.json
expect_exit 1 sealift-runtime verify good.sealift --policy release-1.pub # which is no policy
expect_out_is ""

# --- a policy that is named, for those who look -----------------------------------------------------------
expect_exit 0 sealift-runtime verify good.sealift --policy p1.dsse.json
expect_exit 0 sealift verify good.sealift --policy p1.dsse.json --policy-digest "$(policy_digest p1.dsse.json)"
expect_exit 1 sealift verify good.sealift --policy p1.dsse.json --policy-digest "$(sha256sum < p1.json | cut -d' ' -f1)"
expect_err SL-TRUST-POLICY-CHAIN
expect_exit 1 sealift-runtime verify none.sealift --policy p1.dsse.json
# It is no way to install: what is booted tomorrow has to be trusted by something that stays.
for command in "install good.sealift" "boot good.sealift"; do
    expect_exit 2 sealift-runtime $command --policy p1.dsse.json
    expect_err "trust init"
done
refute_file site
# The simple form: a key says who released it, and no more.
expect_exit 0 sealift-runtime verify good.sealift --key release-1.pub
expect_out "not checked: roles, thresholds, required statements, expiry, revocation, rollback (only a key was given)"
refute_out SL-TRUST-PARTIAL
expect_exit 0 sealift-runtime verify good.sealift --key release-1.pub --format json
expect_json '.findings[] | "\(.code) \(.severity)"' "SL-TRUST-PARTIAL note"
expect_exit 0 sealift-runtime verify good.sealift --key release-1.pub --explain
expect_out "no   revocation: not checked, for only a key was given"
expect_exit 1 sealift-runtime verify good.sealift --key builder.pub # whose statements are no release
expect_out SL-TRUST-KEY

# --- unsigned ---------------------------------------------------------------------------------------------
for options in "--key release-1.pub" "--policy p1.dsse.json"; do
    expect_exit 1 sealift-runtime verify unsigned.sealift $options
    expect_out SL-TRUST-UNSIGNED
    refute_err "NOBODY HAS SIGNED"
done
expect_exit 0 sealift-runtime verify unsigned.sealift --insecure-allow-unsigned
expect_err "NOBODY HAS SIGNED THIS BUNDLE"
expect_err "Never do this at a site"
expect_out "NOT TRUSTED, LET THROUGH UNSIGNED"
refute_out "TRUSTED  story"
expect_exit 0 sealift-runtime verify unsigned.sealift --insecure-allow-unsigned --format json -q
expect_json .trusted false
expect_json .accepted_unsigned true
expect_json '.findings[0].code' SL-TRUST-ACCEPTED-UNSIGNED
expect_err "NOBODY HAS SIGNED THIS BUNDLE" # --quiet or not
# It is about what nobody has signed. A bundle that somebody unknown has signed is not let through by it.
expect_exit 1 sealift-runtime verify none.sealift --insecure-allow-unsigned
refute_err "NOBODY HAS SIGNED"
expect_exit 1 sealift-runtime verify good.sealift --key stranger.pub --insecure-allow-unsigned
expect_out SL-TRUST-KEY
# Damage is damage all the same.
cp unsigned.sealift damaged.sealift
flip_bit damaged.sealift "$(offset_of unsigned.sealift "$weights")"
expect_exit 1 sealift-runtime verify damaged.sealift --insecure-allow-unsigned
expect_out SL-CONTENT-DIGEST
expect_exit 0 sealift-runtime install unsigned.sealift --insecure-allow-unsigned --site open
expect_err "NOBODY HAS SIGNED THIS BUNDLE"
expect_exit 1 sealift-runtime boot --site open # it has to be said each time
expect_out "NOT BOOTED"

# --- nothing gets around a pinned policy ------------------------------------------------------------------
pin p1
remember_site
for around in "--key release-1.pub" "--policy p1.dsse.json" "--insecure-allow-unsigned" \
    "--policy p1.dsse.json --policy-digest $(policy_digest p1.dsse.json)"; do
    for command in "install good.sealift" "boot good.sealift"; do
        expect_exit 2 sealift-runtime $command $around
        expect_err "nothing on the command line gets around it"
        expect_site_as_it_was
    done
done
refused SL-TRUST-UNSIGNED unsigned.sealift
expect_exit 1 sealift-runtime boot unsigned.sealift
expect_site_as_it_was
# Who looks may ask otherwise.
expect_exit 0 sealift-runtime verify good.sealift --key release-1.pub
expect_exit 0 sealift-runtime verify unsigned.sealift --insecure-allow-unsigned
expect_out "NOT TRUSTED"

# --- boot asks again --------------------------------------------------------------------------------------
installed good.sealift
remember_site
for around in "--key release-1.pub" "--insecure-allow-unsigned"; do
    expect_exit 2 sealift-runtime boot $around
    expect_site_as_it_was
done
expect_exit 0 sealift-runtime boot
expect_out BOOTED
expect_exit 0 sealift-runtime stop
next_policy p2 p1 --revoke-digest "$(bundle_digest good.sealift)"
expect_exit 0 sealift-runtime trust update p2.dsse.json
expect_exit 1 sealift-runtime boot
expect_out SL-TRUST-REVOKED
expect_out "$(bundle_digest good.sealift) is revoked by the policy"
expect_out "NOT BOOTED"
expect_exit 1 sealift-runtime boot good.sealift
expect_out SL-TRUST-REVOKED
refused SL-TRUST-REVOKED good.sealift
# One file of it is enough.
release second.sealift 2
next_policy p3 p2 --revoke-digest "sha256:$(sha256sum < "input-2/$kernel" | cut -d' ' -f1)"
quietly sealift sign second.sealift --attach p3.dsse.json
refused SL-TRUST-REVOKED second.sealift
expect_out "$kernel"
# Whoever was at the trust folder: nothing is taken until somebody has looked.
mv site/trust/pin pin
remember_site
expect_exit 1 sealift-runtime install second.sealift
expect_out SL-TRUST-STATE
expect_exit 1 sealift-runtime boot
expect_out SL-TRUST-STATE
expect_site_as_it_was
mv pin site/trust/pin

# --- what a stranger writes -------------------------------------------------------------------------------
escape=$'\033'
python3 - good.sealift hostile.jsonl << 'PYTHON'
import base64, json, sys
def envelope(kind, payload, keyid="\x1b[2Jkey\u202e"):
    if isinstance(payload, dict): payload = json.dumps(payload).encode()
    return json.dumps({"payload": base64.b64encode(payload).decode(), "payloadType": kind,
                       "signatures": [{"keyid": keyid, "sig": base64.b64encode(b"x" * 64).decode()}]})
statement = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "\x1b[31mred\x07",
             "subject": [{"name": "\x1b]0;title\x07\u009b1m", "digest": {"sha256": "0" * 64}}], "predicate": {"a\x1b": "\x1b[1m"}}
with open(sys.argv[2], "w") as file:
    for line in (envelope("application/vnd.in-toto+json", statement),
                 envelope("\x1b[5mtype\u009b", b"\x1b[2J"),
                 envelope("application/vnd.in-toto+json", b"{\x1b[31m"),
                 envelope("application/vnd.in-toto+json", {**statement, "predicateType": "urn:sealift:release/v1"}),
                 envelope("application/vnd.in-toto+json", {**statement, "predicateType": "https://slsa.dev/provenance/v1",
                     "predicate": {"runDetails": {"builder": {"id": "urn:\x1b[31m\u202e"}}}}),
                 envelope("application/vnd.sealift.trust-policy.v1+json", b"\x1b[31m")):
        file.write(line + "\n")
PYTHON
plain() {
    expected_
    ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' <<< "$out$err" || fail "a terminal escape"
}
rm -r site && pin p1
head -5 hostile.jsonl > five.jsonl
quietly sealift sign good.sealift --attach five.jsonl -o hostile.sealift
for format in table json; do
    expect_exit 0 sealift-runtime verify hostile.sealift --format $format --explain
    plain
    expect_exit 1 sealift-runtime verify none.sealift --attestations five.jsonl --format $format --explain
    plain
    expect_exit 1 sealift-runtime verify none.sealift --attestations hostile.jsonl --format $format --explain
    plain
    expect_exit 1 sealift-runtime verify hostile.sealift --key stranger.pub --format $format --explain
    plain
    expect_exit 0 sealift inspect hostile.sealift --format $format
    plain
    refute_out "$escape"
done
