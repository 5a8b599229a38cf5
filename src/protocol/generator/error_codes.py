"""Reads messages/error_codes.table: one error a line, `CODE NAME [retriable] [refreshes-metadata]`."""

import re
from dataclasses import dataclass

from schema import SchemaError, read_text

LINE = re.compile(r"(-?[0-9]{1,5})\s+([A-Z][A-Z0-9_]*)((?:\s+[a-z-]+)*)")
TRAITS = ("retriable", "refreshes-metadata")


@dataclass
class ErrorCode:
    code: int
    name: str
    retriable: bool
    refreshes_metadata: bool


def parse_errors(path):
    errors, names = [], set()
    for number, text in enumerate(read_text(path).splitlines(), 1):
        line = text.partition("#")[0].strip()
        if not line:
            continue
        place = f"{path}:{number}"
        match = LINE.fullmatch(line)
        if match is None:
            raise SchemaError(place, "write: CODE NAME [retriable] [refreshes-metadata]")
        code, name, traits = int(match[1]), match[2], match[3].split()
        for trait in traits:
            if trait not in TRAITS or traits.count(trait) > 1:
                raise SchemaError(place, f"'{trait}' should be one of {', '.join(TRAITS)}, once")
        if code != len(errors) - 1:
            raise SchemaError(place, f"code {code} should be {len(errors) - 1}: codes run from -1 on without a gap")
        if name in names:
            raise SchemaError(place, f"there are two errors {name}")
        names.add(name)
        errors.append(ErrorCode(code, name, *(trait in traits for trait in TRAITS)))
    if not errors:
        raise SchemaError(path, "says nothing")
    return errors
