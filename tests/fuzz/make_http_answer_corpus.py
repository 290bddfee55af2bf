#!/usr/bin/env python3
"""make_http_answer_corpus.py NAME FOLDER: answers with a length, in chunks and until the end; addresses."""

import sys

from corpus import write_corpus

OK = "HTTP/1.1 200 OK\r\n"

write_corpus(sys.argv[2], {
    "length": OK + "Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}",
    "chunks": OK + "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n",
    "until-close": "HTTP/1.0 503 Loading\r\nRetry-After: 1\r\n\r\nloading",
    "two-lengths": OK + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    "huge-length": OK + "Content-Length: 18446744073709551615\r\n\r\nabc",
    "endpoint": "127.0.0.1:8080",
    "any-endpoint": "0.0.0.0:80",
})
