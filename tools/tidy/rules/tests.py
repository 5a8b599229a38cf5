"""Tests that are left out, and tests that wait by the clock."""

import re

from engine import Found, rule

LEFT_OUT = re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w+|^\s*#\s*if\s+0\b", re.MULTILINE)
WAITS = re.compile(r"\bthis_thread\s*::\s*sleep_\w+|\b(?:usleep|nanosleep)\b|(?<![\w.>:])(?:::)?sleep\s*\(\s*\d")


@rule("left-out", "make it run, let what is missing fail with the cure, or remove it")
def left_out(tree):
    for file in tree.cpp():
        for line, match in file.search(LEFT_OUT):
            yield Found(file.path, line, match[0].strip())


@rule("waits", "wait for a condition, or turn the clock of the test's own world")
def waits(tree):
    for file in tree.cpp():
        if file.is_test:
            for line, match in file.search(WAITS):
                yield Found(file.path, line, match[0].strip())
