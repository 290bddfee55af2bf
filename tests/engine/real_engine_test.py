#!/usr/bin/env python3
"""The engine of the quickstart with the real llama.cpp.

    real_engine_test.py --engine build/bin/tiny_engine --npm examples/quickstart/work/npm

Both are said to be there, so it is an error, and not a reason to skip, when one is not.
"""
import argparse
import glob
import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from engine_process import CannotStart, EngineProcess, Launch, difference_from  # noqa: E402

QUICKSTART = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/quickstart")
OFFSET = 5 * 65536
BASELINE_KERNEL = {"x86_64": "libggml-cpu-x64.so", "aarch64": "libggml-cpu-armv8.0_1.so"}[platform.machine()]
# A kernel library with a feature of the processor that it cannot do without, as /proc/cpuinfo spells it.
DEMANDING_KERNEL = {"x86_64": ("libggml-cpu-sapphirerapids.so", "amx_int8"),
                    "aarch64": ("libggml-cpu-armv9.2_2.so", "sme")}[platform.machine()]
FOREIGN_PACKAGE = {"x86_64": "linux-arm64", "aarch64": "linux-x64"}[platform.machine()]


def stage(arguments, work):
    subprocess.run([os.path.join(QUICKSTART, "stage"), "--engine", arguments.engine, "--npm", arguments.npm,
                    "--work", work], check=True, stdout=subprocess.DEVNULL)


def write_at_offset(target, source, offset):
    """The bytes of `source` inside a larger file."""
    with open(source, "rb") as file, open(target, "wb") as larger:
        larger.write(b"before" + b"\xA5" * (offset - 6) + file.read() + b"after" * 1000)


class RealEngine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory()
        stage(OPTIONS, cls.work.name)
        cls.folder = os.path.join(cls.work.name, "input")
        cls.kernels = os.path.join(cls.folder, "kernels")
        cls.weights = os.path.join(cls.folder, "weights/tinyseek-q8_0.gguf")
        cls.larger_file = os.path.join(cls.work.name, "larger")
        write_at_offset(cls.larger_file, cls.weights, OFFSET)
        with open(os.path.join(cls.folder, "config/known_answer.json"), encoding="utf-8") as file:
            cls.known = json.load(file)

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def launch(self, kernel=BASELINE_KERNEL, weights=None, offset=OFFSET):
        return Launch(self.folder, os.path.join(self.kernels, kernel), weights or self.larger_file, offset)

    def start(self, **choices):
        return EngineProcess.by_launch(self.launch(**choices))

    def refused(self, **choices):
        """@return what the engine says when it does not start"""
        with self.assertRaises(CannotStart) as caught:
            self.start(**choices)
        self.assertEqual(caught.exception.status, 2, caught.exception.errors)
        return caught.exception.errors

    def library(self, name):
        return os.path.join(self.folder, "engine", name)

    def start_by_hand(self, libraries, kernels=(BASELINE_KERNEL,), plant=(), more=()):
        arguments = [argument for name in libraries for argument in ("--library", self.library(name))]
        for kernel in kernels:
            arguments += ["--kernel", os.path.join(self.kernels, kernel)]
        return EngineProcess(self.library("tiny_engine"), arguments + ["--model", self.weights] + list(more),
                             plant=plant)

    def refused_by_hand(self, *arguments, **choices):
        with self.assertRaises(CannotStart) as caught:
            self.start_by_hand(*arguments, **choices)
        self.assertEqual(caught.exception.status, 2, caught.exception.errors)
        return caught.exception.errors


ALL_LIBRARIES = ("libggml-base.so", "libggml.v0.5.0.so", "libllama.v0.5.0.so")


