#!/usr/bin/env python3
"""make_signing_message_corpus.py NAME FOLDER: bytes to be signed, good ones and near misses."""

import sys

from corpus import write_corpus

write_corpus(sys.argv[2], {
    "hello": "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    "statement": 'DSSEv1 28 application/vnd.in-toto+json 47 {"_type":"https://in-toto.io/Statement/v1","a":1}',
    "empty-payload": "DSSEv1 1 t 0 ",
    "empty-type": "DSSEv1 0  1 x",
    "short": "DSSEv1 1 t 2 x",
    "trailing": "DSSEv1 1 t 1 x\n",
    "zero-in-front": "DSSEv1 01 t 1 x",
    "huge": "DSSEv1 1 t 18446744073709551617 x",
    "not-utf8": b"DSSEv1 2 \xff\xfe 2 \xfe\xff",
    "capitals": "DSSEV1 1 t 1 x",
})
