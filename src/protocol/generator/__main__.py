"""Turns schema files into C++: python3 generator MESSAGES_FOLDER OUTPUT_FOLDER.

Deterministic, and a file whose content stays is not touched: what includes it is not compiled again.
With --list in place of the output folder it prints what it would write and writes nothing; with --document it prints
docs/protocol.md.
"""

import pathlib
import sys

from check import check_files
from emit_document import emit_document
from emit_header import emit_header
from emit_source import emit_source
from emit_tables import emit_api_key, emit_error_code, emit_tables
from error_codes import parse_errors
from parse import parse_folder
from schema import SchemaError


def checked(folder):
    files = parse_folder(folder)
    check_files(files)
    return files


def outputs_of(folder):
    """Path below the output folder -> content."""
    files = checked(folder)
    errors = parse_errors(folder / "error_codes.table")
    outputs = {}
    for file in files:
        if file.messages:
            outputs[f"messages/{file.stem}.h"] = emit_header(file)
            outputs[f"messages/{file.stem}.cc"] = emit_source(file)
    outputs["api_key.h"] = emit_api_key(files)
    outputs["error_code.h"] = emit_error_code(errors)
    outputs["tables.cc"] = emit_tables(files, errors)
    return outputs


def write_if_changed(path, content):
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(arguments[0])
    listing = arguments[1] == "--list"
    try:
        if arguments[1] == "--document":
            print(emit_document(checked(folder)), end="")
            return 0
        outputs = outputs_of(folder)
    except SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    for name, content in sorted(outputs.items()):
        if listing:
            print(name)
        else:
            write_if_changed(pathlib.Path(arguments[1]) / name, content)
    return 0


sys.exit(main(sys.argv[1:]))
