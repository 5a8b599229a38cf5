#!/usr/bin/env python3
"""Runs suites of test/suites.txt one after the other and closes with "N passed, N failed"."""

import os
import re
import resource
import signal
import subprocess
import sys
import time

import suites as table

COUNTS = re.compile(rb"^(\d+) passed, (\d+) failed$", re.MULTILINE)
LOGS = table.TOP / "build" / "test"
TAIL_LINES = 40


def named(argument: str, known: list[table.Suite], families: list[table.Family]) -> list[str]:
    """A suite's own name, or a family's; `metadata` stands for all suites metadata-… where neither has that name."""
    if argument in {suite.name for suite in known}:
        return [argument]
    for family in families:
        if family.name == argument:
            return list(family.members)
    return [suite.name for suite in known if suite.name.startswith(argument + "-")] or [argument]


def choose(arguments: list[str]) -> list[table.Suite]:
    known = table.load()
    if not arguments:
        return known
    if arguments == ["quick"]:
        return [suite for suite in known if suite.quick]
    families = table.load_families()
    arguments = [name for argument in arguments for name in named(argument, known, families)]
    strangers = set(arguments) - {suite.name for suite in known}
    if strangers:
        sys.exit(f"test: there is no suite {' '.join(sorted(strangers))}; "
                 f"these are: {' '.join(suite.name for suite in known)}; "
                 f"and families of them: {' '.join(family.name for family in families)}")
    return [suite for suite in known if suite.name in arguments]


def cpu_seconds() -> float:
    """Of all children that have ended; on a busy machine it says more than the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(suite: table.Suite) -> tuple[int, int, float, str]:
    """Passed, failed, seconds, and why it failed as a whole (or nothing)."""
    log_path = LOGS / f"{suite.name}.log"
    limit = 300 + 600 * suite.minutes  # a hang ends; a slow machine does not fail
    start = time.monotonic()
    why = ""
    with log_path.open("wb") as log:
        process = subprocess.Popen(["bash", "-c", suite.command], cwd=table.TOP, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            code, why = -1, f"still running after {limit:.0f} s"
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    seconds = time.monotonic() - start
    counts = COUNTS.findall(log_path.read_bytes())
    passed, failed = (int(counts[-1][0]), int(counts[-1][1])) if counts else (0, 0)
    if code != 0:
        why = why or f"ended with {code}"
        return passed, max(failed, 1), seconds, why
    if not counts:
        return 1, 0, seconds, ""
    if passed + failed == 0:
        return 0, 1, seconds, "ran no test"
    return passed, failed, seconds, "counts failures" if failed else ""


def show_tail(suite: table.Suite) -> None:
    log_path = LOGS / f"{suite.name}.log"
    lines = log_path.read_text(errors="replace").splitlines()
    for line in lines[-TAIL_LINES:]:
        print(f"    {line}")
    print(f"    whole log: {log_path.relative_to(table.TOP)}")


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--list"]:
        for suite in table.load():
            print(f"{suite.name:20} {suite.minutes:5.1f} min  {'quick' if suite.quick else '     '}  {suite.proves}")
        print(f"{'all':20} {sum(s.minutes for s in table.load()):5.1f} min\n")
        for family in table.load_families():
            print(f"{family.name:20} {family.minutes:5.1f} min  at most: {' '.join(family.members)}")
        return 0
    if arguments[:1] == ["--table"]:
        print("\n".join([*table.table(table.load()), "", *table.family_table(table.load_families())]))
        return 0
    if arguments[:1] == ["--groups"]:
        chosen = [] if arguments[1:2] in (["--list"], ["--table"]) else choose(arguments[1:])
        print("\n".join(sorted({"build"}.union(*(suite.groups for suite in chosen)))))
        return 0

    LOGS.mkdir(parents=True, exist_ok=True)
    passed = failed = 0
    broken = []
    start = time.monotonic()
    for suite in choose(arguments):
        print(f"{suite.name:20} ", end="", flush=True)
        before = cpu_seconds()
        suite_passed, suite_failed, seconds, why = run(suite)
        cpu = cpu_seconds() - before
        passed += suite_passed
        failed += suite_failed
        print(f"{suite_passed:5} passed {suite_failed:4} failed {seconds:7.1f} s "
              f"{cpu:7.1f} cpu{'  ' + why if why else ''}", flush=True)
        if suite_failed:
            broken.append(suite.name)
            show_tail(suite)
    print(f"{time.monotonic() - start:.0f} s in all" + (f"; failed: {' '.join(broken)}" if broken else ""))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
