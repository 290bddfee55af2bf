# Trust policies for stories, written and signed without sealift: by python and openssl. A story reads this file by
# . "$SOURCE/tests/cli/policy.bash"  and has root1, root2 (.key, .pub) and stranger.

make_root_keys() {
    local name
    for name in root1 root2 release stranger; do
        [ -e "$name.key" ] || openssl genpkey -algorithm ed25519 -out "$name.key" 2> /dev/null
        [ -e "$name.pub" ] || openssl pkey -in "$name.key" -pubout -out "$name.pub"
    done
}

# make_policy OUTPUT VERSION PREVIOUS [SIGNERS [CHANGES]]: OUTPUT is the envelope, OUTPUT.payload what was signed.
# PREVIOUS is the OUTPUT of the version before, or - ; SIGNERS are names of keys; CHANGES is a JSON object that is
# merged over the policy. Root wants both keys.
make_policy() {
    python3 - "$@" << 'PYTHON' || fail "the policy was not made"
import base64, hashlib, json, os, subprocess, sys

output, version, previous = sys.argv[1], int(sys.argv[2]), sys.argv[3]
signers = (sys.argv[4] if len(sys.argv) > 4 else "root1 root2").split()
changes = json.loads(sys.argv[5]) if len(sys.argv) > 5 else {}

def spki(name):
    return subprocess.run(["openssl", "pkey", "-pubin", "-in", name + ".pub", "-outform", "DER"], check=True,
                          capture_output=True).stdout

def key_id(name):
    return hashlib.sha256(spki(name)).hexdigest()

names = {"root1": "dept-a", "root2": "dept-b", "release": "dept-a"}
keys = {key_id(n): {"type": "ed25519", "spki": base64.b64encode(spki(n)).decode(), "owner": owner}
        for n, owner in names.items()}
policy = {"_type": "urn:sealift:trust-policy/v1", "policy_id": "family-a", "version": version,
          "issued": "2020-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z"}
if previous != "-":
    policy["prev"] = {"version": version - 1,
                      "sha256": hashlib.sha256(open(previous + ".payload", "rb").read()).hexdigest()}
policy |= {"keys": dict(sorted(keys.items())),
           "roles": {"release": {"keys": [key_id("release")], "threshold": 1},
                     "root": {"keys": sorted([key_id("root1"), key_id("root2")]), "threshold": 2,
                              "distinct_owners": 2}},
           "require": [{"predicate": "urn:sealift:release/v1", "role": "release"}],
           "counter_epoch": 1, "enforcement": "strict"}
policy |= changes
payload = json.dumps(policy, separators=(",", ":")).encode()
payload_type = "application/vnd.sealift.trust-policy.v1+json"
with open(output + ".payload", "wb") as file:
    file.write(payload)
with open(output + ".pae", "wb") as file:
    file.write(b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload))
signatures = []
for name in signers:
    signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", name + ".key", "-in",
                                output + ".pae"], check=True, capture_output=True).stdout
    signatures.append({"keyid": key_id(name), "sig": base64.b64encode(signature).decode()})
with open(output, "w") as file:
    json.dump({"payload": base64.b64encode(payload).decode(), "payloadType": payload_type,
               "signatures": signatures}, file, separators=(",", ":"))
    file.write("\n")
os.remove(output + ".pae")
PYTHON
}

# digest_of ENVELOPE: what a key ceremony prints.
digest_of() { sha256sum < "$1.payload" | cut -d' ' -f1; }
