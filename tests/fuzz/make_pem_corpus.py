#!/usr/bin/env python3
"""make_pem_corpus.py NAME FOLDER: public keys as PEM and DER, good ones and near misses."""

import base64
import sys

from corpus import write_corpus

PREFIX = bytes.fromhex("302a300506032b6570032100")
# RFC 8032, 7.1, TEST 1
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

# The base points of P-256 (SEC 2, 2.4.2) and SM2 (GB/T 32918.5), and the first one without its name
P256 = bytes.fromhex(
    "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
SM2 = bytes.fromhex(
    "3059301306072a8648ce3d020106082a811ccf5501822d0342000432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")


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
    "pem-p256": pem(P256),
    "pem-sm2": pem(SM2),
    "der-p256": P256,
    "der-sm2": SM2,
    "der-p256-hybrid": P256[:26] + b"\x06" + P256[27:],
    "der-p256-compressed": bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + b"\3" + P256[27:59],
    "der-p256-under-sm2": SM2[:26] + P256[26:],
    "der": PREFIX + KEY,
    "der-short": PREFIX + KEY[:31],
    "der-not-canonical": PREFIX + b"\xee" + b"\xff" * 30 + b"\x7f",
})
