#!/usr/bin/env python3
"""make_probe_evidence_corpus.py NAME FOLDER: the seeds of the fuzz target probe_evidence."""

import json
import sys

from corpus import write_corpus


def main():
    whole = {
        "schema": "sealift.probe-evidence/1", "tool": "npu-smi", "version": "25.2.0",
        "devices": [{"address": "0000:01:00.0", "model": "Ascend910B3", "memory_bytes": 2**36, "devices": 2},
                    {"address": "0000:c1:00.0"}],
        "software": [{"kind": "driver", "name": "Ascend HDK driver", "version": "25.2.0"},
                     {"kind": "firmware", "name": "Ascend HDK firmware", "version": "7.7"}],
    }
    seeds = {"whole": json.dumps(whole), "least": '{"schema":"sealift.probe-evidence/1","tool":"x"}', "no-json": "npu-smi"}
    for name in whole:
        seeds["without-" + name] = json.dumps({key: value for key, value in whole.items() if key != name})
    for memory in (0, -1, 2**50, 2**50 + 1, 2**63, 0.5, "64"):
        device = {"address": "0000:01:00.0", "memory_bytes": memory}
        seeds[f"memory-{memory}"] = json.dumps({**whole, "devices": [device]})
    for tool in ("", "\x1b[2J", "\u202e", "a" * 129):
        seeds[f"tool-{len(seeds)}"] = json.dumps({**whole, "tool": tool})
    seeds["out-of-order"] = json.dumps({**whole, "devices": whole["devices"][::-1]})
    write_corpus(sys.argv[2], seeds)


main()
