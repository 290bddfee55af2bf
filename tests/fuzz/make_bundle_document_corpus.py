#!/usr/bin/env python3
"""make_bundle_document_corpus.py NAME FOLDER: bundle documents, good ones and near misses."""

import hashlib
import json
import sys

from corpus import write_corpus


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def file(path, role, content, mode="0644"):
    return {"path": path, "role": role, "mode": mode, "size_bytes": len(content), "digest": digest(content)}


def reference(content):
    return {"digest": digest(content), "size_bytes": len(content)}


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

write_corpus(sys.argv[2], {
    "whole": document(),
    "weights-only": document(files=WEIGHTS, kernels=[], runtime=None),
    "huge": document(files=[{**WEIGHTS[0], "size_bytes": 2**63 - 1}], kernels=[], runtime=None),
    "collision": document(files=[file("A", "weights", "a"), file("a", "weights", "b")], kernels=[], runtime=None),
    "inside": document(files=[file("a", "weights", "a"), file("a/b", "weights", "b")], kernels=[], runtime=None),
    "two-sizes": document(files=[file("a", "weights", "a"), {**file("b", "weights", "a"), "size_bytes": 2}],
                          kernels=[], runtime=None),
    "unicode": document(files=[file("weights/\u65e5", "weights", "a")], kernels=[], runtime=None),
    "no-weights": document(files=[file("docs/a", "doc", "a")], kernels=[], runtime=None),
    "extra": document(extra=1),
    "indented": json.dumps(json.loads(document()), indent=1),
})
