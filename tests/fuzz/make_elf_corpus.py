#!/usr/bin/env python3
"""make_elf_corpus.py elf FOLDER: writes tiny ELF files, good and bad, as seeds of the fuzz target `elf`."""

import struct
import sys

from corpus import write_corpus

ADDRESS = 0x400000


def elf(machine=62, kind=3, order="<", soname=None, needed=(), versions=(), interpreter=None, flags=0):
    """One segment that loads everything, a dynamic section, perhaps an interpreter; no section headers."""
    names = b"\0"
    entries = []

    def name(text):
        nonlocal names
        place = len(names)
        names += text.encode() + b"\0"
        return place

    for library in needed:
        entries.append((1, name(library)))
    if soname:
        entries.append((14, name(soname)))
    if flags:
        entries.append((0x6FFFFFFB, flags))
    needs = b""
    for i, (library, wanted) in enumerate(versions):
        step = 0 if i + 1 == len(versions) else 16 + 16 * len(wanted)
        needs += struct.pack(order + "HHIII", 1, len(wanted), name(library), 16, step)
        for j, (version, weak) in enumerate(wanted):
            last = j + 1 == len(wanted)
            needs += struct.pack(order + "IHHII", 0, 2 if weak else 0, j + 2, name(version), 0 if last else 16)
    count = 3 if interpreter else 2
    path = interpreter.encode() + b"\0" if interpreter else b""
    at_path = 64 + 56 * count
    at_names = at_path + len(path)
    at_needs = at_names + len(names)
    at_dynamic = at_needs + len(needs)
    entries += [(5, ADDRESS + at_names), (10, len(names))]
    if versions:
        entries += [(0x6FFFFFFE, ADDRESS + at_needs), (0x6FFFFFFF, len(versions))]
    entries.append((0, 0))
    dynamic = b"".join(struct.pack(order + "QQ", *entry) for entry in entries)
    total = at_dynamic + len(dynamic)

    def segment(tag, offset, length):
        place = ADDRESS + offset
        return struct.pack(order + "IIQQQQQQ", tag, 4, offset, place, place, length, length, 8)

    identity = b"\x7fELF\x02" + (b"\x01" if order == "<" else b"\x02") + b"\x01" + bytes(9)
    header = identity + struct.pack(order + "HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, count, 64, 0, 0)
    table = segment(1, 0, total) + segment(2, at_dynamic, len(dynamic))
    if interpreter:
        table += segment(3, at_path, len(path))
    return header + table + path + names + needs + dynamic


def main():
    glibc = ("libc.so.6", [("GLIBC_2.4", False), ("GLIBC_2.34", False), ("GLIBC_2.99", True)])
    cxx = ("libstdc++.so.6", [("GLIBCXX_3.4.29", False), ("CXXABI_1.3", False)])
    library = elf(soname="libk.so.1", needed=["libstdc++.so.6", "libc.so.6"], versions=[glibc, cxx])
    relocatable = bytearray(elf(kind=1)[:64])
    relocatable[56:58] = b"\0\0"
    narrow = bytearray(library)
    narrow[4] = 1
    many = bytearray(library)
    many[56:58] = b"\xff\xff"
    wrap = bytearray(library)
    wrap[64 + 8:64 + 16] = b"\xff" * 8
    write_corpus(sys.argv[2], {
        "library": library,
        "library-big-endian": elf(order=">", soname="libk.so.1", needed=["libc.so.6"], versions=[glibc]),
        "program": elf(needed=["libc.so.6"], interpreter="/lib64/ld-linux-x86-64.so.2", versions=[glibc]),
        "static-program": elf(kind=2),
        "static-pie": elf(flags=0x08000000),
        "accelerator": elf(machine=0x1029, kind=2),
        "object": bytes(relocatable),
        "bits32": bytes(narrow),
        "cut": library[:-20],
        "many-segments": bytes(many),
        "wrapping-offset": bytes(wrap),
        "header-only": library[:64],
        "magic": b"\x7fELF",
        "script": b"#!/bin/sh\n",
        "empty": b"",
    })


main()
