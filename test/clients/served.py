"""A node for the length of a with: its bootstrap address."""

import contextlib
import pathlib
import signal
import subprocess

from toolbox import KAFKA, TOP

OTTLA = TOP / "build" / "release" / "ottla"
PATIENCE = 30  # seconds, for a node to stop


@contextlib.contextmanager
def ottla(folder: pathlib.Path, *keys: str):
    """With a directory of its own that goes when it stops."""
    with (folder / "ottla.log").open("wb") as log:
        process = subprocess.Popen([OTTLA, "--temp", "--port", "0", *(word for key in keys for word in ("-D", key))],
                                   text=True, stdout=subprocess.PIPE, stderr=log)
    try:
        line = process.stdout.readline().strip()
        if not line.startswith("bootstrap="):
            text = (folder / "ottla.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"ottla does not serve:\n{text[-3000:]}")
        yield line.removeprefix("bootstrap=")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)
        process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"ottla ended with {process.returncode}")


@contextlib.contextmanager
def reference(folder: pathlib.Path, *keys: str):
    place = folder / "reference"
    started = subprocess.run([KAFKA, "start", place, *keys], check=True, text=True, stdout=subprocess.PIPE)
    try:
        yield started.stdout.split()[-1]
    finally:
        subprocess.run([KAFKA, "stop", place, "--kill"], check=True)
