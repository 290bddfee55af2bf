#!/usr/bin/env python3
"""make_profile_corpus.py NAME FOLDER: the seeds of the fuzz target profile: every profile of this checkout, and broken ones."""

import json
import pathlib
import sys

from corpus import write_corpus


def main():
    top = pathlib.Path(__file__).resolve().parents[2]
    files = sorted((top / "profiles").glob("*.json")) + sorted((top / "tests/vectors/profiles").glob("*.json"))
    seeds = {file.stem: file.read_bytes() for file in files if not file.name.endswith(".schema.json")}
    if not seeds:
        sys.exit("make_profile_corpus: there are no profiles")
    smallest = json.loads((top / "profiles/x86_64-v1.json").read_text())
    for name in smallest:
        seeds["without-" + name] = json.dumps({key: value for key, value in smallest.items() if key != name})
    seeds["unknown-member"] = json.dumps({**smallest, "more": 1})
    seeds["not-an-object"] = "[]"
    write_corpus(sys.argv[2], seeds)


main()
