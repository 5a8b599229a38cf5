#!/usr/bin/env python3
"""clang_tidy.py [--all | FILE...]: runs the profile of .clang-tidy on the files that the change touches.

A header is checked through the source beside it, or the unit that compiles it alone. What was clean stays known by the hash of the
preprocessed text, so that only what changed is looked at again."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools" / "tidy"))

import changes  # noqa: E402

PROGRAM = "clang-tidy-19"
DATABASES = ("release", "debug")  # the fuzz targets are only in debug
# Tests look at what was moved from, and need not be fast.
NOT_IN_TESTS = "-bugprone-use-after-move,-performance-inefficient-vector-operation"
CLEAN = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ottla" / "clang-tidy"


class Units:
    """Which compilation shows a file."""

    def __init__(self):
        self.commands: dict[str, tuple[str, str, list[str]]] = {}  # path -> database folder, unit, command
        for preset in DATABASES:
            folder = TOP / "build" / preset
            database = folder / "compile_commands.json"
            for entry in json.loads(database.read_text()) if database.exists() else []:
                unit = pathlib.Path(entry["file"])
                if unit.is_relative_to(folder / "headers"):
                    path = "src/" + str(unit.relative_to(folder / "headers")).removesuffix(".cc")
                elif unit.is_relative_to(TOP):
                    path = str(unit.relative_to(TOP))
                else:
                    continue
                self.commands.setdefault(path, (str(folder), str(unit), shlex.split(entry["command"])))

    def get(self, path: str):
        stem = path.removesuffix(".h")
        beside = [path, f"{stem}.cc", f"{stem}_test.cc"] if path.endswith(".h") else [path]
        return next((self.commands[place] for place in beside if place in self.commands), None)


def fingerprint(path: str, folder: str, command: list[str]) -> str:
    """What the result depends on: the text after preprocessing, comments included, and the profile."""
    compiler = next(i for i, word in enumerate(command) if "clang++" in word)
    words = command[compiler:]
    del words[words.index("-o"):words.index("-o") + 2]
    words.remove("-c")
    text = subprocess.run([*words, "-E", "-C", "-P"], cwd=folder, capture_output=True, check=False).stdout
    profile = path.encode() + (TOP / ".clang-tidy").read_bytes() + pathlib.Path(__file__).read_bytes()
    return hashlib.sha256(profile + b"\0" + text).hexdigest()


def check(units: Units, path: str) -> tuple[str, str]:
    """The path, and what clang-tidy says about it (nothing when it is clean)."""
    found = units.get(path)
    if found is None:
        return path, f"{path}:1: is in no build, so nothing compiles it: is it part of a CMakeLists.txt?"
    folder, unit, command = found
    clean = CLEAN / fingerprint(path, folder, command)
    if clean.exists():
        os.utime(clean)
        return path, ""
    shown = path.removeprefix("src")  # a header is seen through its module's include root
    checks = [f"--checks={NOT_IN_TESTS}"] if path.endswith("_test.cc") or path.startswith("test/") else []
    done = subprocess.run(
        [PROGRAM, "--quiet", "-p", folder, f"--line-filter={json.dumps([{'name': shown}])}", *checks, unit],
        cwd=TOP, text=True, capture_output=True, check=False)
    if done.returncode == 0:
        CLEAN.mkdir(parents=True, exist_ok=True)
        clean.touch()
        return path, ""
    output = re.sub(r"\S*/roots/\w+/", "src/", done.stdout.replace(f"{TOP}/", ""))
    return path, output.strip() or done.stderr.strip()


def forget_old() -> None:
    month = time.time() - 30 * 86400
    for known in CLEAN.glob("*") if CLEAN.exists() else []:
        if known.stat().st_mtime < month:
            known.unlink(missing_ok=True)


def chosen(arguments: list[str]) -> list[str]:
    if arguments and arguments != ["--all"]:
        return arguments
    listed = None if arguments else changes.changed(TOP)
    if listed is None:
        if not arguments:
            print("history does not reach the commit before this change: looking at every file")
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, text=True, check=True,
                                capture_output=True).stdout.splitlines()
    return sorted({path for path in listed if path.endswith((".h", ".cc")) and (TOP / path).exists()})


def main(arguments: list[str]) -> int:
    paths, units = chosen(arguments), Units()
    # Headers of benches and tests are seen through the sources that include them.
    paths = [path for path in paths if path.endswith(".cc") or path.startswith("src/")]
    forget_old()
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("jobs", os.cpu_count() or 1))) as pool:
        for number, (path, output) in enumerate(pool.map(lambda path: check(units, path), paths), 1):
            failed += bool(output)
            print(f"[{number}/{len(paths)}] {path}" + (f"\n{output}" if output else ""), flush=True)
    print("no C++ file changed" if not paths else f"clang-tidy: {failed} of {len(paths)} files have findings")
    print(f"{len(paths) - failed + (not paths)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
