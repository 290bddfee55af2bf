#!/usr/bin/env python3
"""make_argument_corpus.py NAME FOLDER: engine arguments, good ones and near misses."""

import sys

from corpus import write_corpus

write_corpus(sys.argv[2], {
    "plain": "--verbose",
    "port": "--port={port}",
    "file": "{file:engine/libx.so}",
    "two": "{fd:weights/a}@{offset:weights/a}",
    "folder": "{dir:engine}{threads}",
    "braces": "{{{port}}}{{",
    "open": "{file:a",
    "unknown": "{host}",
    "climbs": "{file:../../etc/passwd}",
    "not-utf8": b"{file:\xff}\xfe",
    "empty": "",
})
