"""Compares every fact of our schemas with the reference's own descriptions of its messages.

Use: python3 test/protocol/completeness [--reference KAFKA]
KAFKA is the script that runs the reference: test/reference/kafka.
"""

import argparse
import pathlib
import sys
import tempfile
import unittest

import notation
import reference
import test_compare
from facts import count, differences, told

HERE = pathlib.Path(__file__).resolve().parent
MESSAGES = 286  # the reference of this version describes so many


def planted():
    """Whether each sort of difference is found."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(test_compare)
    result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
    bad = len(result.failures) + len(result.errors) + len(result.skipped)
    return result.testsRun - bad, bad


def compare(ours, theirs, what):
    """One verdict for each name that either side has."""
    failed = 0
    names = sorted({*ours, *theirs})
    for name in names:
        found = list(differences(ours.get(name, "nothing"), theirs.get(name, "nothing"), name))
        for each in found:
            print(told(each))
        failed += bool(found)
    print(f"{what}: {len(names)} compared, {count(theirs)} facts, {failed} differ")
    return len(names) - failed, failed


def complete(theirs):
    if len(theirs) == MESSAGES:
        return 1, 0
    print(f"the reference gave {len(theirs)} descriptions, not {MESSAGES}")
    return 0, 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=pathlib.Path, default=notation.HOUSE / "test/reference/kafka")
    kafka = parser.parse_args().reference
    files = notation.schemas()
    with tempfile.TemporaryDirectory() as folder:
        reference.unpack(kafka, folder)
        descriptions = reference.facts_of(pathlib.Path(folder))
    apis, errors = reference.tables(kafka, HERE / "Tables.java")
    verdicts = [
        planted(),
        complete(descriptions),
        compare(notation.facts_of(files), descriptions, "messages"),
        compare(notation.api_facts(files), apis, "APIs"),
        compare(notation.error_facts(notation.parse_errors(notation.MESSAGES / "error_codes.table")), errors,
                "error codes"),
    ]
    passed, failed = (sum(each) for each in zip(*verdicts, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
