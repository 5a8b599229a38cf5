#!/usr/bin/env python3
"""The clients that are not Debian's: got once through pip, npm and Go by name and version, and kept in the user's cache
folder (or OTTLA_CLIENTS_HOME), again when a file that names versions, or the source of a client of ours, changes."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
KAFKA = TOP / "test" / "reference" / "kafka"
HOME = pathlib.Path(os.environ.get("OTTLA_CLIENTS_HOME") or
                    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "ottla-clients")
LOG = HOME / "install.log"


def say(text: str) -> None:
    print(f"clients: {text}", file=sys.stderr, flush=True)


def run(words, **more) -> None:
    with LOG.open("ab") as log:
        done = subprocess.run([str(word) for word in words], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                              check=False, **more)
    if done.returncode:
        text = LOG.read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{' '.join(str(word) for word in words)} failed:\n{text[-3000:]}")


@contextlib.contextmanager
def alone(name: str):
    """One process at a time gets what several want."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made(name: str, sources: list[pathlib.Path], make) -> pathlib.Path:
    """The folder `name`, made by `make(folder)` for just this content of `sources`."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = HOME / f"{name}-{digest}"
    with alone(name):
        if not (folder / "made").exists():
            say(f"getting {name}")
            for old in HOME.glob(f"{name}-*"):
                shutil.rmtree(old)
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return folder


def python_folder() -> pathlib.Path:
    def make(folder: pathlib.Path) -> None:
        run([sys.executable, "-m", "venv", folder])
        run([folder / "bin" / "pip", "install", "-q", "-r", HERE / "requirements.txt"])
    return made("python", [HERE / "requirements.txt"], make)


def confluent() -> list[str]:
    return [str(python_folder() / "bin" / "python"), str(HERE / "python" / "confluent.py")]


def node_modules() -> pathlib.Path:
    tools = python_folder() / "bin"

    def make(folder: pathlib.Path) -> None:
        shutil.copy(HERE / "js" / "package.json", folder)
        path = f"{tools}:{os.environ.get('PATH', '')}"
        run([tools / "npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder,
            env={**os.environ, "PATH": path})
    return made("node", [HERE / "js" / "package.json"], make)


def kafkajs() -> list[str]:
    modules = node_modules() / "node_modules"
    return ["env", f"NODE_PATH={modules}", "KAFKAJS_NO_PARTITIONER_WARNING=1", str(python_folder() / "bin" / "node"),
            str(HERE / "js" / "kafkajs.js")]


def go_programs() -> pathlib.Path:
    sources = sorted((HERE / "go").glob("go.*")) + sorted((HERE / "go").glob("*.go"))
    tools = python_folder() / "bin"

    def make(folder: pathlib.Path) -> None:
        variables = {name: text for name, text in os.environ.items() if name not in ("GOFLAGS", "GOROOT")}
        variables |= {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOPATH": str(HOME / "gopath"),
                      "GOFLAGS": "-modcacherw", "GOCACHE": str(HOME / "gocache")}
        run([tools / "go", "build", "-o", folder / "client", "."], cwd=HERE / "go", env=variables)
    return made("go", [HERE / "requirements.txt", *sources], make)


def franz() -> list[str]:
    return [str(go_programs() / "client"), "franz"]


def sarama() -> list[str]:
    return [str(go_programs() / "client"), "sarama"]


def java() -> list[str]:
    def make(folder: pathlib.Path) -> None:
        run([KAFKA, "compile", "broker", folder, *sorted((HERE / "java").glob("*.java"))])
    classes = made("java", sorted((HERE / "java").glob("*.java")), make)
    return [str(KAFKA), "java", "broker", "--with", str(classes), "Client"]


CLIENTS = {"java": java, "confluent": confluent, "franz": franz, "sarama": sarama, "kafkajs": kafkajs}


def main() -> int:
    """Gets all of them now, so that no suite has to."""
    for name, command in CLIENTS.items():
        print(f"{name}: {' '.join(command())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
