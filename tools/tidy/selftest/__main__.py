"""Runs the selftests: python3 tools/tidy/selftest"""

import importlib
import pathlib
import pkgutil
import sys
import unittest

TIDY = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TIDY), str(TIDY.parent / "testing")]

import rules  # noqa: E402

for part in pkgutil.iter_modules(rules.__path__):
    importlib.import_module(f"rules.{part.name}")

suite = unittest.defaultTestLoader.discover(str(TIDY / "selftest"), top_level_dir=str(TIDY))
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
bad = len(result.failures) + len(result.errors) + len(result.skipped)
print(f"{result.testsRun - bad} passed, {bad} failed")
sys.exit(1 if bad or not result.testsRun else 0)
