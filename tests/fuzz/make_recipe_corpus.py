#!/usr/bin/env python3
"""make_recipe_corpus.py NAME FOLDER: recipes, good ones and near misses."""

import json
import sys

from corpus import write_corpus


def recipe(**changes):
    value = {
        "schema": "sealift.recipe/1",
        "name": "sample",
        "version": "1.0.0",
        "release_counter": 2,
        "profile": "x86_64-v3",
        "model": {"name": "Sample", "architecture": "deepseek2", "licenses": ["MIT", "Apache-2.0"]},
        "licenses": {"engine": "MIT"},
        "files": [
            {"path": "weights/a", "role": "weights", "source": "../a"},
            {"path": "engine/e", "role": "engine", "mode": "0755"},
        ],
        "kernels": [{"path": "kernels/k", "requires_features": ["fma", "avx2"], "fits": ["engine/e"]}],
        "runtime": {"entrypoint": "engine/e", "arguments": ["{port}"], "environment": {"A": "b"}, "port": 80,
                    "ready": {"health_path": "/"}},
    }
    value.update(changes)
    return json.dumps({name: member for name, member in value.items() if member is not None})


write_corpus(sys.argv[2], {
    "whole": recipe(),
    "small": recipe(release_counter=None, model=None, licenses=None, kernels=None, runtime=None),
    "comments": "// a recipe\n" + recipe().replace('"files"', '/* all of them */ "files"'),
    "no-files": recipe(files=[]),
    "bad-path": recipe(files=[{"path": "../a", "role": "weights"}]),
    "bad-role": recipe(files=[{"path": "a", "role": "secret"}]),
    "bad-environment": recipe(runtime={"entrypoint": "e", "arguments": [], "environment": {"LD_PRELOAD": "x"},
                                       "port": 1, "ready": {"health_path": "/"}}),
    "unicode": json.dumps(json.loads(recipe(profile="\u65e5")), ensure_ascii=False),
})
