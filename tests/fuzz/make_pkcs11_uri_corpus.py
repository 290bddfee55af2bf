#!/usr/bin/env python3
"""make_pkcs11_uri_corpus.py NAME FOLDER: names of keys in tokens, good ones and near misses."""

import sys

from corpus import write_corpus

write_corpus(sys.argv[2], {
    "empty": "pkcs11:",
    "all": "pkcs11:token=The%20Token;manufacturer=a;model=b;serial=0c;slot-id=7;type=private;object=r&x;id=%01%ff"
           "?module-path=/usr/lib/x.so&pin-source=file:/run/pin",
    "slashes": "PKCS11:id=%2F?pin-source=file:///run/pin",
    "pin": "pkcs11:token=a?pin-value=1234",
    "module-name": "pkcs11:?module-name=softhsm2",
    "twice": "pkcs11:token=a;token=b",
    "half-escape": "pkcs11:token=%4",
    "nul": "pkcs11:?module-path=/a%00",
    "not-utf8": b"pkcs11:token=\xff;\xfe=%ff",
    "unknown": "pkcs11:x-colour=red",
    "file": "release.key",
})
