#!/usr/bin/env python3
"""make_bundle_pipe_corpus.py NAME FOLDER: whole bundle files of every kind that a pipe treats in its own way (files
that stand elsewhere, empty ones, padding, chunk tables), and such with one lie that only the content shows."""

import pathlib
import sys

from corpus import write_corpus

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vectors"))
import writer  # the format in Python, with nothing of ours


def file(path, data, role="doc"):
    return {"path": path, "role": role, "mode": "0644", "data": data}


def whole(*files, envelopes=(), **changes):
    step = writer.Steps(changes)
    entries = step("entries", writer.entries_of(step, files, envelopes=envelopes))
    tar = step("tar", writer.plan(entries))
    return step("raw", b"".join(b"".join(entry) for entry in tar) + bytes(2 * writer.BLOCK))


def lie(field, value, *paths):
    """A step that says something else about these files in the bundle document."""
    def change(document):
        for one in document["files"]:
            if one["path"] in paths:
                one[field] = value
    return change


def changed_data(data, new):
    """A step that stores other bytes where these were."""
    def change(entries):
        for entry in entries:
            if entry[1] == data:
                entry[1] = new
    return change


HELLO = file("docs/hello.txt", b"hello")
WEIGHTS = file("weights/w.bin", b"weights", "weights")
EMPTY = file("docs/empty.txt", b"")
WRONG = "sha256:" + "5" * 64
TWIN = file("config/empty.json", b"{}", "config")     # the bytes of the empty config, once there is a signature
BOM = file("docs/bom.json", writer.BOMS[0])           # the bytes of a document that every bundle has
ALIGNED = file("weights/aligned.bin", bytes(range(256)) * 256, "weights")
LARGE = file("weights/large.bin", b"large" * 104858, "weights")
TWO = [file("weights/a.bin", b"same", "weights"), file("weights/b.bin", b"same", "weights")]

seeds = {
    "plain": whole(HELLO, WEIGHTS),
    "signed": whole(HELLO, WEIGHTS, envelopes=((writer.OURS,),)),
    "empty": whole(EMPTY, WEIGHTS),
    "only-empty": whole(EMPTY),
    "same-twice": whole(*TWO),
    "twin-of-document": whole(TWIN, WEIGHTS, envelopes=((writer.OURS,), (writer.OTHERS,))),
    "twin-of-bom": whole(BOM, WEIGHTS),
    "nothing-comes": whole(BOM),
    "padding": whole(HELLO, ALIGNED, WEIGHTS),
    "chunk-table": whole(HELLO, LARGE),
    "block-sized": whole(file("docs/block.txt", b"x" * 512), file("weights/leaf.bin", b"y" * 4096, "weights"),
                         file("weights/leaf-more.bin", b"y" * 4097, "weights")),
    "lie-tree": whole(HELLO, WEIGHTS, document=lie("fs_verity_digest", WRONG, "weights/w.bin")),
    "lie-tree-of-empty": whole(EMPTY, WEIGHTS, document=lie("fs_verity_digest", WRONG, "docs/empty.txt")),
    "lie-tree-of-twin": whole(BOM, WEIGHTS, document=lie("fs_verity_digest", WRONG, "docs/bom.json")),
    "lie-tree-of-same": whole(*TWO, document=lie("fs_verity_digest", WRONG, "weights/a.bin", "weights/b.bin")),
    "lie-tree-of-one": whole(*TWO, document=lie("fs_verity_digest", WRONG, "weights/b.bin")),
    "lie-size-of-twin": whole(BOM, WEIGHTS, document=lie("size_bytes", 7, "docs/bom.json")),
    "lie-flat": whole(HELLO, WEIGHTS, document=lie("digest", WRONG, "weights/w.bin")),
    "other-bytes": whole(HELLO, WEIGHTS, entries=changed_data(b"weights", b"WEIGHTS")),
    "fewer-bytes": whole(HELLO, WEIGHTS, entries=changed_data(b"weights", b"weight")),
    "no-bytes": whole(HELLO, WEIGHTS, entries=changed_data(b"weights", b"")),
    "another-entry": whole(HELLO, WEIGHTS, entries=lambda entries: entries.append(["spare", b"spare"])),
    "one-entry-less": whole(HELLO, WEIGHTS, entries=lambda entries: entries.pop() and None),
    "other-order": whole(HELLO, WEIGHTS, entries=lambda entries: entries[:-2] + entries[:-3:-1]),
    "front-only": whole(HELLO, WEIGHTS, entries=lambda entries: entries[:-2]),
    "wrong-padding": whole(HELLO, ALIGNED, tar=lambda tar: [
        [head, b"\1" + data[1:], fill] if head.startswith(b"sealift-padding") else [head, data, fill]
        for head, data, fill in tar]),
    "no-padding": whole(HELLO, ALIGNED, tar=lambda tar: [
        entry for entry in tar if not entry[0].startswith(b"sealift-padding")]),
    "trailing": whole(HELLO, WEIGHTS) + b"\0",
    "trailing-block": whole(HELLO, WEIGHTS) + bytes(512),
    "endless-front": whole(HELLO, WEIGHTS, tar=lambda tar: [
        [writer.header_of("index.json", 2 ** 40), *entry[1:]] if entry[0].startswith(b"index.json") else entry
        for entry in tar]),
    "nothing": b"",
    "one-block": whole(HELLO)[:512],
}
write_corpus(sys.argv[2], seeds)
