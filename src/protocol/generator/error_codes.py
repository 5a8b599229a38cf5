"""Reads messages/error_codes.table: one error a line, `CODE NAME [retriable] [refreshes-metadata]`."""

from dataclasses import dataclass

from schema import SchemaError


@dataclass
class ErrorCode:
    code: int
    name: str
    retriable: bool
    refreshes_metadata: bool


def parse_errors(path):
    errors = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        place = f"{path}:{number}"
        code, name, *traits = words if len(words) > 1 else (*words, "")
        if not code.removeprefix("-").isdigit() or not name.replace("_", "").isalnum() or not name.isupper():
            raise SchemaError(place, "write: CODE NAME [retriable] [refreshes-metadata]")
        for trait in traits:
            if trait not in ("retriable", "refreshes-metadata"):
                raise SchemaError(place, f"'{trait}' is neither retriable nor refreshes-metadata")
        errors.append(ErrorCode(int(code), name, "retriable" in traits, "refreshes-metadata" in traits))
    expected = list(range(-1, len(errors) - 1))
    if [error.code for error in errors] != expected:
        raise SchemaError(path, "codes run from -1 on without a gap")
    return errors
