#!/usr/bin/env python3
"""gtest.py PRESET [PROGRAM[=FILTER]...]: runs GoogleTest programs of build/PRESET and counts their tests. Without
names: all that the build knows. A skipped or disabled test is a failure: nothing is left out in silence."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
OK = re.compile(r"^\[       OK \] ", re.MULTILINE)
BAD = re.compile(r"^\[  (?:FAILED |SKIPPED) \] \S+.* \(\d+ ms\)$", re.MULTILINE)
DISABLED = re.compile(r"YOU HAVE (\d+) DISABLED TEST")
LIMIT_SECONDS = 600

ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1:halt_on_error=1",
}


def known_programs(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Name and place of each test program, from the build's own list: what an older commit left behind is not
    run."""
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=folder, capture_output=True, text=True, check=True)
    places = [pathlib.Path(test["command"][0]) for test in json.loads(listed.stdout)["tests"] if "command" in test]
    return {place.name: place for place in places}


def run(name: str, place: pathlib.Path, arguments: list[str]) -> tuple[str, int, int, str]:
    try:
        done = subprocess.run([place, *arguments], cwd=TOP, stdin=subprocess.DEVNULL, text=True,
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**ENVIRONMENT, **os.environ}, timeout=LIMIT_SECONDS)
        output, code = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output, code = (late.stdout or b"").decode(errors="replace") + f"\n{name}: no end in {LIMIT_SECONDS} s\n", 1
    except FileNotFoundError:
        output, code = f"{name} is not built\n", 1
    passed = len(OK.findall(output))
    failed = len(BAD.findall(output)) + sum(int(n) for n in DISABLED.findall(output))
    if code != 0 or passed == 0:
        failed = max(failed, 1)
    return name, passed, failed, output


def main() -> int:
    folder = TOP / "build" / sys.argv[1]
    known = known_programs(folder)
    wanted = [program.partition("=") for program in sys.argv[2:] or known]
    passed = failed = 0
    summaries = []
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("jobs", os.cpu_count() or 1))) as pool:
        results = pool.map(lambda one: run(one[0], known.get(one[0], folder / one[0]),
                                           [f"--gtest_filter={one[2]}"] if one[2] else []), wanted)
        for name, ok, bad, output in results:
            passed, failed = passed + ok, failed + bad
            summaries.append(f"{name}: {ok} passed, {bad} failed")
            if bad:
                print(f"==== {name}\n{output}")
    print("\n".join(summaries))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
