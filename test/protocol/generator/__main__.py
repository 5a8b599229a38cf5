"""The tests of the messages' generator: python3 test/protocol/generator [TEST...]."""

import sys
import unittest

import test_generator
import test_refusals
import test_schemas

TOLD = (test_refusals, test_generator, test_schemas)


def main(names):
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(names) if names else unittest.TestSuite(map(loader.loadTestsFromModule, TOLD))
    result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
    bad = len(result.failures) + len(result.errors) + len(result.skipped)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad or not result.testsRun else 0


sys.exit(main(sys.argv[1:]))
