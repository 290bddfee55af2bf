#!/usr/bin/env python3
"""make_bundle_document_corpus.py NAME FOLDER: bundle documents, good ones and near misses."""

import json
import pathlib
import sys

from corpus import write_corpus

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vectors"))
import writer  # the format in Python, with nothing of ours


def digest(text):
    return writer.digest(text.encode())


def reference(content):
    return writer.reference(content.encode())


def file(path, role, content, mode="0644"):
    data = content.encode()
    fs_verity, table = writer.tree(data)
    value = {"path": path, "role": role, "mode": mode, "size_bytes": len(data), "digest": writer.digest(data),
             "fs_verity_digest": fs_verity}
    return {**value, "chunk_table": writer.reference(table)} if table else value


def document(**changes):
    value = {
        "schema": "sealift.bundle/1",
        "name": "sample",
        "version": "1.0.0",
        "release_counter": 1,
        "target": {"profile": "x86_64-v3", **reference("profile")},
        "model": {"name": "Sample", "format": "gguf", "licenses": ["MIT"]},
        "files": [
            file("config/answer.json", "config", "{}"),
            file("engine/server", "engine", "server", "0755"),
            file("kernels/k.so", "kernel", "kernel"),
            file("weights/a", "weights", "a" * 70000),
            file("weights/b", "weights", "b"),
            file("weights/c", "weights", "c" * 524289),
        ],
        "kernels": [{"path": "kernels/k.so", "requires_features": ["avx2", "fma"], "fits": [digest("server")]}],
        "runtime": {
            "entrypoint": "engine/server",
            "arguments": ["--port", "{port}", "{fd:weights/a}", "{offset:weights/a}", "{dir:engine}", "{{"],
            "environment": {"A": "1"},
            "port": 0,
            "ready": {"listen_prefix": "listening ", "health_path": "/health", "timeout_s": 60},
            "device": {"path": "/props", "pointer": "/device", "equals": "CPU"},
            "known_answer": "config/answer.json",
        },
        "boms": {"software": reference("software"), "hardware_design": reference("hardware")},
        "model_manifest": reference("manifest"),
    }
    value.update(changes)
    return json.dumps({name: member for name, member in value.items() if member is not None}, separators=(",", ":"))


WEIGHTS = [file("weights/a", "weights", "a")]
LARGE = file("weights/c", "weights", "c" * 524289)


def only(*files):
    return document(files=list(files), kernels=[], runtime=None)


write_corpus(sys.argv[2], {
    "whole": document(),
    "weights-only": document(files=WEIGHTS, kernels=[], runtime=None),
    "huge": only({**LARGE, "size_bytes": 2**63 - 1}),
    "largest": only({**LARGE, "size_bytes": 2**62, "chunk_table": {**LARGE["chunk_table"], "size_bytes": 2**48}}),
    "table": only(LARGE),
    "no-table": only({name: member for name, member in LARGE.items() if name != "chunk_table"}),
    "needless-table": only({**WEIGHTS[0], "chunk_table": LARGE["chunk_table"]}),
    "short-table": only({**LARGE, "chunk_table": {**LARGE["chunk_table"], "size_bytes": 32}}),
    "table-is-a-file": only(LARGE, {**file("weights/d", "weights", "d" * 64), "digest": LARGE["chunk_table"]["digest"]}),
    "two-trees": only(WEIGHTS[0], {**file("weights/b", "weights", "a"), "fs_verity_digest": digest("")}),
    "no-tree": only({name: member for name, member in WEIGHTS[0].items() if name != "fs_verity_digest"}),
    "sharp-s": only(file("STRASSE", "weights", "a"), file("stra\u00dfe", "weights", "b")),
    "collision": document(files=[file("A", "weights", "a"), file("a", "weights", "b")], kernels=[], runtime=None),
    "inside": document(files=[file("a", "weights", "a"), file("a/b", "weights", "b")], kernels=[], runtime=None),
    "two-sizes": document(files=[file("a", "weights", "a"), {**file("b", "weights", "a"), "size_bytes": 2}],
                          kernels=[], runtime=None),
    "unicode": document(files=[file("weights/\u65e5", "weights", "a")], kernels=[], runtime=None),
    "no-weights": document(files=[file("docs/a", "doc", "a")], kernels=[], runtime=None),
    "extra": document(extra=1),
    "indented": json.dumps(json.loads(document()), indent=1),
})
