"""Exemptions need reasons and a use; the ratchet only shrinks."""

import json
import unittest

import cpp
import engine
from engine import Found, judge
from tree import Tree

LONG = {"header-size": [Found("src/a.h", 500, "600 lines", measure=600)]}


def tree(exemptions: str = "", ratchet: dict | None = None) -> Tree:
    return Tree(None, {engine.EXEMPTIONS: exemptions, engine.RATCHET: json.dumps(ratchet or {})})


def rules_of(findings) -> list[str]:
    return [finding.rule for finding in findings]


class Exemptions(unittest.TestCase):
    def test_a_finding_without_exemption_stands_with_its_cure(self):
        finding, = judge(tree(), LONG)
        self.assertEqual((finding.rule, finding.path, finding.line), ("header-size", "src/a.h", 500))
        self.assertIn("cure: split it", str(finding))

    def test_an_exemption_with_a_reason_covers_its_file(self):
        self.assertEqual(judge(tree("header-size src/a.h generated from a table\n"), LONG), [])

    def test_an_exemption_without_a_reason_is_a_finding(self):
        self.assertEqual(rules_of(judge(tree("header-size src/a.h because\n"), LONG)), ["exemptions"])

    def test_an_exemption_that_exempts_nothing_is_a_finding(self):
        self.assertEqual(rules_of(judge(tree("header-size src/b.h generated from a table\n"), LONG)),
                         ["header-size", "exemptions"])

    def test_an_exemption_from_an_unknown_rule_is_a_finding(self):
        self.assertEqual(rules_of(judge(tree("no-rule src/a.h reason of three words\n"), {})), ["exemptions"])


class Ratchet(unittest.TestCase):
    def test_what_it_holds_is_no_finding(self):
        self.assertEqual(judge(tree(ratchet={"header-size": {"src/a.h": 600}}), LONG), [])

    def test_growth_is_a_finding(self):
        self.assertEqual(rules_of(judge(tree(ratchet={"header-size": {"src/a.h": 599}}), LONG)), ["header-size"])

    def test_what_has_shrunk_must_be_lowered(self):
        self.assertEqual(rules_of(judge(tree(ratchet={"header-size": {"src/a.h": 601}}), LONG)), ["ratchet"])

    def test_what_is_gone_must_be_removed(self):
        self.assertEqual(rules_of(judge(tree(ratchet={"header-size": {"src/b.h": 601}}), {"header-size": []})), ["ratchet"])

    def test_raising_an_entry_is_a_finding(self):
        held = {"header-size": {"src/a.h": 600}}
        self.assertEqual(judge(tree(ratchet=held), LONG, held), [])
        self.assertEqual(rules_of(judge(tree(ratchet=held), LONG, {"header-size": {"src/a.h": 550}})), ["ratchet"])
        self.assertEqual(rules_of(judge(tree(ratchet=held), LONG, {})), ["ratchet"])

    def test_shrink_lowers_and_removes_and_adds_nothing(self):
        held = {"header-size": {"src/a.h": 700, "src/b.h": 650}, "source-size": {"src/c.cc": 900}}
        found = {**LONG, "test-size": [Found("src/d.cc", 1, "long", measure=2000)]}
        self.assertEqual(json.loads(engine.shrink(tree(ratchet=held), found)), {"header-size": {"src/a.h": 600}})


class Blank(unittest.TestCase):
    def check(self, text: str, expected: str):
        self.assertEqual(cpp.blank(text), expected)

    def test_comments(self):
        self.check("a // b\nc /* d\ne */ f", "a     \nc     \n     f")

    def test_strings(self):
        self.check('f("a // b", \'"\') // c', 'f("      ", \' \')     ')

    def test_raw_strings_and_digit_separators(self):
        self.check("R\"x(a\n\")x\" + 1'000 + 'c'", "R    \n   \" + 1'000 + ' '")
