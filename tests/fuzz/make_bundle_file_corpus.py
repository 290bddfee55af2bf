#!/usr/bin/env python3
"""make_bundle_file_corpus.py NAME FOLDER: tar files that begin like a bundle and stop being one further and
further in: other tars, an empty layout, an index of manifests that are there, or are not, or are odd; and
bundles that are whole, so that a changed byte is one defect."""

import hashlib
import io
import json
import pathlib
import sys
import tarfile

from corpus import write_corpus

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vectors"))
import writer  # the format in Python, with nothing of ours

LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def tar(entries, kind=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue().rstrip(b"\0") + b"\0" * 1536


def descriptor(data, tag=None, kind="application/vnd.oci.image.manifest.v1+json"):
    value = {"mediaType": kind, "digest": "sha256:" + hashlib.sha256(data).hexdigest(), "size": len(data)}
    if tag:
        value["annotations"] = {"org.opencontainers.image.ref.name": tag}
    return value


def blob(data):
    return ("blobs/sha256/" + hashlib.sha256(data).hexdigest(), data)


def manifest(artifact, config, layers=()):
    return compact({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "artifactType": artifact, "config": descriptor(config, kind="application/json"),
                    "layers": list(layers)})


def index(*descriptors):
    return compact({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                    "manifests": list(descriptors)})


CONFIG = b"{}"
BUNDLE = manifest("application/vnd.sealift.bundle.v1+json", CONFIG)
MODEL = manifest("application/vnd.cncf.model.manifest.v1+json", CONFIG)
FRONT = [("oci-layout", LAYOUT), ("index.json", index(descriptor(BUNDLE, "bundle"), descriptor(MODEL, "model")))]



def whole(*files, envelopes=()):
    """A bundle file of these (path, role, data)."""
    files = [{"path": path, "role": role, "mode": "0644", "data": data} for path, role, data in files]
    entries = writer.entries_of(writer.Steps({}), files, envelopes=envelopes)
    return b"".join(b"".join(entry) for entry in writer.plan(entries)) + bytes(1024)


HELLO = ("docs/hello.txt", "doc", b"hello")
LARGE = whole(("weights/large.bin", "weights", b"large" * 104858))

write_corpus(sys.argv[2], {
    "whole": whole(HELLO, ("weights/w.bin", "weights", b"weights")),
    "signed": whole(HELLO, ("weights/w.bin", "weights", b"weights"), envelopes=((writer.OURS,),)),
    "twin": whole(("config/empty.json", "config", b"{}"), ("weights/w.bin", "weights", b"weights"),
                  envelopes=((writer.OURS,), (writer.OTHERS,))),
    "padded": whole(HELLO, ("weights/w.bin", "weights", bytes(65536))),
    "chunk-table": LARGE,
    "chunk-table-front": LARGE[:30000],
    "nothing": b"",
    "other-tar": tar([("etc/passwd", b"root")]),
    "layout-only": tar([("oci-layout", LAYOUT)]),
    "empty-index": tar([("oci-layout", LAYOUT), ("index.json", index())]),
    "no-blobs": tar(FRONT),
    "manifests": tar(FRONT + [blob(BUNDLE), blob(MODEL), blob(CONFIG)]),
    "pax": tar(FRONT + [blob(BUNDLE), blob(MODEL), blob(CONFIG)], tarfile.PAX_FORMAT),
    "long-name": tar([("oci-layout", LAYOUT), ("x" * 300, b"y")]),
})
