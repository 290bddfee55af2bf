#!/usr/bin/env python3
"""make_machine_corpus.py NAME FOLDER: the seeds of the fuzz target machine: one that says everything, and less."""

import json
import sys

from corpus import write_corpus

DIGEST = "sha256:" + "5a" * 32


def machine():
    return {
        "schema": "sealift.machine/1",
        "cpu": {"architecture": "aarch64", "family": 72, "model": 3329, "stepping": 16, "logical_count": 128,
                "features": ["aes", "asimd"], "source": "/proc/cpuinfo"},
        "memory_bytes": 2**40,
        "numa_nodes": [{"node": 0, "memory_bytes": 2**39, "processors": "0-63"}, {"node": 255, "memory_bytes": 1}],
        "kernel": {"name": "Linux", "release": "5.10.0"},
        "system": {"id": "openEuler", "version": "22.03"},
        "accelerators": [
            {"address": "0000:01:00.0", "id": "19e5:d802", "subsystem_id": "0200:0100", "class": "120000",
             "revision": "20", "driver": "devdrv", "vendor": "Huawei", "model": "Ascend910B3", "numa_node": 0,
             "devices": 2, "memory_bytes": 2**36},
            {"address": "10000:01:00.0", "id": "1bcf:001c", "class": "0b4000"}],
        "networks": [{"address": "0000:05:00.0", "id": "19e5:0222", "class": "020000"}],
        "device_nodes": [{"path": "/dev/davinci0", "mode": "0660", "user": 0, "group": 1001}],
        "software": [{"kind": "toolkit", "name": "CANN", "version": "9.1.0", "path": "/usr/local/Ascend/cann"}],
        "abi": [{"name": "GLIBC", "version": "2.34", "path": "/lib64/libc.so.6"}],
        "block_devices": [{"name": "sda", "size_bytes": 512, "logical_block_bytes": 512, "rotational": True,
                           "removable": True, "model": "A disk"}],
        "firmware": {"system_vendor": "Huawei", "bios_version": "1"},
        "identities": {"host_name": "node7"},
        "evidence": [{"tool": "npu-smi", "version": "25.2.0", "digest": DIGEST,
                      "devices": [{"address": "0000:01:00.0", "model": "Ascend910B3", "memory_bytes": 1, "devices": 1}],
                      "software": [{"kind": "firmware", "name": "F", "version": "7.7", "path": "npu-smi"}]}],
        "unreadable": ["/proc/meminfo", "cpu"],
    }


def main():
    whole = machine()
    seeds = {"whole": json.dumps(whole), "least": '{"schema":"sealift.machine/1","accelerators":[]}'}
    seeds["probe"] = json.dumps({"schema": "sealift.probe/1", "machine": whole, "best_profile": None, "profiles": []})
    seeds["probe-without"] = '{"schema":"sealift.probe/1"}'
    for name in whole:
        seeds["without-" + name] = json.dumps({key: value for key, value in whole.items() if key != name})
        seeds["only-" + name] = json.dumps({"schema": "sealift.machine/1", "accelerators": [], name: whole[name]})
        if isinstance(whole[name], list):
            seeds["empty-" + name] = json.dumps({**whole, name: []})
            seeds["twice-" + name] = json.dumps({**whole, name: whole[name] + whole[name]})
    write_corpus(sys.argv[2], seeds)


main()
