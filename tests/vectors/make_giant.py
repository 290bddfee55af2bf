#!/usr/bin/env python3
"""Makes a bundle with one weights file of any size, zeros but for a few bytes, as a file that is mostly a hole.

usage: make_giant.py OUTDIR SIZE [--byte OFFSET=VALUE]... [--digest sha256:HEX]

SIZE is a number, or such as 8GiB-1 or 1TiB+1. Without --byte the last byte is 1; an OFFSET below 0 counts from the
end. OUTDIR/bundle.sealift is signed, and OUTDIR/key.pem is the key. The tree over zeros costs nothing, for all chunks
of zeros have one hash. The SHA-256 has to be computed over all bytes; from 16 GiB on it has to be given, and if it is not
the true one, only a reader that computes it too will say so.
"""
import argparse
import hashlib
import pathlib
import re
import sys

import writer

WEIGHTS = 'weights/giant.bin'
LARGEST_TO_HASH = 16 << 30
UNITS = {None: 1, 'KiB': 1 << 10, 'MiB': 1 << 20, 'GiB': 1 << 30, 'TiB': 1 << 40}


def size_in(text):
    match = re.fullmatch(r'(\d+)([KMGT]iB)?([+-]\d+)?', text)
    if not match:
        raise argparse.ArgumentTypeError(f'{text!r} is not a size such as 8GiB-1')
    return int(match[1]) * UNITS[match[2]] + int(match[3] or 0)


def byte_in(text):
    match = re.fullmatch(r'(-?\d+)=(\d+)', text)
    if not match or int(match[2]) > 255:
        raise argparse.ArgumentTypeError(f'{text!r} is not OFFSET=VALUE')
    return int(match[1]), int(match[2])


class Zeros:
    """So many zeros, and a few bytes that are something else: a dict of offset to value."""

    def __init__(self, size, others):
        self.size = size
        self.others = {at if at >= 0 else size + at: value for at, value in others}
        if not all(0 <= at < size for at in self.others):
            raise SystemExit(f'an offset is outside of {size} bytes')

    def __len__(self):
        return self.size

    def part(self, start, end):
        data = bytearray(end - start)
        for at, value in self.others.items():
            if start <= at < end:
                data[at - start] = value
        return bytes(data)

    def tree(self):
        """As writer.tree, but every chunk of zeros is hashed once only."""
        if self.size <= writer.CHUNK:
            return writer.tree(self.part(0, self.size))
        chunks, last = -(-self.size // writer.CHUNK), (self.size - 1) // writer.CHUNK * writer.CHUNK
        table = bytearray(writer.chunk_hashes(bytes(writer.CHUNK)) * chunks)
        for start in {at // writer.CHUNK * writer.CHUNK for at in self.others} | {last}:
            number = start // writer.CHUNK
            table[32 * number:32 * number + 32] = writer.chunk_hashes(self.part(start, min(start + writer.CHUNK,
                self.size)))
        level = bytes(table)
        while len(level) > 32:
            level = writer.level_above(level)
        return writer.fs_verity_digest(level, self.size), bytes(table)

    def digest(self):
        flat, zeros, at = hashlib.sha256(), bytes(1 << 20), 0
        for other in [*sorted(self.others), self.size]:
            while at < other:
                flat.update(memoryview(zeros)[:other - at])
                at += min(len(zeros), other - at)
            if other < self.size:
                flat.update(bytes([self.others[other]]))
                at += 1
        return 'sha256:' + flat.hexdigest()


def entries_with(giant, digest):
    fs_verity, table = giant.tree()

    def document(document):
        document['files'][1].update(size_bytes=giant.size, digest=digest, fs_verity_digest=fs_verity)
    changes = {'document': document, 'tables': lambda tables: {WEIGHTS: table} if table else {}}
    files = [{'path': path, 'role': role, 'mode': '0644', 'data': data}
             for path, role, data in (('docs/hello.txt', 'doc', b'hello'), (WEIGHTS, 'weights', b''))]
    entries = writer.entries_of(writer.Steps(changes), files)
    return [[name, giant if name == writer.blob_name(digest) else data] for name, data in entries]


def write(path, entries):
    with open(path, 'wb') as file:
        for header, data, fill in writer.plan(entries):
            file.write(header)
            if isinstance(data, bytes):
                file.write(data + fill)
                continue
            start = file.tell()
            for at, value in data.others.items():
                file.seek(start + at)
                file.write(bytes([value]))
            file.seek(start + len(data) + len(fill))
        file.truncate(file.tell() + 2 * writer.BLOCK)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('outdir', type=pathlib.Path)
    parser.add_argument('size', type=size_in)
    parser.add_argument('--byte', type=byte_in, action='append', metavar='OFFSET=VALUE')
    parser.add_argument('--digest')
    given = parser.parse_args()
    if given.size < 1 or not given.digest and given.size > LARGEST_TO_HASH:
        parser.error('over 16 GiB the digest has to be given' if given.size > 0 else 'the file cannot be empty')
    giant = Zeros(given.size, given.byte or [(-1, 1)])
    given.outdir.mkdir(parents=True, exist_ok=True)
    write(given.outdir / 'bundle.sealift', entries_with(giant, given.digest or giant.digest()))
    (given.outdir / 'key.pem').write_text(writer.OURS.public)


if __name__ == '__main__':
    sys.exit(main())
