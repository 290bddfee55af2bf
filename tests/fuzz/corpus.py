"""Writes one corpus folder. Used by make_corpus.py and by every make_NAME_corpus.py:

    from corpus import write_corpus
    write_corpus(folder, {"seed name": b"bytes", ...})

Scripts get two arguments, the target's name and the folder. They use nothing but their own idea of the format,
so that a mistake in our writers cannot hide in the seeds.
"""

import pathlib
import shutil


def write_corpus(folder, seeds):
    """Replaces the folder by one file per seed; text is written as UTF-8."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in seeds.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
