"""Checks the worked examples of docs/format: python3 test/formats.

An example is a block of code that begins with ```hex and how its bytes are framed (see walk.py); each of its lines has
bytes and what they are. `python3 test/formats "key __consumer_offsets" 000200016f` prints such lines.
"""

import re
import sys
import unittest

from walk import COLUMN, HOUSE, Records, Wrong

PAGES = HOUSE / "docs/format"
BLOCK = re.compile(r"^```hex (.+)\n((?:.*\n)*?)```$", re.MULTILINE)


def examples(text):
    """(how it is framed, its bytes, its lines) of each."""
    for match in BLOCK.finditer(text):
        lines = match[2].splitlines()
        yield match[1], bytes.fromhex("".join(hex_of(line) for line in lines)), lines


def hex_of(line):
    return re.match(r"(?:[0-9a-f]{2,4} ?)*(?=\s|$)", line)[0]


class Pages(unittest.TestCase):
    def setUp(self):
        self.records = Records()

    def test_each_line_of_each_example_is_true(self):
        for page in sorted(PAGES.glob("*.md")):
            for told, data, lines in examples(page.read_text(encoding="utf-8")):
                with self.subTest(page=page.name, told=told):
                    self.assertEqual(lines, self.records.walk(told, data))

    def test_each_page_has_an_example_and_a_place_in_the_index(self):
        index = (PAGES / "README.md").read_text(encoding="utf-8")
        for page in PAGES.glob("[!R]*.md"):
            self.assertTrue(list(examples(page.read_text(encoding="utf-8"))), page.name)
            self.assertIn(f"({page.name})", index)


class Walking(unittest.TestCase):
    """The examples would be worth little if this reader took everything."""

    def setUp(self):
        self.records = Records()

    def wrong(self, told, data):
        with self.assertRaises((Wrong, KeyError, UnicodeDecodeError)) as caught:
            self.records.walk(told, bytes.fromhex(data))
        return str(caught.exception)

    def test_a_key(self):
        self.assertEqual([line[COLUMN:] for line in self.records.walk("key __consumer_offsets",
                                                                      bytes.fromhex("0002000167"))],
                         ["type 2: GroupMetadataKey", 'group "g"'])

    def test_a_structure_that_may_be_null(self):
        member = "0000" "00" "00" "0261" "0262" "01" "00" "ffffffff" "00"
        for tagged, said in (("01" "0007" "01" "00000005" "01" "00", "sessionTimeoutMs 5"),
                             ("01" "0001" "00", "classicMemberMetadata null")):
            lines = self.records.walk("value __consumer_offsets 5", bytes.fromhex(member + tagged))
            self.assertIn(said, "\n".join(lines))

    def test_bytes_left_missing_or_of_something_else(self):
        self.assertIn("1 bytes are left", self.wrong("key __consumer_offsets", "000200016700"))
        self.assertIn("2 bytes wanted at 4, 1 left", self.wrong("key __consumer_offsets", "0002000267"))
        self.assertIn("99", self.wrong("key __consumer_offsets", "0063"))
        self.assertIn("no version 9", self.wrong("versioned EndTxnMarker", "000900000001"))

    def test_a_file(self):
        self.assertIn("4 bytes wanted at 4, 2 left", self.wrong("file offset-index", "0000000d0000"))
        self.assertIn("stranger", self.wrong("file stranger", "00"))

    def test_a_tag_that_ends_elsewhere(self):
        self.assertIn("tag 0 ends at", self.wrong("value __consumer_offsets 3", "0000" "00000001" "01" "0007"
                                                  "0000000000000000"))


def main(arguments):
    if arguments:
        print("\n".join(Records().walk(arguments[0], bytes.fromhex(arguments[1]))))
        return 0
    result = unittest.TextTestRunner(stream=sys.stdout).run(unittest.defaultTestLoader.loadTestsFromName("__main__"))
    bad = len(result.failures) + len(result.errors) + len(result.skipped)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
