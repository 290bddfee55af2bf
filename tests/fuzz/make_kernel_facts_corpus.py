#!/usr/bin/env python3
"""make_kernel_facts_corpus.py kernel_facts FOLDER: device code in all its containers, good and bad."""

import struct
import sys

from corpus import write_corpus


def header(machine, kind=2, flags=0, abi=(0, 0), sections=(0, 0, 0)):
    """An ELF header without segments; sections are place, count and number of the names."""
    place, count, names = sections
    identity = b"\x7fELF\x02\x01\x01" + bytes(abi) + bytes(7)
    return identity + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 0, place, flags, 64, 56, 0, 64, count, names)


def library(name, content, machine=62):
    """A library with one section of this name."""
    names = b"\0" + name + b"\0.shstrtab\0"
    rows = bytes(64)
    at = 64
    for index, body in ((1, content), (2 + len(name), names)):
        kind = 1 if body is content else 3
        rows += struct.pack("<IIQQQQIIQQ", index, kind, 0, 0, at, len(body), 0, 0, 8, 0)
        at += len(body)
    return header(machine, 3, sections=(at, 3, 2)) + content + names + rows


def object_file(names):
    """A relocatable file with a symbol table."""
    strings = b"\0" + b"".join(name + b"\0" for name in names)
    symbols = bytes(24)
    for name in names:
        symbols += struct.pack("<IBBHQQ", strings.index(b"\0" + name + b"\0") + 1, 0x12, 0, 1, 0, 0)
    rows = bytes(64)
    rows += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, 64, len(symbols), 2, 1, 8, 24)
    rows += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64 + len(symbols), len(strings), 0, 0, 1, 0)
    return header(62, 1, sections=(64 + len(symbols) + len(strings), 3, 0)) + symbols + strings + rows


def image(kind, chip, content):
    content += bytes(-len(content) % 8)
    return struct.pack("<HHIQ12xI32x", kind, 0x101, 64, len(content), chip) + content


def fat(*images):
    content = b"".join(images)
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(content)) + content


def bundle(*entries):
    at = 32 + sum(24 + len(name) for name, _ in entries)
    head = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", len(entries))
    body = b""
    for name, content in entries:
        head += struct.pack("<QQQ", at + len(body), len(content), len(name)) + name
        body += content
    return head + body


def main():
    sm_90 = header(190, flags=0x06005A04, abi=(0x33, 8))
    sm_90a_old = header(190, flags=0x005A0D5A, abi=(0x33, 7))
    gfx942 = header(224, 3, flags=0x54C, abi=(64, 2))
    fat_both = fat(image(2, 90, sm_90), image(2, 80, b"packed"), image(1, 90, b"packed"))
    bundled = bundle((b"host-x86_64-unknown-linux--", b""), (b"hipv4-amdgcn-amd-amdhsa--gfx942", gfx942),
                     (b"hipv4-amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-", b"BC"))
    write_corpus(sys.argv[2], {
        "cubin": sm_90,
        "cubin-old": sm_90a_old,
        "cubin-unknown-abi": header(190, flags=1, abi=(0x33, 9)),
        "fat-binary": fat_both,
        "fat-binaries": fat_both + bytes(40) + fat(image(2, 75, b"packed")),
        "fat-binary-lies": fat(image(2, 80, sm_90)),
        "fat-binary-other-kind": fat(image(64, 80, b"?")),
        "library-cuda": library(b".nv_fatbin", fat_both),
        "library-hip": library(b".hip_fatbin", bundled + bytes(100) + bundled),
        "library-hip-compressed": library(b".hip_fatbin", b"CCOB\2\0\1\0packed"),
        "library-arm": library(b".rodata", b"text", 183),
        "code-object": gfx942,
        "code-object-unknown": header(224, 3, flags=0xE8),
        "bundle": bundled,
        "bundle-many": b"__CLANG_OFFLOAD_BUNDLE__" + b"\xff" * 8,
        "ascend": header(0x1029, flags=0x940000),
        "ascend-model": b"IMOD" + struct.pack("<I", 256) + bytes(300),
        "sidecar": b'{"binFileName": "Add_1", "binFileSuffix": ".o", "sha256": "' + b"ab" * 32 + b'", "ratio": 0.5}',
        "object": object_file([b"init", b"score"]),
        "unknown": b"\x01\x02\x03\x04MUSA",
        "empty": b"",
    })


main()
