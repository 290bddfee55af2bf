#!/usr/bin/env python3
"""make_trust_policy_corpus.py NAME FOLDER: trust policies, bare and signed, good ones and near misses."""

import base64
import copy
import json
import pathlib
import sys

from corpus import write_corpus

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vectors"))
import writer  # keys and envelopes, with nothing of ours

TYPE = "application/vnd.sealift.trust-policy.v1+json"
ROOT, SECOND, RELEASE = writer.Key(1), writer.Key(2), writer.Key(11)


def key_entry(key, owner):
    return {"type": "ed25519", "spki": key.public.split("-----")[2].replace("\n", ""), "owner": owner}


FULL = {
    "_type": "urn:sealift:trust-policy/v1",
    "policy_id": "family-a",
    "version": 7,
    "issued": "2026-11-01T00:00:00Z",
    "expires": "2027-11-01T00:00:00Z",
    "prev": {"version": 6, "sha256": "5a" * 32},
    "keys": {key.id: key_entry(key, owner) for key, owner in ((ROOT, "a"), (RELEASE, "b"))},
    "roles": {
        "root": {"keys": [ROOT.id], "threshold": 1, "distinct_owners": 1},
        "release": {"keys": [RELEASE.id], "threshold": 1, "products": ["llm-a"], "files": ["kernel"]},
    },
    "require": [{"predicate": "urn:sealift:release/v1", "role": "release", "match": {"/target/profile": ["x"]}}],
    "algorithms": {"all_of": [["ed25519", "sm2-sm3"]], "digests": ["sha256", "sm3"]},
    "floors": {"llm-a": {"release_counter": 40, "security_epoch": 3}},
    "counter_epoch": 1,
    "revoked": {"keys": [{"keyid": "c3" * 32, "reason": "lost"}], "digests": ["sha256:" + "a5" * 32]},
    "time": {"max_offline_days": 400},
    "enforcement": "strict",
}


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def changed(change):
    policy = copy.deepcopy(FULL)
    change(policy)
    return compact(policy)


def envelope(payload, keys, kind=TYPE):
    message = writer.pae(kind, payload.encode())
    return compact({"payload": base64.b64encode(payload.encode()).decode(), "payloadType": kind,
                    "signatures": [writer.signature(key, message) for key in keys]})


def first(policy):
    policy["version"] = 1
    del policy["prev"]


def least(policy):
    first(policy)
    policy["keys"][SECOND.id] = key_entry(SECOND, "b")
    policy["roles"]["root"] = {"keys": [ROOT.id, SECOND.id], "threshold": 2, "distinct_owners": 2}
    for name in ("algorithms", "floors", "counter_epoch", "revoked", "time"):
        del policy[name]


write_corpus(sys.argv[2], {
    "full": compact(FULL),
    "first": changed(first),
    "least": changed(least),
    "threshold-0": changed(lambda policy: policy["roles"]["root"].update(threshold=0)),
    "threshold-2": changed(lambda policy: policy["roles"]["root"].update(threshold=2)),
    "root-releases": changed(lambda policy: policy["roles"]["release"]["keys"].append(ROOT.id)),
    "unknown-member": changed(lambda policy: policy.update(transparency={})),
    "audit": changed(lambda policy: policy.update(enforcement="audit")),
    "signed": envelope(compact(FULL), [ROOT]),
    "signed-least": envelope(changed(least), [ROOT, SECOND]),
    "signed-by-release": envelope(changed(first), [RELEASE]),
    "signed-of-another-type": envelope("{}", [ROOT], "application/vnd.in-toto+json"),
})
