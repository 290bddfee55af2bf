#!/usr/bin/env python3
"""make_content_look_corpus.py content_look FOLDER: pickles of every protocol, archives that hold them, ONNX, NumPy."""

import gzip
import io
import os
import pickle
import struct
import sys
import tarfile
import zipfile

from corpus import write_corpus


class Call:
    def __reduce__(self):
        return os.getcwd, ()


def zipped(files, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def tarred(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def npy(descr):
    header = ("{'descr': %s, 'fortran_order': False, 'shape': (1,), }" % descr).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(8)


def field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


EVIL = pickle.dumps(Call(), 2)
SEEDS = {f"protocol-{protocol}": pickle.dumps(Call(), protocol) for protocol in range(6)}
SEEDS |= {f"data-{protocol}": pickle.dumps({"a": [1, 2.5, (None, b"x")]}, protocol) for protocol in range(6)}
SEEDS |= {
    "inst": b"(S'id'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nU\x02ido.",
    "build": b"cmodule\nthing\n}U\x01kU\x01vsb.",
    "two": b"N." + pickle.dumps(Call(), 0),
    "broken": pickle.dumps(Call(), 0)[:-3],
    "words": b"cat\ndog\nelk\n",
    "torch": zipped({"m/data.pkl": EVIL, "m/data/0": bytes(64), "m/version": b"3"}),
    "torch-old": bytes.fromhex("80028a0a6cfc9c46f9206aa850192e80024de9032e"),
    "deflated": zipped({"a.txt": bytes(500), "b": EVIL}, zipfile.ZIP_DEFLATED),
    "clean": zipped({"a.txt": b"hello"}),
    "prefixed": b"GGUF" + bytes(40) + zipped({"data.pkl": EVIL}),
    "tar": tarred({"pickle": EVIL}),
    "gzip": gzip.compress(EVIL, mtime=0),
    "npz": zipped({"a.npy": npy("'|O'")}),
    "npy": npy("'<f4'"),
    "npy-objects": npy("'|O'"),
    "onnx": b"\x08\x0a" + field(2, b"pytorch") + field(7, b"graph") + field(8, b"set"),
    "seven-zip": b"7z\xbc\xaf\x27\x1c" + bytes(26),
    "safetensors": struct.pack("<Q", 2) + b"{}",
    "gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
    "nothing": b"",
}
write_corpus(sys.argv[2], SEEDS)
