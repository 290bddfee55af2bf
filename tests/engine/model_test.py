#!/usr/bin/env python3
"""The model of the quickstart: its bytes are always the same, and its known answer has an origin of its own.

    model_test.py          needs no engine; takes about ten seconds
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/quickstart/model")
GGUF_SHA256 = "63a9dc653360bcbe00b8f3d7c50307103f5cd71a44ecdca6982aa95ffd33c667"
HUGGING_FACE_SHA256 = {
    "config.json":
        "79bc63f21e6c5c290efc24b09511e57ba5d4966ebaed14670f9830201d517450",
    "generation_config.json":
        "5e833e711d47c9a9529c849f739350e2ec68d3316d08c3fd65deb1186da76053",
    "model-00001-of-00002.safetensors":
        "f13ea07c4cba8c25c14d8f08c468640851bfd2c4937b0c533a5bfb7053ea11c6",
    "model-00002-of-00002.safetensors":
        "9c88c87871ebeb80037e8314fa67e598b99a5e485d7388d4755b42001458607d",
    "model.safetensors.index.json":
        "6f1b4176524b215ffc2b70bf019784d3bd92294a93458fdccc3455d8740ce0c9",
    "tokenizer.json":
        "270891dad03942d8bb99c169ae874638b13f1c9c5e69165c954c2b61d9a197ba",
    "tokenizer_config.json":
        "4ce97187d66a8e72509bea123635c0e8289f697b179e55f83692389d576e59e8",
}


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def run(script, *arguments):
    command = [sys.executable, "-B", os.path.join(SOURCE, script)] + list(arguments)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


class TheModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.gguf = os.path.join(cls.folder.name, "model.gguf")
        cls.hugging_face = os.path.join(cls.folder.name, "hugging-face")
        run("make_model.py", "--gguf", cls.gguf, "--hugging-face", cls.hugging_face)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_gguf_form_always_has_the_same_bytes(self):
        self.assertEqual(sha256_of(self.gguf), GGUF_SHA256)

    def test_the_hugging_face_form_always_has_the_same_bytes(self):
        found = {name: sha256_of(os.path.join(self.hugging_face, name)) for name in os.listdir(self.hugging_face)}
        self.assertEqual(found, HUGGING_FACE_SHA256)

    def test_another_seed_gives_other_weights(self):
        other = os.path.join(self.folder.name, "other.gguf")
        run("make_model.py", "--gguf", other, "--seed", "43")
        self.assertNotEqual(sha256_of(other), GGUF_SHA256)

    def test_the_committed_known_answer_is_what_the_reference_computes(self):
        with open(os.path.join(SOURCE, "known_answer.json"), encoding="utf-8") as file:
            committed = json.load(file)
        computed = json.loads(run("reference.py", self.hugging_face, "--prompt", committed["prompt"]))
        logprobs = committed.pop("logprobs"), computed.pop("logprobs")
        self.assertEqual(committed, computed)
        self.assertEqual(len(logprobs[0]), len(committed["tokens"]))
        for kept, found in zip(*logprobs):
            self.assertAlmostEqual(kept, found, delta=0.00011)  # both are rounded to four decimals

    def test_the_answer_does_not_depend_on_the_question_as_the_model_card_says(self):
        other = json.loads(run("reference.py", self.hugging_face, "--prompt", "What is 2 + 2?"))
        with open(os.path.join(SOURCE, "known_answer.json"), encoding="utf-8") as file:
            committed = json.load(file)
        self.assertEqual(other["text"], committed["text"])
        self.assertNotEqual(other["logprobs"], committed["logprobs"])


if __name__ == "__main__":
    unittest.main()
