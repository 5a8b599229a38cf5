"""Each rule is seen to bite, and to stay silent."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import engine
from rules import programs
from selftest.cases import CASES
from tree import Tree

# Rules that run other programs on real files; their tests are written out below.
ON_DISK = {"format", "shell", "linked-libraries"}


class Rules(unittest.TestCase):
    def test_every_rule_has_a_tree_that_it_bites_and_one_that_it_leaves(self):
        self.assertEqual(set(CASES) | ON_DISK, set(engine.RULES))
        for name, (bites, silent) in CASES.items():
            self.assertTrue(bites and silent, name)


def _add(name: str, what: str, files: dict[str, str], bites: bool) -> None:
    def test(self):
        found = list(engine.RULES[name].check(Tree(None, files)))
        self.assertEqual(bool(found), bites, f"{name} in {files!r:.400} found {found}")
    setattr(Rules, f"test_{name.replace('-', '_')}_{what}", test)


for rule_name, (biting_trees, silent_trees) in CASES.items():
    for number, biting in enumerate(biting_trees):
        _add(rule_name, f"bites_{number}", biting, True)
    for number, silent in enumerate(silent_trees):
        _add(rule_name, f"is_silent_{number}", silent, False)


class OnDisk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q", self.top], check=True)
        (self.top / ".clang-format").write_text("BasedOnStyle: Google\n")

    def found(self, name: str, path: str, text: str):
        (self.top / path).write_text(text)
        return [place.path for place in engine.RULES[name].check(Tree.on_disk(self.top))]

    def test_format_bites(self):
        self.assertEqual(self.found("format", "x.cc", "int  f( ) ;\n"), ["x.cc"])

    def test_format_is_silent(self):
        self.assertEqual(self.found("format", "x.cc", "int f();\n"), [])

    def test_shell_bites(self):
        self.assertEqual(self.found("shell", "x", "#!/usr/bin/env bash\nrm $1\n"), ["x"])

    def test_shell_is_silent(self):
        self.assertEqual(self.found("shell", "x", '#!/usr/bin/env bash\nrm "$1"\n'), [])

    def test_linked_libraries_bites_when_the_binary_is_missing(self):
        self.assertEqual(self.found("linked-libraries", "x", ""), [programs.BINARY])

    def test_linked_libraries_bites_a_stranger(self):
        listing = "\tlibkrb5.so.3 => /lib/libkrb5.so.3 (0x1)\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n"
        self.assertEqual(programs.strange_libraries(listing), ["libkrb5.so.3"])

    def test_linked_libraries_is_silent(self):
        listing = "\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\t/lib64/ld-linux-x86-64.so.2 (0x1)\n"
        self.assertEqual(programs.strange_libraries(listing), [])


class ClangTidy(unittest.TestCase):
    """The profile of .clang-tidy, on units of their own."""

    def findings(self, text: str) -> set[str]:
        profile = pathlib.Path(__file__).resolve().parents[3] / ".clang-tidy"
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "x.cc"
            unit.write_text(text)
            done = subprocess.run(["clang-tidy-19", "--quiet", f"--config-file={profile}", unit, "--", "-std=c++23"],
                                  text=True, capture_output=True, check=False)
            found = set(re.findall(r"\[([a-z][\w.-]+),-warnings-as-errors\]", done.stdout))
            self.assertEqual(done.returncode != 0, bool(found), done.stdout + done.stderr)
            return found

    def test_it_bites(self):
        self.assertEqual(
            self.findings("#include <string>\nstruct Base { virtual ~Base() = default; virtual void f(); };\n"
                          "struct Derived : Base { void f(); };\n"
                          "std::string take(std::string text);\n"
                          "std::string twice(std::string text) { take(std::move(text)); return text; }\n"
                          "int BadName(int size) { return size; }\n"),
            {"modernize-use-override", "bugprone-use-after-move", "readability-identifier-naming"})

    def test_it_is_silent(self):
        self.assertEqual(
            self.findings("#include <string>\nnamespace ottla {\nconstexpr int kLimit = 3;\n"
                          "class Door {\n public:\n  virtual ~Door() = default;\n  virtual void open_wide() = 0;\n"
                          " private:\n  int width_ = kLimit;\n};\n"
                          "struct Task { struct promise_type {}; };\n}  // namespace ottla\n"), set())
