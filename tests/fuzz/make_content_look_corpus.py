#!/usr/bin/env python3
"""make_content_look_corpus.py content_look FOLDER: pickles of every protocol, archives that hold them, one in the
other, ONNX, NumPy."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib

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


def nested(content, levels):
    for _ in range(levels):
        content = zipped({"inner": content})
    return content


def gzipped(content, times=1):
    for _ in range(times):
        content = gzip.compress(content, mtime=0)
    return content


def zip64(files):
    """With the record and the locator of zip64 in front of an end that points there."""
    plain = zipped(files)
    end = plain.rindex(b"PK\x05\x06")
    count, size, place = struct.unpack("<HII", plain[end + 10 : end + 20])
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, place)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    full = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:end] + record + locator + full


def streamed(files):
    """As a writer that cannot go back: the sizes stand behind each file."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

        def seek(self, *_):
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


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
    "zip-in-zip": nested(EVIL, 2),
    "zip-in-zip-six": nested(EVIL, 6),
    "zip-in-zip-seven": nested(b"hello", 7),
    "tar-in-zip": zipped({"a.tar": tarred({"b": EVIL})}, zipfile.ZIP_DEFLATED),
    "zip-in-tar-gz": gzipped(tarred({"a": zipped({"b": EVIL}, zipfile.ZIP_DEFLATED)})),
    "gzip-in-gzip": gzipped(EVIL, 4),
    "gzip-too-deep": gzipped(b"hello", 7),
    "gzip-twice": gzipped(b"") + gzipped(EVIL),
    "bzip2": bz2.compress(EVIL),
    "xz": lzma.compress(EVIL, check=lzma.CHECK_CRC32),
    "lzma": lzma.compress(EVIL, format=lzma.FORMAT_ALONE),
    "zlib": zlib.compress(EVIL),
    "zip-bzip2": zipped({"a": EVIL}, zipfile.ZIP_BZIP2),
    "zip-lzma": zipped({"a": EVIL}, zipfile.ZIP_LZMA),
    "zip-streamed": streamed({"a": EVIL, "b": b"hello"}),
    "zip64": zip64({"a": EVIL}),
    "zip-of-zeros": zipped({"a": bytes(1 << 20)}, zipfile.ZIP_DEFLATED),
    "tar-behind-zip": tarred({"a": b"hello"}) + zipped({"b": EVIL}),
    "zip-behind-zip": zipped({"a": b"hello"}) + zipped({"b": b"hello"}),
    "safetensors-640": struct.pack("<Q", 640) + b"{}".ljust(640),
    "nothing": b"",
}
write_corpus(sys.argv[2], SEEDS)
