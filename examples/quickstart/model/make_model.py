#!/usr/bin/env python3
"""Makes the model of the quickstart, from nothing but a seed and the Python standard library.

    make_model.py --gguf work/model/tinyseek-q8_0.gguf     the form that the engine reads
    make_model.py --hugging-face work/model/hugging-face   the form that models are published in

Both in one go takes about two seconds. The same seed gives the same bytes with any Python from 3.9 on.
"""
import argparse
import os
import sys

sys.dont_write_bytecode = True  # nothing of a run stays in the source tree

from gguf_form import TENSOR_TYPES, gguf_bytes  # noqa: E402
from hugging_face_form import hugging_face_files  # noqa: E402
from tinyseek import Vocabulary, make_tensors  # noqa: E402


def write_whole(path, content):
    """A reader finds the old file or the new one, never a part."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    beside = path + ".new"
    with open(beside, "wb") as file:
        file.write(content)
    os.replace(beside, path)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", metavar="FILE", help="write the GGUF form to this file")
    parser.add_argument("--dtype", choices=sorted(TENSOR_TYPES), default="q8_0",
                        help="number format of the GGUF form (default: %(default)s)")
    parser.add_argument("--hugging-face", metavar="FOLDER", help="write the Hugging Face form into this folder")
    parser.add_argument("--seed", type=int, default=42, help="(default: %(default)s)")
    arguments = parser.parse_args()
    if not arguments.gguf and not arguments.hugging_face:
        parser.error("nothing to do: give --gguf, --hugging-face or both")
    return arguments


def main():
    arguments = parse_arguments()
    vocabulary = Vocabulary()
    tensors = make_tensors(arguments.seed, vocabulary)
    if arguments.gguf:
        write_whole(arguments.gguf, gguf_bytes(tensors, vocabulary, arguments.seed, arguments.dtype))
    if arguments.hugging_face:
        for name, content in hugging_face_files(tensors, vocabulary).items():
            write_whole(os.path.join(arguments.hugging_face, name), content)


if __name__ == "__main__":
    main()
