"""Documents: links that lead somewhere, tables that say what is so."""

import posixpath
import re
import urllib.parse

from engine import Found, rule
import suites as suite_table
from rules.modules import FLOORS, floors

LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
SUITES = "test/suites.txt"
TESTING = "docs/testing.md"
ARCHITECTURE = "docs/architecture.md"


def _prose(text: str) -> str:
    """The text with code blanked, every line in its place."""
    text = FENCE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return CODE.sub(lambda match: " " * len(match[0]), text)


def anchors(text: str) -> set[str]:
    """The names that headings get where the documents are read."""
    found: dict[str, int] = {}
    names = set(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", text))
    plain = FENCE.sub("", text)
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*\s*$", plain, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        names.add(f"{slug}-{count}" if count else slug)
    return names


@rule("dead-link", "point it at what exists, or remove it")
def dead_link(tree):
    for file in tree.files.values():
        if not file.path.endswith(".md"):
            continue
        prose = _prose(file.text)
        for pattern in (LINK, REFERENCE):
            for line, match in file.search(pattern, prose):
                target = match[1]
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                place, _, anchor = target.partition("#")
                path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), urllib.parse.unquote(place)))
                path = file.path if not place else "" if path == "." else path
                if not tree.exists(path):
                    yield Found(file.path, line, f"'{target}' leads nowhere")
                elif anchor and path.endswith(".md") and anchor not in anchors(tree.get(path).text):
                    yield Found(file.path, line, f"'{target}': {path} has no such heading")


def _shown(document, head):
    """The number of the line before the table that begins so, and its lines."""
    start = next((n for n, line in enumerate(document.lines) if line == head), None)
    if start is None:
        return 0, None
    shown = []
    while start + len(shown) < len(document.lines) and document.lines[start + len(shown)].startswith("|"):
        shown.append(document.lines[start + len(shown)])
    return start, shown


@rule("suite-table", f"make the tables of {TESTING} those that `./dev test --table` prints")
def suite_table_agrees(tree):
    if not tree.get(SUITES):
        return
    text = tree.get(SUITES).text
    families = suite_table.parse_families(text)
    document = tree.get(TESTING)
    if document is None:
        yield Found(TESTING, 1, "is missing")
        return
    for wanted in [suite_table.table(suite_table.parse(text)), *([suite_table.family_table(families)] if families else [])]:
        start, shown = _shown(document, wanted[0])
        if shown is None:
            yield Found(TESTING, 1, f"has no table that begins with {wanted[0]}")
            continue
        for row in wanted:
            if row not in shown:
                yield Found(TESTING, start + 1, f"does not show: {row}")
        for number, row in enumerate(shown, start + 1):
            if row not in wanted:
                yield Found(TESTING, number, f"says something else than {SUITES}: {row}")


@rule("floor-table", f"make the table of {ARCHITECTURE} say what {FLOORS} says")
def floor_table_agrees(tree):
    document = tree.get(ARCHITECTURE)
    if document is None or not tree.get(FLOORS):
        return
    shown = {}
    for line in document.lines:
        match = re.match(r"\|\s*(\d+)\s*\|(.*?)\|", line)
        if match:
            for name in re.findall(r"`src/(\w+)/`", match[2]):
                shown[name] = int(match[1])
    for name, floor in floors(tree).items():
        if shown.get(name) != floor:
            yield Found(ARCHITECTURE, 1, f"'{name}' is on floor {floor}, the table says {shown.get(name, 'nothing')}")
    for name in shown.keys() - floors(tree).keys():
        yield Found(ARCHITECTURE, 1, f"the table has '{name}', which is not in {FLOORS}")
