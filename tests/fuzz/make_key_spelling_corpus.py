#!/usr/bin/env python3
"""make_key_spelling_corpus.py NAME FOLDER: public keys as minisign, OpenSSH and signed notes spell them."""

import base64
import hashlib
import sys

from corpus import write_corpus

# RFC 8032, 7.1, TEST 1, and the base point of P-256 (SEC 2, 2.4.2)
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")


def b64(data):
    return base64.b64encode(data).decode()


def string(data):
    return len(data).to_bytes(4, "big") + data


def vkey(name, typed):
    digest = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()
    return f"{name}+{digest[:8]}+{b64(typed)}\n"


SSH = string(b"ssh-ed25519") + string(KEY)
SSH_P256 = string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(POINT)
MINISIGN = b64(b"Ed" + bytes(range(8)) + KEY) + "\n"

write_corpus(sys.argv[2], {
    "empty": "",
    "pem": "-----BEGIN PUBLIC KEY-----\n" + b64(bytes.fromhex("302a300506032b6570032100") + KEY)
           + "\n-----END PUBLIC KEY-----\n",
    "pem-secret": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "minisign": "untrusted comment: minisign public key 0706050403020100\n" + MINISIGN,
    "minisign-bare": MINISIGN,
    "minisign-windows": "untrusted comment: x\r\n" + MINISIGN.replace("\n", "\r\n"),
    "minisign-escape": "untrusted comment: \x1b[2J\n" + MINISIGN,
    "minisign-prehashed": b64(b"ED" + bytes(8) + KEY),
    "minisign-small-order": b64(b"Ed" + bytes(40)),
    "minisign-long": b64(b"Ed" + bytes(8) + KEY + b"\0"),
    "ssh": "ssh-ed25519 " + b64(SSH) + " a comment\n",
    "ssh-bare": "ssh-ed25519 " + b64(SSH),
    "ssh-trailing": "ssh-ed25519 " + b64(SSH + b"\0"),
    "ssh-length": "ssh-ed25519 " + b64(string(b"ssh-ed25519") + b"\xff\xff\xff\xff" + KEY),
    "ssh-two": "ssh-ed25519 " + b64(SSH) + " a\nssh-rsa AAAA\n",
    "ssh-p256": "ecdsa-sha2-nistp256 " + b64(SSH_P256) + "\n",
    "ssh-p256-inside": "ssh-ed25519 " + b64(SSH_P256) + "\n",
    "ssh-hostile-type": "ssh-\x1b[2J\xff x\n",
    "vkey": vkey("example.org/line-7", b"\1" + KEY),
    "vkey-rw": vkey("RW", b"\1" + KEY),
    "vkey-cosignature": vkey("a", b"\4" + KEY),
    "vkey-name": vkey("a b", b"\1" + KEY),
    "vkey-hash": "a+00000000+" + b64(b"\1" + KEY) + "\n",
    "vkey-short": vkey("a", b"\1" + KEY[:31]),
})
