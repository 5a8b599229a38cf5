"""What a directory's metadata log says, read by both sides: the image as a tree, in one line."""

import pathlib
import re
import shutil
import subprocess
import tempfile

from nodes import KAFKA, OTTLA, TOP, run

EXCHANGE = TOP / "build" / "release" / "tests" / "ottla-quorum-exchange"
SHOW = TOP / "test" / "quorum" / "exchange" / "java" / "Show.java"
CLASSES = TOP / "build" / "compare-images"
LOG = "__cluster_metadata-0"


def tree_of(told: str) -> str:
    """Without where in the log it was made of: the reference's side reads files, and does not say."""
    tree = next((line for line in told.splitlines() if line.startswith("tree ")), f"no tree in {told[-500:]}")
    return re.sub(r"provenance\([^)]*\)", "", tree)


def ours(data: pathlib.Path) -> str:
    """Of a copy: opening a log may mend it."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(data / LOG, pathlib.Path(name) / LOG)
        return tree_of(run(EXCHANGE, "show", name))


def theirs(data: pathlib.Path) -> str:
    if not (CLASSES / "quorum" / "Show.class").exists():
        run(KAFKA, "compile", "broker", CLASSES, SHOW)
    return tree_of(run(KAFKA, "java", "broker", "--with", CLASSES, "quorum.Show", data / LOG, stderr=subprocess.DEVNULL))


def parts(tree: str) -> str:
    """A part a line, so that a difference can be shown."""
    return tree.replace("), ", "),\n")


def dumped(log: pathlib.Path) -> tuple[str, str]:
    """What our dump-log and the reference's print of the metadata in a log; theirs is of 4.3."""
    words = ["--cluster-metadata-decoder", "--files", log]
    return run(OTTLA, "dump-log", *words), run(KAFKA, "tool", "dump-log", *words, stderr=subprocess.DEVNULL)


def shell(log: pathlib.Path, commands: list[str]) -> list[str]:
    """What each command prints in the reference's metadata shell, which is of 4.3."""
    done = subprocess.run([KAFKA, "tool", "metadata-shell", "--snapshot", log], input="\n".join([*commands, "exit", ""]),
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return [text.rstrip("\n") for text in done.stdout.split(">> ")[1:]]


def shown_in_shell(log: pathlib.Path) -> dict[str, str]:
    """The text of each file of the image, by its path; nothing for a folder that is empty."""
    paths = shell(log, ["find /image"])[0].split("\n")
    files = [path for path in paths if path.startswith("/image/") and not any(
        other.startswith(f"{path}/") for other in paths) and not path.startswith("/image/provenance")]
    texts = shell(log, [f"cat {path}" for path in files])
    return {path: "" if text == f"cat: {path}: Is a directory" else text for path, text in zip(files, texts)}
