#!/usr/bin/env python3
"""make_site_state_corpus.py NAME FOLDER: site states, good ones and near misses."""

import json
import sys

from corpus import write_corpus


def state(separators=(",", ":"), **changes):
    value = {
        "_type": "urn:sealift:site-state/v1",
        "seq": 4,
        "prev": "5a" * 32,
        "site_id": "line-7",
        "policy": {"version": 7, "sha256": "a5" * 32},
        "counter_epoch": 1,
        "products": {"llm-a": {"release_counter": 42, "security_epoch": 3, "bundle": "sha256:" + "c3" * 32}},
        "permits_used": ["11" * 32, "22" * 32],
        "generation": 9,
        "time_floor": "2028-02-29T23:59:59Z",
        "event": "permit",
    }
    value.update(changes)
    return json.dumps({k: v for k, v in value.items() if v is not None}, separators=separators)


write_corpus(sys.argv[2], {
    "permit": state(),
    "init": state(seq=1, prev=None, products={}, permits_used=[], event="init"),
    "policy": state(event="policy"),
    "install": state(event="install", permits_used=[]),
    "second-init": state(event="init"),
    "no-prev": state(prev=None),
    "permits-falling": state(permits_used=["22" * 32, "11" * 32]),
    "spaces": state(separators=(", ", ": ")),
    "bad-time": state(time_floor="2027-02-29T00:00:00Z"),
    "bad-site": state(site_id="../x"),
    "unknown-member": state(tpm={}),
    "largest-counter": state(seq=2**63 - 1),
    "over": state(seq=2**63),
})
