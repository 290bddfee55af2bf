"""Starts an engine the way a site does: by launch.json, from sealed memory, with a cleared environment, in an empty
working directory. Standard library only."""
import fcntl
import http.client
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time

START_LIMIT_S = 60
STOP_LIMIT_S = 10
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def sealed_memory(path):
    """A descriptor of an anonymous file with the bytes of `path`, which nobody can change any more."""
    number = os.memfd_create("sealed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(path, "rb") as source, os.fdopen(os.dup(number), "wb") as target:
        target.write(source.read())
    fcntl.fcntl(number, fcntl.F_ADD_SEALS, SEALS)
    return number


class CannotStart(Exception):
    def __init__(self, status, errors):
        super().__init__("exit status %s: %s" % (status, errors))
        self.status = status
        self.errors = errors


class Launch:
    """Fills in the {names} of launch.json and keeps the descriptors that they name."""

    def __init__(self, folder, kernel, weights, offset=0):
        with open(os.path.join(folder, "engine/launch.json"), encoding="utf-8") as file:
            self.description = json.load(file)
        self.folder, self.kernel, self.weights = folder, kernel, weights
        self.offset = offset
        self.descriptors = []

    def keep(self, number):
        self.descriptors.append(number)
        return number

    def memory_path(self, path):
        return "/proc/self/fd/%d" % self.keep(sealed_memory(path))

    def fill_in(self, name):
        kind, _, path = name.partition(":")
        if kind == "file":
            return self.memory_path(self.kernel if path == "kernels/*" else os.path.join(self.folder, path))
        if kind == "fd" and path == "weights/*":
            number = self.keep(os.open(self.weights, os.O_RDONLY))
            os.lseek(number, 7, os.SEEK_SET)  # the engine must not rely on where the parent left off
            return str(number)
        if kind == "offset" and path == "weights/*":
            return str(self.offset)
        return {"port": "0"}[kind]

    def arguments(self):
        return [re.sub(r"\{([^}]*)\}", lambda match: self.fill_in(match.group(1)), argument)
                for argument in self.description["arguments"]]

    def close(self):
        for number in self.descriptors:
            os.close(number)
        self.descriptors = []


class EngineProcess:
    """A running engine; use with `with`. Raises CannotStart when it ends instead of listening."""

    def __init__(self, executable, arguments, descriptors=(), environment=None, plant=()):
        self.directory = tempfile.TemporaryDirectory()
        for path in plant:
            os.symlink(path, os.path.join(self.directory.name, os.path.basename(path)))
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            ["engine"] + list(arguments), executable=executable, pass_fds=descriptors, env=environment or {},
            cwd=self.directory.name, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors)
        try:
            self.port = self._wait_for_port()
        except BaseException:
            self.close()
            raise

    @classmethod
    def by_launch(cls, launch):
        try:
            executable = launch.memory_path(os.path.join(launch.folder, launch.description["entrypoint"]))
            return cls(executable, launch.arguments(), launch.descriptors, launch.description["environment"])
        finally:
            launch.close()

    def _wait_for_port(self):
        readable, _, _ = select.select([self.process.stdout], [], [], START_LIMIT_S)
        line = self.process.stdout.readline().decode() if readable else ""
        match = re.fullmatch(r"listening 127\.0\.0\.1:(\d+)\n", line)
        if match:
            return int(match.group(1))
        status = self.process.wait(STOP_LIMIT_S) if readable else None
        raise CannotStart(status, self.error_text())

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read()

    def stop(self):
        """@return the exit status after SIGTERM"""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_LIMIT_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        self.directory.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def mapped_files(self):
        with open("/proc/%d/maps" % self.process.pid, encoding="utf-8") as file:
            return {line.split(None, 5)[5].strip() for line in file if len(line.split(None, 5)) == 6}

    def request(self, method, path, body=None):
        """@return status and text"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path):
        status, text = self.request("GET", path)
        if status != 200:
            raise AssertionError("GET %s: %d %s" % (path, status, text))
        return json.loads(text)

    def ask(self, prompt, **members):
        question = {"messages": [{"role": "user", "content": prompt}], "temperature": 0, **members}
        status, text = self.request("POST", "/v1/chat/completions", json.dumps(question))
        if status != 200:
            raise AssertionError("%d %s" % (status, text))
        return json.loads(text)["choices"][0]

    def wait_for_health(self):
        """@return seconds until /health answered"""
        started = time.monotonic()
        self.get("/health")
        return time.monotonic() - started


def difference_from(known, choice):
    """How far an answer is from the known one: infinitely if the words differ, else the largest difference of a
    log-probability."""
    content = choice["logprobs"]["content"]
    if choice["message"]["content"] != known["text"] or [token["id"] for token in content] != known["tokens"]:
        return float("inf")
    return max(abs(token["logprob"] - logprob) for token, logprob in zip(content, known["logprobs"]))
