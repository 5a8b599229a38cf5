#!/usr/bin/env python3
"""The runners are seen to count right, and to fail when they must."""

import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import gtest  # noqa: E402
import run  # noqa: E402
import suites  # noqa: E402


class Suites(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(setattr, run, "LOGS", run.LOGS)
        run.LOGS = pathlib.Path(folder.name)

    def run_suite(self, command: str, minutes: float = 1):
        passed, failed, _, why = run.run(suites.Suite("x", minutes, False, (), command, ""))
        return passed, failed, why

    def test_a_command_without_counts_is_one_test(self):
        self.assertEqual(self.run_suite("echo fine"), (1, 0, ""))
        self.assertEqual(self.run_suite("exit 3"), (0, 1, "ended with 3"))

    def test_the_last_counts_are_the_suites(self):
        self.assertEqual(self.run_suite("echo 1 passed, 0 failed; echo 7 passed, 0 failed"), (7, 0, ""))

    def test_a_failure_that_was_not_counted_counts(self):
        self.assertEqual(self.run_suite("echo 7 passed, 0 failed; exit 1"), (7, 1, "ended with 1"))

    def test_counted_failures_fail_whatever_the_exit_code(self):
        self.assertEqual(self.run_suite("echo 7 passed, 2 failed")[:2], (7, 2))

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual(self.run_suite("echo 0 passed, 0 failed"), (0, 1, "ran no test"))

    def test_a_command_that_is_missing_fails(self):
        self.assertEqual(self.run_suite("no-such-program-here"), (0, 1, "ended with 127"))

    def test_a_hang_ends(self):
        self.assertEqual(self.run_suite("sleep 100", minutes=-0.4999), (0, 1, "still running after 0 s"))

    def test_the_table_is_read_and_shown(self):
        parsed = suites.parse("# comment\n\na | 1.5 | quick | build lint | x && y || z | proves a\n")
        self.assertEqual(parsed, [suites.Suite("a", 1.5, True, ("build", "lint"), "x && y || z", "proves a")])
        self.assertIn("| a | 1.5 | proves a |", suites.table(parsed))
        with self.assertRaises(ValueError):
            suites.parse("a | 1 | sometimes | build | x | y\n")

    def test_the_real_table_fits_its_time(self):
        self.assertLessEqual(round(sum(suite.minutes for suite in suites.load()), 1), 60)
        self.assertTrue(any(suite.quick for suite in suites.load()))

    def test_a_suite_that_does_not_exist_is_named(self):
        with self.assertRaises(SystemExit) as stopped:
            run.choose(["unit", "no-such-suite"])
        self.assertIn("no-such-suite", str(stopped.exception))

    def test_families_are_read_and_must_fit(self):
        lines = "a | 1 | - | build | x | y\nb | 2 | - | build | x | y\n"
        parsed = suites.parse_families(lines + "family both | 3 | a b\n")
        self.assertEqual(parsed, [suites.Family("both", 3, ("a", "b"))])
        self.assertIn("| both | 3 | a b |", suites.family_table(parsed))
        self.assertEqual(len(suites.parse(lines + "family both | 3 | a b\n")), 2)
        for wrong in ("family both | 2.9 | a b", "family both | 3 | a c", "family a | 3 | a b", "family both | 3 |",
                      "family both | 3"):
            with self.assertRaises(ValueError, msg=wrong):
                suites.parse_families(lines + wrong + "\n")

    def test_a_family_stands_for_its_suites(self):
        known = suites.parse("x-a | 1 | - | build | x | y\nx-b | 1 | - | build | x | y\nz | 1 | - | build | x | y\n")
        families = [suites.Family("most", 2, ("x-b", "z"))]
        self.assertEqual(run.named("most", known, families), ["x-b", "z"])
        self.assertEqual(run.named("x", known, families), ["x-a", "x-b"], "what begins so, without a family of that name")
        self.assertEqual(run.named("x", known, [suites.Family("x", 1, ("x-a",))]), ["x-a"])
        self.assertEqual(run.named("z", known, families), ["z"])

    def test_the_families_of_the_real_table(self):
        limits = {family.name: family.minutes for family in suites.load_families()}
        self.assertEqual(limits, limits | {"protocol": 6, "storage": 8, "node": 8, "data": 10})
        for name, member in (("protocol", "protocol-golden"), ("storage", "sim"), ("node", "node-compare"),
                             ("data", "clients-data")):
            self.assertIn(member, [suite.name for suite in run.choose([name])])
        self.assertEqual([suite.name for suite in run.choose(["tidy"])], ["tidy"])

    def test_the_door_ends_with_the_counts_and_a_code(self):
        done = subprocess.run([HERE / "run.py", "no-such-suite"], text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)


class GoogleTest(unittest.TestCase):
    def run_program(self, script: str):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "x_test"
            program.write_text("#!/usr/bin/env bash\n" + script)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            return gtest.run("x_test", program, [])[1:3]

    def test_counts(self):
        self.assertEqual(self.run_program("echo '[       OK ] A.b (1 ms)'; echo '[       OK ] A.c (1 ms)'"), (2, 0))
        self.assertEqual(self.run_program("echo '[       OK ] A.b (1 ms)'; echo '[  FAILED  ] A.c (1 ms)'\n"
                                          "echo '[  FAILED  ] A.c'; exit 1"), (1, 1))
        self.assertEqual(self.run_program("echo '[       OK ] A/0.b (1 ms)'\n"
                                          "echo '[  FAILED  ] A/0.c, where TypeParam = int (1 ms)'; exit 1"), (1, 1))

    def test_a_crash_is_a_failure(self):
        self.assertEqual(self.run_program("echo '[       OK ] A.b (1 ms)'; echo '[ RUN      ] A.c'; kill -ABRT $$"), (1, 1))

    def test_skipped_and_disabled_tests_are_failures(self):
        self.assertEqual(self.run_program("echo '[       OK ] A.b (1 ms)'; echo '[  SKIPPED ] A.c (0 ms)'"), (1, 1))
        self.assertEqual(self.run_program("echo '[       OK ] A.b (1 ms)'; echo '  YOU HAVE 2 DISABLED TESTS'"), (1, 2))

    def test_a_program_without_tests_is_a_failure(self):
        self.assertEqual(self.run_program("true"), (0, 1))

    def test_a_program_that_is_not_built_is_a_failure(self):
        self.assertEqual(gtest.run("x_test", pathlib.Path("no-such-folder/x_test"), [])[1:3], (0, 1))


if __name__ == "__main__":
    result = unittest.TextTestRunner(stream=sys.stdout).run(unittest.defaultTestLoader.loadTestsFromName("__main__"))
    bad = len(result.failures) + len(result.errors) + len(result.skipped)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