class Starting(RealEngine):
    def test_it_gives_the_known_answer_from_sealed_memory_and_weights_inside_a_larger_file(self):
        with self.start() as engine:
            self.assertEqual(engine.get("/health"), {"status": "ok"})
            answer = engine.ask(self.known["prompt"], logprobs=True)
            self.assertLessEqual(difference_from(self.known, answer), self.known["logprob_tolerance"])
            of_bundle = [name for name in engine.mapped_files() if self.work.name in name]
            self.assertEqual(of_bundle, [self.larger_file])  # mapped in place; libraries came from memory alone
            self.assertEqual(engine.stop(), 0)

    def test_it_tells_what_computes(self):
        with self.start() as engine:
            properties = engine.get("/props")
            self.assertEqual(properties["device"]["backend"], "CPU")
            self.assertGreaterEqual(properties["device"]["count"], 1)
            self.assertEqual(properties["engine"]["name"], "llama.cpp")
            self.assertEqual(properties["context_tokens"], 512)
            self.assertEqual(engine.get("/v1/models")["data"][0]["id"], "tinyseek")

    def test_every_kernel_gives_the_known_answer_or_is_refused(self):
        served = []
        for path in sorted(glob.glob(os.path.join(self.kernels, "*.so"))):
            name = os.path.basename(path)
            with self.subTest(kernel=name):
                try:
                    with self.start(kernel=name) as engine:
                        answer = engine.ask(self.known["prompt"], logprobs=True)
                        self.assertLessEqual(difference_from(self.known, answer), self.known["logprob_tolerance"])
                        served.append(name)
                except CannotStart as refusal:
                    self.assertEqual(refusal.status, 2, refusal.errors)
                    self.assertIn("kernel library refused", refusal.errors)
        self.assertIn(BASELINE_KERNEL, served)

    def test_a_kernel_for_a_better_processor_is_refused(self):
        name, feature = DEMANDING_KERNEL
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            if re.search(r"\b%s\b" % feature, file.read()):
                self.skipTest("this processor has %s, so %s fits" % (feature, name))
        self.assertIn("kernel library refused", self.refused(kernel=name))

    def test_a_kernel_for_another_machine_is_refused(self):
        foreign = glob.glob(os.path.join(OPTIONS.npm, "node_modules/@node-llama-cpp", FOREIGN_PACKAGE,
                                         "bins/*/libggml-cpu-*.so"))
        if not foreign and platform.machine() == "aarch64":
            self.skipTest("npm gives the packages of x86-64 to no other machine")
        self.assertIn("kernel library refused", self.refused(kernel=os.path.abspath(sorted(foreign)[0])))

    def test_without_a_kernel_it_does_not_start(self):
        self.assertIn("no --kernel", self.refused_by_hand(ALL_LIBRARIES, kernels=()))

    def test_a_file_that_is_no_kernel_is_refused(self):
        self.assertIn("kernel library refused", self.refused(kernel=self.weights))

    def test_an_offset_without_a_model_is_refused(self):
        for offset in (0, OFFSET - 32, OFFSET + 32, OFFSET + 1, 1 << 40):
            with self.subTest(offset=offset):
                self.assertIn("refuses the model", self.refused(offset=offset))

    def test_a_missing_library_is_not_looked_for(self):
        self.assertIn("cannot load a library", self.refused_by_hand(("nothing.so",)))
        # Beside each other on disk the loader finds what was not given, and then it must not be used.
        self.assertIn("which was not given", self.refused_by_hand(ALL_LIBRARIES[1:]))
        self.assertIn("which was not given", self.refused_by_hand(ALL_LIBRARIES[:1] + ALL_LIBRARIES[2:]))

    def test_a_library_planted_in_the_working_directory_is_refused(self):
        with tempfile.TemporaryDirectory() as alone:
            lonely = os.path.join(alone, "libggml.so")
            with open(self.library("libggml.v0.5.0.so"), "rb") as source, open(lonely, "wb") as target:
                target.write(source.read())
            errors = self.refused_by_hand((lonely,), plant=(self.library("libggml-base.so"),))
            self.assertIn("libggml-base.so, which was not given", errors)

    def test_a_command_line_that_makes_no_sense_is_refused(self):
        for more in (["--nonsense", "1"], ["--port"], ["--port", "65536"], ["--port", "-1"], ["--threads", "2x"], ["--threads", "0"],
                     ["--model-fd", "3"], ["--model", "again"], ["--model-offset", "18446744073709551616"]):
            with self.subTest(more=more):
                self.refused_by_hand(ALL_LIBRARIES, more=more)


