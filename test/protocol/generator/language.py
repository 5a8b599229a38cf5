"""What the generator's tests are told in: a folder of schemas, written down in a line or two each."""

import pathlib
import sys
import tempfile

HOUSE = pathlib.Path(__file__).resolve().parents[3]
GENERATOR = HOUSE / "src/protocol/generator"
MESSAGES = HOUSE / "src/protocol/messages"
sys.path.insert(0, str(GENERATOR))

from check import check_files  # noqa: E402
from cpp_names import snake  # noqa: E402, F401
from emit_document import emit_document  # noqa: E402, F401
from emit_header import emit_header  # noqa: E402
from emit_source import emit_source  # noqa: E402
from error_codes import parse_errors  # noqa: E402
from parse import parse_folder  # noqa: E402
from schema import SchemaError  # noqa: E402, F401

ERRORS = "-1 UNKNOWN\n0 NONE\n"


def api(request="", response="", traits="broker", name="Ping", key=0, versions="0-3 flexible 2+"):
    """An API whose messages have these fields, one a line, indented as in a file."""
    def fields(text):
        return "".join(f"  {line}\n" for line in text.splitlines())

    return (f"api {key} {name} {traits}\n\nrequest {versions}\n{fields(request)}\n"
            f"response {versions}\n{fields(response)}")


class Folder:
    """Schemas in a folder of their own, while the `with` lasts. One text alone is `a.schema`."""

    def __init__(self, files):
        self.files = {"error_codes.table": ERRORS}
        self.files.update({"a.schema": files} if isinstance(files, (str, bytes)) else files)

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.temporary.name)
        for name, text in self.files.items():
            (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def parse(self):
        files = parse_folder(self.path)
        check_files(files)
        parse_errors(self.path / "error_codes.table")
        return files


def parsed(text):
    with Folder(text) as folder:
        return folder.parse()[0]


def header_of(text):
    return emit_header(parsed(text))


def source_of(text):
    return emit_source(parsed(text))
