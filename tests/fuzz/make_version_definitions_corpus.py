#!/usr/bin/env python3
"""make_version_definitions_corpus.py NAME FOLDER: libraries of a few hundred bytes, and lies in each of their tables."""

import struct
import sys

from corpus import write_corpus

BASE = 0x1000
DYNAMIC = 64 + 2 * 56
DEFINITIONS = DYNAMIC + 5 * 16


def library(versions, machine=62, soname="libc.so.6"):
    names = [soname, *versions]
    strings, table = b"\0", b""
    for i, name in enumerate(names):
        following = 28 if i + 1 < len(names) else 0
        table += struct.pack("<HHHHIII", 1, 1 if i == 0 else 0, i + 1, 1, 0, 20, following)
        table += struct.pack("<II", len(strings), 0)
        strings += name.encode() + b"\0"
    string_offset = DEFINITIONS + len(table)
    size = string_offset + len(strings)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 4, 0, BASE, BASE, size, size, 8)
    head += struct.pack("<IIQQQQQQ", 2, 4, DYNAMIC, BASE + DYNAMIC, BASE + DYNAMIC, 80, 80, 8)
    for tag, value in ((5, BASE + string_offset), (10, len(strings)), (0x6ffffffc, BASE + DEFINITIONS),
                       (0x6ffffffd, len(names)), (0, 0)):
        head += struct.pack("<QQ", tag, value)
    return head + table + strings


def with_lie(data, offset, layout, value):
    lie = struct.pack(layout, value)
    return data[:offset] + lie + data[offset + len(lie):]


def main():
    whole = library(["GLIBC_2.2.5", "GLIBC_2.36", "GLIBC_PRIVATE"])
    seeds = {
        "libc": whole,
        "libstdcxx": library(["GLIBCXX_3.4", "GLIBCXX_3.4.30", "CXXABI_1.3.13", "CXXABI_TM_1"], 183),
        "none": library([]),
        "long-name": library(["GLIBC_" + "1" * 200]),
        "half": whole[: len(whole) // 2],
        "text": b"INPUT ( libc.so.6 )\n",
        "loop": with_lie(whole, DEFINITIONS + 16, "<I", 0xfffffff0),
        "overlap": with_lie(whole, DEFINITIONS + 16, "<I", 1),
        "many": with_lie(whole, DYNAMIC + 3 * 16 + 8, "<Q", 4096),
        "too-many": with_lie(whole, DYNAMIC + 3 * 16 + 8, "<Q", 2**63),
        "strings-far": with_lie(whole, DYNAMIC + 8, "<Q", 2**64 - 1),
        "segment-wraps": with_lie(with_lie(whole, 64 + 8, "<Q", 2**64 - 16), 64 + 32, "<Q", 2**64 - 1),
        "dynamic-huge": with_lie(whole, 64 + 56 + 32, "<Q", 2**64 - 1),
        "headers-many": with_lie(whole, 56, "<H", 65535),
    }
    write_corpus(sys.argv[2], seeds)


main()
