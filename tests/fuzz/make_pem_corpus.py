#!/usr/bin/env python3
"""make_pem_corpus.py NAME FOLDER: public keys as PEM and DER, good ones and near misses."""

import base64
import sys

from corpus import write_corpus

PREFIX = bytes.fromhex("302a300506032b6570032100")
# RFC 8032, 7.1, TEST 1
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def pem(der, label="PUBLIC KEY"):
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = [body[i:i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


GOOD = pem(PREFIX + KEY)
write_corpus(sys.argv[2], {
    "pem": GOOD,
    "pem-windows": "\r\n" + GOOD.replace("\n", "\r\n"),
    "pem-twice": GOOD + GOOD,
    "pem-cut": GOOD[:60],
    "pem-text-behind": GOOD + "x",
    "pem-secret": pem(b"secret", "ENCRYPTED PRIVATE KEY"),
    "pem-hostile-label": "-----BEGIN \x1b[2J\xff-----\n",
    "pem-long": pem(bytes(300)),
    "pem-small-order": pem(PREFIX + bytes(32)),
    "pem-trailing": pem(PREFIX + KEY + b"\0"),
    "pem-x25519": pem(bytes.fromhex("302a300506032b656e032100") + KEY),
    "der": PREFIX + KEY,
    "der-short": PREFIX + KEY[:31],
    "der-not-canonical": PREFIX + b"\xee" + b"\xff" * 30 + b"\x7f",
})
