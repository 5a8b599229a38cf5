"""Which APIs of the controller's listener the stories ask there, and in which versions."""

import pathlib
import re

import story

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
ROW = re.compile(r"^\| \d+ \| \[?(\w+)\b[^|]*\| (\d+)(?:-(\d+))?[^|]*\|[^|]*\| ([^|]*) \|", re.M)


def versions() -> dict[str, tuple[int, int]]:
    """By its name, what each API of the controller's listener takes."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {name: (int(first), int(last or first)) for name, first, last, served in rows if "controller" in served.split(", ")}


def asked(chapters: list[story.Chapter]) -> set[tuple[str, int]]:
    """What is compared on the controller's listener: APIs and versions."""
    found = set()
    known = versions()
    for told in [each for chapter in chapters for each in chapter.stories]:
        for step in [each for each in told.steps if each.kind == "compare" and each.server == 1]:
            least, most = known.get(told.api, (0, -1))
            own = range(least if told.first is None else told.first, (most if told.last is None else told.last) + 1)
            found |= {(step.api, version) for version in (own if step.version is None else [step.version])}
    return found


def gaps(chapters: list[story.Chapter]) -> list[str]:
    """What is asked nowhere of each API's first and last version."""
    there = asked(chapters)
    return [f"no story asks the controller's listener for {api} {version}"
            for api, ends in versions().items() for version in sorted(set(ends)) if (api, version) not in there]