class Answering(RealEngine):
    def setUp(self):
        self.engine = self.start()
        self.addCleanup(self.engine.close)

    def send_raw(self, content):
        """@return the status of the answer, or None when the connection is closed without one"""
        with socket.create_connection(("127.0.0.1", self.engine.port), timeout=30) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while not answer.endswith(b"\n"):
                    part = connection.recv(65536)
                    if not part:
                        break
                    answer += part
            except ConnectionResetError:
                pass  # it need not read the rest of what it refuses
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None

    def test_the_same_question_always_gets_the_same_answer(self):
        answers = [self.engine.request("POST", "/v1/chat/completions", json.dumps(
            {"messages": [{"role": "user", "content": "Who are you?"}], "logprobs": True})) for _ in range(3)]
        self.assertEqual(len(set(answers)), 1)

    def test_logprobs_have_the_shape_that_openai_gives_them(self):
        content = self.engine.ask("Who are you?", logprobs=True)["logprobs"]["content"]
        self.assertEqual(list(content[0]), ["id", "token", "bytes", "logprob", "top_logprobs"])
        self.assertEqual(content[2]["token"], " I")
        self.assertEqual(content[2]["bytes"], [32, 73])
        self.assertIsNone(self.engine.ask("Who are you?")["logprobs"])

    def test_a_stream_says_the_same_as_the_whole_answer(self):
        status, text = self.engine.request("POST", "/v1/chat/completions", json.dumps(
            {"messages": [{"role": "user", "content": "Who are you?"}], "stream": True}))
        events = [line[len("data: "):] for line in text.split("\n") if line]
        self.assertEqual((status, events[-1]), (200, "[DONE]"))
        choices = [json.loads(event)["choices"][0] for event in events[:-1]]
        self.assertEqual("".join(choice["delta"].get("content", "") for choice in choices), self.known["text"])
        self.assertEqual(choices[-1]["finish_reason"], "stop")

    def test_a_bare_prompt_is_continued(self):
        status, text = self.engine.request("POST", "/v1/completions", json.dumps(
            {"prompt": "<｜User｜>x<｜Assistant｜>", "max_tokens": 3, "logprobs": 1}))
        choice = json.loads(text)["choices"][0]
        self.assertEqual((status, choice["text"], choice["finish_reason"]), (200, "Hello! I", "length"))
        self.assertEqual(choice["logprobs"]["ids"], self.known["tokens"][:3])

    def test_questions_that_make_no_sense_are_refused_and_do_no_harm(self):
        chat = {"messages": [{"role": "user", "content": "x"}]}
        for body in ("", "{", "[]", "{}", "[" * 100000, json.dumps({"messages": []}),
                     json.dumps({"messages": [{"role": "user"}]}), json.dumps({"messages": [7]}),
                     json.dumps({**chat, "max_tokens": 0}), json.dumps({**chat, "max_tokens": 1e300}),
                     json.dumps({**chat, "max_tokens": "8"}), json.dumps({**chat, "temperature": 0.5}),
                     json.dumps({**chat, "stream": "yes"}),
                     json.dumps({"messages": [{"role": "user", "content": "x " * 2000}]})):
            with self.subTest(body=body[:60]):
                self.assertEqual(self.engine.request("POST", "/v1/chat/completions", body)[0], 400)
        self.assertEqual(self.engine.ask("x")["message"]["content"], self.known["text"])

    def test_bytes_that_are_no_request_are_refused_and_do_no_harm(self):
        post = b"POST /v1/chat/completions HTTP/1.1\r\n"
        for content, status in (
                (b"nonsense\r\n\r\n", 400), (b"GET /health HTTP/2\r\n\r\n", 505), (b"\0" * 20000, 431),
                (b"GET /health HTTP/1.1\r\nx\r\n\r\n", 400), (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
                (post + b"Content-Length: -1\r\n\r\n", 400), (post + b"Content-Length: 2000000\r\n\r\n", 413),
                (post + b"Content-Length: 99999999999999999999999\r\n\r\n", 413),
                (post + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
                (post + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 501),
                (post + b"Content-Length: 10\r\n\r\n{}", None), (b"", None),
                (b"GET /v1/chat/completions HTTP/1.1\r\n\r\n", 405), (b"GET /health?x HTTP/1.1\r\n\r\n", 200)):
            with self.subTest(content=content[:60]):
                self.assertEqual(self.send_raw(content), status)
        self.assertLess(self.engine.wait_for_health(), 2)

    def test_silent_clients_keep_nobody_waiting_and_do_not_prevent_a_clean_stop(self):
        silent = [socket.create_connection(("127.0.0.1", self.engine.port)) for _ in range(50)]
        try:
            self.assertLess(self.engine.wait_for_health(), 2)
            silent[-1].sendall(b"GET /health HTTP/1.1\r\n")
            self.assertLess(self.engine.wait_for_health(), 2)
            started = time.monotonic()
            self.assertEqual(self.engine.stop(), 0)
            self.assertLess(time.monotonic() - started, 2)
        finally:
            for connection in silent:
                connection.close()

    def test_a_silent_client_is_dropped_in_the_end(self):
        with socket.create_connection(("127.0.0.1", self.engine.port), timeout=20) as silent:
            self.assertEqual(silent.recv(1), b"")


class Precision(RealEngine):
    def test_weights_cut_to_four_bits_give_the_words_but_not_the_probabilities(self):
        coarse = os.path.join(self.work.name, "tinyseek-q4_0.gguf")
        subprocess.run([sys.executable, "-B", os.path.join(QUICKSTART, "model/make_model.py"), "--gguf", coarse,
                        "--dtype", "q4_0"], check=True)
        with self.start(weights=coarse, offset=0) as engine:
            difference = difference_from(self.known, engine.ask(self.known["prompt"], logprobs=True))
        self.assertGreater(difference, 4 * self.known["logprob_tolerance"])
        self.assertLess(difference, float("inf"))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, help="the program tiny_engine")
    parser.add_argument("--npm", required=True, help="the folder that fetch-engine filled")
    options, others = parser.parse_known_args()
    options.npm = os.path.abspath(options.npm)
    if not os.access(options.engine, os.X_OK):
        parser.error("--engine: there is no program " + options.engine)
    if not glob.glob(os.path.join(options.npm, "node_modules/@node-llama-cpp/*/bins/*/libllama.*.so")):
        parser.error("--npm: there are no libraries of llama.cpp in " + options.npm)
    return options, others


if __name__ == "__main__":
    OPTIONS, OTHERS = parse_options()
    unittest.main(argv=sys.argv[:1] + OTHERS)
