"""The table of suites, test/suites.txt."""

import dataclasses
import pathlib

TOP = pathlib.Path(__file__).resolve().parents[2]
TABLE = TOP / "test" / "suites.txt"


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    minutes: float
    quick: bool
    groups: tuple[str, ...]
    command: str
    proves: str


def parse(text: str) -> list[Suite]:
    suites = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 6 or fields[2] not in ("quick", "-"):
            raise ValueError(f"test/suites.txt:{number}: not NAME | MINUTES | quick or - | GROUPS | COMMAND | WHAT")
        name, minutes, quick, groups, command, proves = fields
        suites.append(Suite(name, float(minutes), quick == "quick", tuple(groups.split()), command, proves))
    return suites


def load() -> list[Suite]:
    return parse(TABLE.read_text())


def table(suites: list[Suite]) -> list[str]:
    """The same suites as docs/testing.md shows them."""
    rows = ["| suite | minutes | what it proves |", "|---|---|---|"]
    rows += [f"| {s.name} | {s.minutes:g} | {s.proves} |" for s in suites]
    rows.append(f"| all | {round(sum(s.minutes for s in suites), 1):g} | |")
    return rows
