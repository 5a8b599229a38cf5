"""The table of suites and of their families, test/suites.txt."""

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


@dataclasses.dataclass(frozen=True)
class Family:
    """Suites that are run together under one name, within a time of their own."""
    name: str
    minutes: float
    members: tuple[str, ...]


FAMILY = "family "


def parse(text: str) -> list[Suite]:
    suites = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith(("#", FAMILY)):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 6 or fields[2] not in ("quick", "-"):
            raise ValueError(f"test/suites.txt:{number}: not NAME | MINUTES | quick or - | GROUPS | COMMAND | WHAT")
        name, minutes, quick, groups, command, proves = fields
        suites.append(Suite(name, float(minutes), quick == "quick", tuple(groups.split()), command, proves))
    return suites


def parse_families(text: str) -> list[Family]:
    minutes_of = {suite.name: suite.minutes for suite in parse(text)}
    families = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith(FAMILY):
            continue
        fields = [field.strip() for field in line.removeprefix(FAMILY).split(" | ")]
        if len(fields) != 3:
            raise ValueError(f"test/suites.txt:{number}: not family NAME | MINUTES | SUITE...")
        name, minutes, members = fields[0], float(fields[1]), tuple(fields[2].split())
        strangers = set(members) - minutes_of.keys()
        if strangers or not members or name in minutes_of:
            raise ValueError(f"test/suites.txt:{number}: a family has a name of its own, and suites that there are; "
                             f"not {' '.join(sorted(strangers)) or name}")
        taken = round(sum(minutes_of[member] for member in members), 1)
        if taken > minutes:
            raise ValueError(f"test/suites.txt:{number}: the suites of {name} take {taken:g} minutes, not {minutes:g}")
        families.append(Family(name, minutes, members))
    return families


def load() -> list[Suite]:
    return parse(TABLE.read_text())


def load_families() -> list[Family]:
    return parse_families(TABLE.read_text())


def table(suites: list[Suite]) -> list[str]:
    """The same suites as docs/testing.md shows them."""
    rows = ["| suite | minutes | what it proves |", "|---|---|---|"]
    rows += [f"| {s.name} | {s.minutes:g} | {s.proves} |" for s in suites]
    rows.append(f"| all | {round(sum(s.minutes for s in suites), 1):g} | |")
    return rows


def family_table(families: list[Family]) -> list[str]:
    return ["| family | minutes at most | suites |", "|---|---|---|",
            *(f"| {family.name} | {family.minutes:g} | {' '.join(family.members)} |" for family in families)]
