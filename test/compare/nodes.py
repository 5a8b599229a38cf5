"""Two nodes to be compared, the reference and ours, started in one way and spoken to through one program."""

import fcntl
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

from sameness import Node

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
KAFKA = TOP / "test" / "reference" / "kafka"
OTTLA = TOP / "build" / "release" / "ottla"
ASK = TOP / "build" / "release" / "tests" / "ottla-ask"
PORTS = TOP / "test" / "reference" / "free_ports.py"
PATIENCE = 30  # seconds, for a node to serve


def run(*words, **more) -> str:
    return subprocess.run([str(word) for word in words], check=True, text=True, stdout=subprocess.PIPE, **more).stdout


def setting(properties: pathlib.Path, key: str) -> str:
    found = re.findall(rf"^{re.escape(key)}=(.*)$", properties.read_text(encoding="utf-8"), re.M)
    return found[-1]


def ports_of(properties: pathlib.Path) -> list[int]:
    return [int(port) for port in re.findall(r":(\d+)", setting(properties, "listeners"))]


def free_ports(folder: pathlib.Path, count: int) -> list[int]:
    words = run(sys.executable, PORTS, folder / "ports", count, folder).split() if count else []
    return [int(word) for word in words]


class Speaker:
    """Questions to one node, and what it answers."""

    def __init__(self, node: Node):
        self.node = node
        self.process = self.start()
        self.other: subprocess.Popen | None = None  # with connections of its own, for what takes its time

    def start(self) -> subprocess.Popen:
        return subprocess.Popen([ASK, *(f"localhost:{port}" for port in self.node.ports)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, server: int, api: str, version: int, body: str) -> str:
        return self.put(self.process, server, api, version, body).stdout.readline().rstrip("\n")

    def begin(self, server: int, api: str, version: int, body: str) -> None:
        """On another connection; answer() waits for it."""
        self.other = self.other or self.start()
        self.put(self.other, server, api, version, body)

    def answer(self) -> str:
        return self.other.stdout.readline().rstrip("\n")

    @staticmethod
    def put(process: subprocess.Popen, server: int, api: str, version: int, body: str) -> subprocess.Popen:
        process.stdin.write(f"{server} {api} {version} {body}\n")
        process.stdin.flush()
        return process

    def raw(self, server: int, frame: bytes) -> str:
        """What comes back for bytes on a connection of their own: a frame in hex, closed, or silence."""
        with socket.create_connection(("localhost", self.node.ports[server]), timeout=3) as stream:
            stream.sendall(frame)
            try:
                answer = stream.recv(1 << 16)
            except TimeoutError:
                return "silence"
            except ConnectionError:
                return "closed"
            return f"bytes {answer.hex()}" if answer else "closed"

    def close(self) -> None:
        for process in (self.process, self.other):
            if process is None:
                continue
            process.stdin.close()
            process.wait()
            process.stdout.close()


def await_unlocked(data: str) -> None:
    """A process that was killed holds the lock of its directory until the system has cleared it away."""
    end = time.monotonic() + PATIENCE
    with open(pathlib.Path(data) / ".lock", "r+b") as lock:
        while True:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                os.sched_yield()


class Reference:
    def __init__(self, folder: pathlib.Path, keys: list[str], *format_words: str, more: int = 0):
        """In keys, $folder is the data directory. `more`: ports on which nobody listens yet."""
        self.folder = folder
        run(KAFKA, "start", folder, *format_words,
            *(key.replace("$folder", str(folder / "node-1" / "data")) for key in keys))
        self.properties = folder / "node-1" / "server.properties"
        meta = folder / "node-1" / "data" / "meta.properties"
        ports = ports_of(self.properties) + free_ports(folder, more)
        self.node = Node(ports, str(folder / "node-1" / "data"), setting(meta, "cluster.id"))
        self.speaker = Speaker(self.node)

    def stop(self) -> None:
        self.speaker.close()
        run(KAFKA, "stop", self.folder, "--kill")


class Ottla:
    """Started with the reference's own server.properties, but for ports and folder."""

    def __init__(self, folder: pathlib.Path, like: Reference, *format_words: str):
        folder.mkdir()
        self.folder = folder
        data = str(folder / "data")
        ports = free_ports(folder, len(like.node.ports))
        text = like.properties.read_text(encoding="utf-8").replace(like.node.folder, data)
        for theirs, ours in zip(like.node.ports, ports):
            text = text.replace(f":{theirs}", f":{ours}")
        self.properties = folder / "server.properties"
        self.properties.write_text(text, encoding="utf-8")
        self.node = Node(ports, data, like.node.cluster)
        run(OTTLA, "storage", "format", "-t", like.node.cluster, "-c", self.properties, *format_words)
        self.start()
        self.speaker = Speaker(self.node)

    @classmethod
    def on(cls, taken: Reference) -> "Ottla":
        """On what the reference left, with its ports."""
        node = cls.__new__(cls)
        node.folder, node.properties, node.node = taken.folder, taken.properties, taken.node
        node.start()
        node.speaker = Speaker(node.node)
        return node

    def start(self) -> None:
        with (self.folder / "ottla.log").open("ab") as log:
            self.process = subprocess.Popen([OTTLA, self.properties], stdout=log, stderr=log)
        self.await_service()

    def await_service(self) -> None:
        """Until every listener takes connections and the broker is one of the cluster's."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            speaker = None
            try:
                for port in ports_of(self.properties):
                    socket.create_connection(("localhost", port), timeout=1).close()
                speaker = Speaker(self.node)
                if '"nodeId":' in speaker.ask(0, "Metadata", 12, '{"topics":[]}'):
                    return
            except OSError:
                pass
            finally:
                if speaker is not None:
                    speaker.close()
            os.sched_yield()
        log = (self.folder / "ottla.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"ottla does not serve:\n{log[-3000:]}")

    def stop(self, kill: bool = False) -> None:
        self.speaker.close()
        self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)
