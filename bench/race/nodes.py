"""The two brokers of the race: processes of their own, with the same configuration, on fresh directories."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
OTTLA = pathlib.Path(os.environ.get("OTTLA", TOP / "build" / "release" / "ottla"))
KAFKA = TOP / "test" / "reference" / "kafka"
PATIENCE = 300  # seconds: nothing is judged by it
CLUSTER = "b3R0bGEtcmFjZS1yYWNlLQ"


def free_ports(count):
    """Held until all are known, so that none is given twice."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Broken(Exception):
    """A broker that does not do what a race needs; the text is for people."""


class Broker:
    """One node, broker and controller in one, stopped at first. `name` is what the table calls it."""

    def __init__(self, name, folder, keys=()):
        self.name, self.folder = name, pathlib.Path(folder)
        self.data, self.config = self.folder / "data", self.folder / "server.properties"
        self.pid, self.environment = None, {}
        self.port, controller = free_ports(2)
        self.data.mkdir(parents=True)
        lines = ["process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@localhost:{controller}",
                 f"listeners=CLIENT://localhost:{self.port},CONTROLLER://localhost:{controller}",
                 "controller.listener.names=CONTROLLER",
                 "listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                 "inter.broker.listener.name=CLIENT", f"log.dirs={self.data}", *keys]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = subprocess.run([*self.formatter(), "-t", CLUSTER, "-c", str(self.config)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Broken(f"{name} does not format its directory: {done.stdout}{done.stderr}")

    def formatter(self):
        raise NotImplementedError

    def program(self):
        raise NotImplementedError

    def resident_mib(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise Broken(f"{self.name}: its memory cannot be read")

    def start(self):
        """Gives the time, on the monotonic clock, just before its program was executed."""
        begun = time.monotonic_ns()
        with open(self.folder / "log", "ab") as log:
            self.pid = subprocess.Popen(self.program(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=TOP,
                                        env={**os.environ, **self.environment}).pid
        return begun

    def end(self, number):
        """Gives the seconds until it was gone."""
        begun = time.monotonic()
        os.kill(self.pid, number)
        while pathlib.Path(f"/proc/{self.pid}").exists():
            self.reap()
            if time.monotonic() - begun > PATIENCE:
                raise Broken(f"{self.name} does not end")
            time.sleep(0.002)
        self.pid = None
        return time.monotonic() - begun

    def reap(self):
        try:
            os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            pass

    def stop(self):
        return self.end(signal.SIGTERM)

    def kill(self):
        return self.end(signal.SIGKILL)

    def close(self):
        if self.pid is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Ottla(Broker):
    def formatter(self):
        return [str(OTTLA), "storage", "format"]

    def program(self):
        return [str(OTTLA), "--shards", "2", "--log-level", "warn", str(self.config)]


class Reference(Broker):
    """Started with the flags that its own scripts give it."""

    def formatter(self):
        return [str(KAFKA), "format"]

    def identity(self):
        """Which version runs, on which JVM, with which flags: as the process itself tells. It has to serve."""
        log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        version = re.search(r"Kafka version: (\S+)", log)
        if version is None:
            raise Broken(f"{self.name} does not tell its version in its log")
        words = pathlib.Path(f"/proc/{self.pid}/cmdline").read_text(encoding="utf-8").split("\0")
        java = os.readlink(f"/proc/{self.pid}/exe")
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)
        return {"version": f"Apache Kafka {version[1]}", "jvm": (told.stderr + told.stdout).strip().split("\n"),
                "flags": flags_of(words)}

    def program(self):
        return [str(KAFKA), "run", str(self.config)]


def flags_of(words):
    """A JVM's flags, without what says where things lie on this machine."""
    return [word for word in words[1:] if word.startswith("-") and word != "-cp" and "/" not in word]


def logs(folder):
    """All that lies there but what a deleted topic has left, which goes while one looks."""
    for topic in pathlib.Path(folder).glob("*-[0-9]*"):
        if not topic.name.endswith("-delete"):
            yield from topic.glob("*.log")


def forget_pages(folder):
    """The kernel drops what it holds of these files, so that a read comes from the disk."""
    for path in logs(folder):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def size_of(folder):
    return sum(path.stat().st_size for path in logs(folder))
