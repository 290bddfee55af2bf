#!/usr/bin/env python3
"""make_corpus.py NAME FOLDER: writes the seeds of the fuzz target NAME into FOLDER.

One function make_NAME per target; it returns {seed name: bytes or text}. A target with a long recipe has a
make_NAME_corpus.py of its own instead. A name without either gets an empty folder, and its test fails.
"""

import json
import sys

from corpus import write_corpus

DIGEST = "sha256:" + "5a" * 32


def make_json():
    document = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.sealift.bundle.v1+json",
        "layers": [
            {"digest": DIGEST, "size": 9223372036854775807, "annotations": {"title": "weights/\u00e4.bin"}},
            {"digest": DIGEST, "size": 0, "annotations": {}},
        ],
        "none": None,
        "flags": [True, False],
    }
    return {
        "document": json.dumps(document),
        "document-unicode": json.dumps(document, ensure_ascii=False, indent=2),
        "comments": '{// a line\n"a": 1, /* a block */ "b": [1.5, -2e3]}',
        "duplicate": '{"a": {"b": 1, "b": 2}}',
        "escapes": r'["\"\\\/\b\f\n\r\t\u20ac\ud83d\ude00\u0000"]',
        "lone-surrogate": r'["\ud800"]',
        "numbers": "[0,-0,-1,1.0,1e3,1e999,18446744073709551615,18446744073709551616,-9223372036854775809]",
        "deep": "[" * 33 + "]" * 33,
        "byte-order-mark": b"\xef\xbb\xbf{}",
        "not-utf8": b'{"a":"\xff\xc0\x80\xed\xa0\x80"}',
        "scalar": "17",
        "empty": "",
    }


def make_bundle_path():
    return {
        "plain": "weights/model-00001-of-00002.safetensors",
        "unicode": "docs/caf\u00e9/\u65e5\u672c\u8a9e.md",
        "up": "a/../../etc/passwd",
        "absolute": "/etc/passwd",
        "control": "a/b\x1b[2Jc",
        "control-c1": "a/b\u009b2Jc",
        "windows": "C:\\a\\b. ",
        "deep": "/".join("d" * 32),
        "too-deep": "/".join("d" * 33),
        "long-name": "n" * 255,
        "too-long-name": "n" * 256,
        "not-utf8": b"a/\xff\xc0\xaf",
        "dots": "./.hidden/..a/a..",
    }


def main():
    name, folder = sys.argv[1:]
    maker = globals().get("make_" + name)
    if maker is None:
        print(f"{name}_fuzz has no seeds: give make_corpus.py a function make_{name}", file=sys.stderr)
    write_corpus(folder, maker() if maker else {})


main()
