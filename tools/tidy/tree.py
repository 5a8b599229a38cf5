"""The files that rules look at. In the selftests a tree is a dictionary."""

import functools
import pathlib
import posixpath
import re
import subprocess

import cpp


class File:
    def __init__(self, path: str, text: str):
        self.path = path
        self.text = text

    @functools.cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @functools.cached_property
    def code(self) -> str:
        """The text with comments, strings and characters blanked; every line keeps its number."""
        return cpp.blank(self.text)

    @functools.cached_property
    def outline(self) -> "cpp.Outline":
        return cpp.outline(self.code)

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)

    @property
    def is_header(self) -> bool:
        return self.path.endswith(".h")

    @property
    def is_test(self) -> bool:
        return self.path.endswith("_test.cc") or self.path.startswith("test/")

    @property
    def is_benchmark(self) -> bool:
        return self.path.endswith("_benchmark.cc") or self.path.startswith("bench/")

    @property
    def module(self) -> str | None:
        """NAME for src/NAME/...; nothing for src/main.cc and what is outside src/."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else None

    def includes(self) -> list[tuple[int, str, bool]]:
        """(line, name, in angle brackets)"""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                found.append((number, match[2], match[1] == "<"))
        return found

    def search(self, pattern: re.Pattern, text: str | None = None):
        """(line, match) of every match in the code, or in another text with the same lines."""
        text = self.code if text is None else text
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match


class Tree:
    def __init__(self, top: pathlib.Path | None, files: dict[str, str]):
        self.top = top
        self.files = {path: File(path, text) for path, text in sorted(files.items())}
        self.folders = {""}
        for path in self.files:
            while path := posixpath.dirname(path):
                self.folders.add(path)

    @classmethod
    def on_disk(cls, top: pathlib.Path) -> "Tree":
        """What git tracks, or would track if it were added."""
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=top, check=True,
                                capture_output=True).stdout.decode().split("\0")
        files = {}
        for path in listed:
            file = top / path
            if path and file.is_file() and not file.is_symlink():
                try:
                    files[path] = file.read_text(encoding="utf-8")
                except UnicodeDecodeError:
                    files[path] = ""  # binary: only its name counts
        return cls(top, files)

    def cpp(self) -> list[File]:
        return [file for file in self.files.values() if file.path.endswith((".h", ".cc"))]

    def sources(self) -> list[File]:
        """C++ under src/."""
        return [file for file in self.cpp() if file.path.startswith("src/")]

    def get(self, path: str) -> File | None:
        return self.files.get(path)

    def exists(self, path: str) -> bool:
        return path in self.files or path in self.folders
