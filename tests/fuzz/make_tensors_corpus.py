#!/usr/bin/env python3
"""make_tensors_corpus.py tensors FOLDER: writes tiny weight files, good and bad, as seeds of the fuzz target."""

import json
import struct
import sys

from corpus import write_corpus


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def text(value):
    return struct.pack("<Q", len(value)) + value


def pair(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def info(name, shape, kind, offset):
    return (text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", size) for size in shape)
            + struct.pack("<IQ", kind, offset))


def gguf(pairs, infos, data=b"", version=3, unit=32, counts=None):
    count = counts or (len(infos), len(pairs))
    head = b"GGUF" + struct.pack("<IQQ", version, *count) + b"".join(pairs) + b"".join(infos)
    return head + b"\0" * (-len(head) % unit) + data


PAIRS = [
    pair(b"general.architecture", 8, text(b"llama")),
    pair(b"tokens", 9, struct.pack("<IQ", 8, 3) + text(b"a") + text(b"") + text(b"\xff")),
    pair(b"scores", 9, struct.pack("<IQ3f", 6, 3, 0.5, 1, 2)),
    pair(b"flag", 7, b"\1"),
    pair(b"wide", 12, struct.pack("<d", 0.5)),
]
GOOD = {"__metadata__": {"format": "pt"}, "a": tensor("F32", [2, 3], 0, 24), "b": tensor("BF16", [4], 24, 32),
        "c": tensor("F32", [0], 32, 32), "d": tensor("I64", [], 32, 40)}

SEEDS = {
    "safetensors": safetensors(GOOD, bytes(40)),
    "safetensors-padded": safetensors(json.dumps(GOOD).encode() + b"   ", bytes(40)),
    "safetensors-empty": safetensors({}),
    "safetensors-hole": safetensors({"a": tensor("U8", [4], 4, 8)}, bytes(8)),
    "safetensors-overlap": safetensors({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 0, 4)}, bytes(4)),
    "safetensors-trailing": safetensors({"a": tensor("U8", [4], 0, 4)}, bytes(5)),
    "safetensors-overflow": safetensors({"a": tensor("U8", [2, 2**64 - 2], 0, 0)}),
    "safetensors-wraps": safetensors({"a": tensor("U8", [2**32, 2**32], 0, 0)}),
    "safetensors-nibbles": safetensors({"a": tensor("F4", [2], 0, 1)}, b"x"),
    "safetensors-twice": safetensors(b'{"a":1,"a":2}'),
    "safetensors-length": b"\xff" * 8 + b"{}",
    "gguf": gguf(PAIRS, [info(b"a", [3, 2], 0, 0), info(b"b", [32], 2, 32)], bytes(64)),
    "gguf-not-padded": gguf(PAIRS, [info(b"a", [3], 0, 0)], bytes(12)),
    "gguf-aligned": gguf([pair(b"general.alignment", 4, struct.pack("<I", 64))], [info(b"a", [1], 0, 0)], bytes(64),
                         unit=64),
    "gguf-alignment-24": gguf([pair(b"general.alignment", 4, struct.pack("<I", 24))], []),
    "gguf-empty": gguf([], [], version=2),
    "gguf-big-endian": b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
    "gguf-wraps": gguf([], [info(b"a", [2**32, 2**32], 0, 0)]),
    "gguf-zero": gguf([], [info(b"a", [0, 2**40, 2**40], 0, 0)]),
    "gguf-counts": gguf([], [], counts=(2**63, 2**63)),
    "gguf-nested": gguf([pair(b"a", 9, struct.pack("<IQ", 9, 1))], []),
    "gguf-long-text": gguf([pair(b"a", 8, struct.pack("<Q", 2**64 - 1))], []),
    "gguf-twice": gguf([], [info(b"a", [0], 0, 0), info(b"a", [0], 0, 0)]),
    "gguf-offset": gguf([], [info(b"a", [1], 0, 64)], bytes(128)),
    "gguf-2-40": gguf([], [info(b"a", [2**40, 2**40], 0, 0)]),
    "gguf-2-16": gguf([], [info(b"a", [2**16] * 4, 0, 0)]),
    "gguf-bool-2": gguf([pair(b"flag", 7, b"\2")], []),
    "gguf-name-63": gguf([], [info(b"n" * 63, [0], 0, 0)]),
    "gguf-split": gguf([pair(b"split.no", 2, b"\0\0"), pair(b"split.count", 2, b"\2\0"),
                        pair(b"split.tensors.count", 5, b"\1\0\0\0")], [info(b"a", [1], 0, 0)], bytes(32)),
    "gguf-model": gguf([pair(b"general.architecture", 8, text(b"llama")),
                        pair(b"llama.block_count", 4, struct.pack("<I", 2)),
                        pair(b"llama.attention.head_count_kv", 9, struct.pack("<IQ2I", 5, 2, 4, 2)),
                        pair(b"llama.expert_count", 10, struct.pack("<Q", 8)),
                        pair(b"general.file_type", 4, struct.pack("<I", 15))], []),
    "gguf-types": gguf([], [info(b"a", [256], 12, 0), info(b"b", [64], 40, 160), info(b"c", [32], 39, 224)],
                       bytes(160 + 64 + 32)),
    "safetensors-space": safetensors(b" {}"),
    "safetensors-escaped": safetensors(b'{"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
                                       b'"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    "neither": b"PK\3\4 and so on",
    "nothing": b"",
}

write_corpus(sys.argv[2], SEEDS)
