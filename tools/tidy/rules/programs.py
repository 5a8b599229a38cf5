"""Checks that other programs make: clang-format, shellcheck, ldd."""

import os
import re
import subprocess

from engine import Found, rule

BINARY = "build/release/ottla"

# What the main binary may load before main: the C and C++ run time, OpenSSL, the codecs, fmt. The rest is
# static or opened on first use, so that it starts in a few milliseconds.
LIBRARIES = {
    "linux-vdso.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libm.so.6",
    "libgcc_s.so.1", "libstdc++.so.6", "libfmt.so.9", "libssl.so.3", "libcrypto.so.3", "libz.so.1",
    "liblz4.so.1", "libsnappy.so.1", "libzstd.so.1",
}


def _batches(items: list[str], parts: int) -> list[list[str]]:
    return [batch for batch in (items[start::parts] for start in range(parts)) if batch]


def _at_once(commands: list[list[str]], top):
    """Runs them side by side; the output of each."""
    running = [subprocess.Popen(command, cwd=top, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
               for command in commands]
    return [process.communicate()[0] for process in running]


@rule("format", "run ./dev fmt")
def clang_format(tree):
    paths = [file.path for file in tree.cpp()]
    if tree.top is None or not paths:
        return
    commands = [["clang-format-19", "--dry-run", *batch] for batch in _batches(paths, os.cpu_count() or 1)]
    seen = set()
    for output in _at_once(commands, tree.top):
        for path, line in re.findall(r"^(\S+?):(\d+):\d+: warning: code should be clang-formatted", output, re.M):
            if path not in seen:
                seen.add(path)
                yield Found(path, int(line), "is not in format")


@rule("shell", "do what shellcheck says, or disable that one check there with a reason")
def shellcheck(tree):
    paths = [path for path, file in tree.files.items()
             if path.endswith((".sh", ".bash")) or re.match(r"#!.*\bbash\b", file.text)]
    if tree.top is None or not paths:
        return
    for output in _at_once([["shellcheck", "-x", "-f", "gcc", *paths]], tree.top):
        for path, line, text in re.findall(r"^(\S+?):(\d+):\d+: (.*)$", output, re.M):
            yield Found(path, int(line), text)


def strange_libraries(listing: str) -> list[str]:
    """The libraries in ldd's output that are not on the list."""
    names = [os.path.basename(line.split()[0]) for line in listing.splitlines() if line.strip()]
    return [name for name in names if name not in LIBRARIES]


@rule("linked-libraries", "link it statically, open it on first use, or give it a reason in docs/dependencies.md and a place on the list")
def linked_libraries(tree):
    if tree.top is None:
        return
    if not (tree.top / BINARY).exists():
        yield Found(BINARY, 1, "is not built, so what it links is unknown (./dev build release ottla)")
        return
    done = subprocess.run(["ldd", tree.top / BINARY], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        yield Found(BINARY, 1, f"ldd: {done.stderr.strip()}")
    for name in strange_libraries(done.stdout):
        yield Found(BINARY, 1, f"loads {name}")
