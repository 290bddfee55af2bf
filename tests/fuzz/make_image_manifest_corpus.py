#!/usr/bin/env python3
"""make_image_manifest_corpus.py NAME FOLDER: OCI manifests and indexes, good ones and near misses."""

import json
import sys

from corpus import write_corpus

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def descriptor(kind, **more):
    return {"mediaType": kind, "digest": "sha256:" + "5a" * 32, "size": 7, **more}


def manifest(**changes):
    value = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "application/vnd.sealift.bundle.v1+json",
        "config": descriptor("application/json"),
        "layers": [descriptor("application/octet-stream",
                              annotations={"org.cncf.model.filepath": "a", "org.opencontainers.image.title": "a"})],
        "subject": descriptor(MANIFEST),
    }
    value.update(changes)
    return compact({name: member for name, member in value.items() if member is not None})


def compact(value):
    return json.dumps(value, separators=(",", ":"))


write_corpus(sys.argv[2], {
    "manifest": manifest(),
    "no-subject": manifest(subject=None),
    "no-layers": manifest(layers=[]),
    "urls": manifest(layers=[descriptor("x", urls=["https://example.com"])]),
    "huge": manifest(layers=[descriptor("x", size=2**63)]),
    "indented": json.dumps(json.loads(manifest()), indent=2),
    "index": compact({"schemaVersion": 2, "manifests": [
        descriptor(MANIFEST, annotations={"org.opencontainers.image.ref.name": "bundle"})]}),
    "foreign-index": compact({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                              "manifests": [descriptor(MANIFEST, platform={"os": "linux"})], "annotations": {}}),
})
