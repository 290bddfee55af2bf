#!/usr/bin/env python3
"""make_dsse_corpus.py NAME FOLDER: envelopes and release statements, good ones and near misses."""

import base64
import json
import sys

from corpus import write_corpus


def statement(**changes):
    predicate = {
        "product": "llm-a",
        "version": "1.4.2",
        "release_counter": 42,
        "target": {"profile": "cpu-x86-64-v3", "profile_digest": "sha256:" + "5a" * 32},
        "issued": "2028-02-29T23:59:59Z",
    }
    predicate.update(changes)
    return compact({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "llm-a@1.4.2", "digest": {"sha256": "a5" * 32}}],
        "predicateType": "urn:sealift:release/v1",
        "predicate": predicate,
    })


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def envelope(payload, signatures, encode=base64.b64encode):
    return compact({
        "payload": encode(payload.encode()).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": signatures,
    })


SIGNATURE = {"keyid": "c3" * 32, "sig": base64.b64encode(bytes(range(64))).decode()}

write_corpus(sys.argv[2], {
    "statement": statement(),
    "statement-other-version": statement(version="1.4.3"),
    "statement-unknown-member": statement(expires=None),
    "statement-bad-time": statement(issued="2026-02-29T00:00:00Z"),
    "envelope": envelope(statement(), [SIGNATURE]),
    "envelope-two": envelope(statement(), [SIGNATURE, {"sig": "MQ=="}]),
    "envelope-url-safe": envelope("~~~???", [{"sig": "-_-_"}], base64.urlsafe_b64encode),
    "envelope-unsigned": envelope("x", []),
    "envelope-65": envelope("x", [SIGNATURE] * 65),
    "envelope-no-padding": envelope("x", [{"sig": "MQ"}]),
    "envelope-duplicate": '{"payload":"","payload":"","payloadType":"t","signatures":[{"sig":"MQ=="}]}',
    "envelope-fraction": '{"x":1.5,"payload":"","payloadType":"t","signatures":[{"sig":"MQ=="}]}',
    "not-utf8": b'{"payload":"","payloadType":"\xff","signatures":[{"sig":"MQ=="}]}',
})
