"""A node in the hands of a test: a process of `ottla`, what it prints, and what it answers over HTTP."""

import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[3]
OTTLA = pathlib.Path(os.environ.get("OTTLA", TOP / "build" / "release" / "ottla"))
PATIENCE = 30  # seconds: nothing is judged by time, but a test that hangs has to end


def environment(home, **more):
    """Nothing of the machine's own, so that a run means the same everywhere."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "PWD": str(home), **more}


class NotTested(Exception):
    """What this machine does not allow to be tested, and why."""


class Node:
    def __init__(self, folder, *words, before=(), **variables):
        self.folder = folder
        self.out_path, self.err_path = folder / "out", folder / "err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen([*before, OTTLA, *map(str, words)], stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                                            cwd=folder, env=environment(folder, **variables))

    @property
    def out(self):
        return self.out_path.read_text(encoding="utf-8")

    @property
    def err(self):
        return self.err_path.read_text(encoding="utf-8")

    def until(self, met, what):
        end = time.monotonic() + PATIENCE
        while not met():
            if self.process.poll() is not None and not met():
                raise AssertionError(f"the node ended with {self.process.returncode} before {what}\n{self.err}")
            if time.monotonic() > end:
                raise AssertionError(f"never: {what}\n{self.out}{self.err}")
            time.sleep(0.01)

    def ready(self):
        self.until(lambda: self.out.endswith("\n"), "it told that it is ready")
        return self

    @property
    def bootstrap(self):
        return self.out.removeprefix("bootstrap=").strip()

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self

    def end(self):
        return self.process.wait(timeout=PATIENCE)

    def stop(self):
        return self.signal().end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def run(folder, *words, **variables):
    """A process that ends by itself."""
    return subprocess.run([OTTLA, *map(str, words)], capture_output=True, text=True, cwd=folder, check=False,
                          env=environment(folder, **variables), timeout=PATIENCE, stdin=subprocess.DEVNULL)


def content(folder):
    """All that lies in it, byte by byte. Who holds it, or held it last, does not count."""
    return {str(each.relative_to(folder)): each.read_bytes() if each.is_file() else None
            for each in sorted(folder.rglob("*")) if each.name != ".lock"}


def ask(host, port, key, version, body=b""):
    """What comes back for a request with the old header, behind the size and the number of the answer."""
    request = struct.pack(">hhih", key, version, 1, -1) + body
    with socket.create_connection((host, port), timeout=PATIENCE) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = b""
        while len(answer) < 4 or len(answer) < 4 + struct.unpack_from(">i", answer)[0]:
            got = connection.recv(65536)
            if not got:
                raise AssertionError("the connection was closed")
            answer += got
    return answer[8:]


def api_versions(address):
    """The error code of an ApiVersions 0, from whoever listens there."""
    host, port = address.rsplit(":", 1)
    return struct.unpack_from(">h", ask(host, int(port), 18, 0))[0]


def told_address(host, port):
    """Host and port of the one broker that a Metadata 1 tells of."""
    answer = ask(host, port, 3, 1, struct.pack(">i", 0))
    count, _, size = struct.unpack_from(">iih", answer)
    assert count == 1, f"{count} brokers"
    return answer[10:10 + size].decode(), struct.unpack_from(">i", answer, 10 + size)[0]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def http(port, path, method="GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def health(port, path):
    status, text = http(port, path)
    return status, json.loads(text)
