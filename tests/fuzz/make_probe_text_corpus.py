#!/usr/bin/env python3
"""make_probe_text_corpus.py NAME FOLDER: the seeds of the fuzz target probe_text, as the files look in the field."""

import sys

from corpus import write_corpus

X86 = ("processor\t: 0\nvendor_id\t:   Shanghai  \ncpu family\t: 6\nmodel\t\t: 25\nmodel name\t: ZX-C+\nstepping\t: 0\n"
       "flags\t\t: fpu sse sse2 lm pni abm avx avx2\n\nprocessor\t: 1\n")
ARM = ("processor\t: 0\nFeatures\t: fp asimd sha2\nCPU implementer\t: 0x48\nCPU architecture: 8\nCPU variant\t: 0x1\n"
       "CPU part\t: 0xd01\nCPU revision\t: 0\n")
KFD = ("cpu_cores_count 0\nsimd_count 304\nlocation_id 49408\ndomain 0\nunique_id 18446744073709551557\n"
       "heap_type 1\nsize_in_bytes 206141652992\n")


def main():
    write_corpus(sys.argv[2], {
        "x86": X86, "arm": ARM, "kfd": KFD,
        "ascend": "Version=25.2.0\nascendhal_version=7.35.23\n",
        "quoted": 'ID="openEuler"\nVersion : "8.2.RC1"\r\n',
        "nvidia": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n",
        "plain": "6.3.30-V1.4.1a\n",
        "words": "Neuware Version v4.7.2 of today\n",
        "empty": "",
        "no-line-feed": "Version=1",
        "wide": "simd_count 4\nlocation_id 65536\ndomain 4294967296\nsize_in_bytes 99999999999999999999\nheap_type 1\n",
        "implementer": ARM.replace("0x48", "0x" + "f" * 40),
        "control": b"vendor_id : \x1b[2J\xff\xfe\nflags : lm\ncpu family : 6\nmodel : 0x\n",
    })


main()
