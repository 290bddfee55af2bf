#!/usr/bin/env python3
"""make_known_answer_corpus.py NAME FOLDER: known answers, engines' answers, a run state, a process's maps."""

import json
import sys

from corpus import write_corpus

KNOWN = {"prompt": "q", "text": "a", "tokens": [11, 22], "logprobs": [-0.25, -1e-3], "logprob_tolerance": 0.05}
TOKEN = {"id": 11, "token": "a", "bytes": [97], "logprob": -0.25, "top_logprobs": []}
GIVEN = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "a"},
                      "logprobs": {"content": [TOKEN]}, "finish_reason": "stop"}]}
STATE = {"schema": "sealift.run/1", "phase": "running", "supervisor_pid": 10, "engine_pid": 11,
         "bundle": "sha256:" + "5a" * 32, "name": "m", "version": "1", "profile": "p", "source": "/s",
         "generation": "", "endpoint": "127.0.0.1:80", "health_path": "/health", "ready_ms": 5, "reason": "",
         "findings": [{"code": "SL-BOOT-START", "where": "engine", "text": "t", "hint": ""}]}
MAPS = ("7f0000100000-7f0000200000 r-xp 00001000 00:01 4096   /memfd:kernels/a.so (deleted)\n"
        "7ffd3d0f6000-7ffd3d117000 rw-p 00000000 00:00 0      [stack]\n")

write_corpus(sys.argv[2], {
    "known": json.dumps(KNOWN),
    "text-only": json.dumps({"prompt": "q", "text": "a"}),
    "large-numbers": json.dumps({**KNOWN, "logprobs": [1e308, -1e308]}),
    "given": json.dumps(GIVEN),
    "state": json.dumps(STATE),
    "maps": MAPS,
})
