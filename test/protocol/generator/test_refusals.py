"""Each error names file, line and rule, and there is no rule that was not seen to bite."""

import ast
import pathlib
import unittest

from language import ERRORS, GENERATOR, Folder, SchemaError, parse_errors
from refusals import REFUSALS


def refuse(files):
    """(the error's text without the folder, the place in the generator that raised it)."""
    with Folder(files) as folder:
        try:
            folder.parse()
        except SchemaError as error:
            trace = error.__traceback__
            while trace.tb_next is not None:
                trace = trace.tb_next
            raised = pathlib.Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno
            return str(error).replace(f"{folder.path}/", "").replace(str(folder.path), "folder"), raised
    return "nothing was refused", None


def rules():
    """Where the generator raises: (file, first line, last line)."""
    for path in GENERATOR.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and "SchemaError" in ast.unparse(node):
                yield path.name, node.lineno, node.end_lineno


class Refusals(unittest.TestCase):
    def test_every_rule_was_seen_to_bite(self):
        seen = {refuse(files)[1] for files, _, _ in REFUSALS.values()}
        seen.add(self.missing_table()[1])
        silent = [f"{name}:{first}" for name, first, last in rules()
                  if not any(name == file and first <= line <= last for file, line in seen)]
        self.assertEqual(silent, [])

    def test_missing_error_codes(self):
        self.assertIn("error_codes.table: cannot be read", self.missing_table()[0])

    @staticmethod
    def missing_table():
        try:
            parse_errors(pathlib.Path("no-such-folder/error_codes.table"))
        except SchemaError as error:
            trace = error.__traceback__
            while trace.tb_next is not None:
                trace = trace.tb_next
            return str(error), (pathlib.Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno)
        return "nothing was refused", None

    def test_what_the_others_break_is_sound(self):
        with Folder({"a.schema": "api 0 Ping removed\n", "error_codes.table": ERRORS}) as folder:
            self.assertEqual(len(folder.parse()), 1)


def story(files, place, text):
    def test(self):
        error, _ = refuse(files)
        if place is None:
            self.assertRegex(error, r"^[^:]+: ")
        else:
            self.assertTrue(error.startswith(f"{place}: " if isinstance(place, str) else f"a.schema:{place}: "), error)
        self.assertIn(text, error)
    return test


for told, (broken, where, rule) in REFUSALS.items():
    setattr(Refusals, "test_" + told.replace(" ", "_").replace("-", "_"), story(broken, where, rule))
