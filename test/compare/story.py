"""Stories: what is asked of both nodes, as people write it. README.md has the language."""

import base64
import dataclasses
import hashlib
import json
import pathlib
import re
import time

import shorthand

STEP = re.compile(r"(?:(until|ask|meanwhile)\s+)?(?:(controller|at\s+\d)\s+)?([A-Z]\w+)\s+(\*|\d+)\s*(\{.*\}|\$\w+)?\s*(?:=>\s*(.*))?$")
RAW = re.compile(r"raw\s+(?:(controller)\s+)?([0-9a-fA-F\s]+)$")
KEEP = re.compile(r"keep\s+(\w+)\s*=\s*(\S+)$")
OUTCOMES = ("closed", "refused")
MOMENT = re.compile(r"@now(?:([+-]\d+)([smhd]))?")
PATH = re.compile(r'(?:[^."]|"[^"]*")+')
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
PORTS = re.compile(r"ports\s+(\d)$")
LET = re.compile(r"let\s+(\w+)\s*=\s*(.*)$")
STORY = re.compile(r"story\s+(.+?)(?:\s+for\s+([A-Z]\w+)(?:\s+(\d+)(?:-(\d+))?)?)?(?:\s+with\s+(\w+)\s+(\d+)-(\d+))?$")
BYTES = re.compile(r"\bhex\(([0-9a-fA-F\s]*)\)")


class Mistake(Exception):
    """A story that cannot be understood."""


@dataclasses.dataclass
class Step:
    line: int
    kind: str                      # compare, ask (not compared), until, raw, keep, meanwhile, then
    server: int = 0                # 0: the broker's listener, 1: the controller's, 2: the first of the free ports
    api: str = ""
    version: int | None = None     # None: the story's own
    body: str = "{}"
    wanted: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    outcome: str = "reply"         # until: or closed, or refused
    name: str = ""                 # keep: under which name
    path: str = ""                 # keep: which part of the last reply
    text: str = ""                 # as it is written


@dataclasses.dataclass
class Story:
    file: str
    line: int
    name: str
    api: str | None
    first: int | None
    last: int | None
    number: tuple[str, int, int] | None = None  # its name, and the first and the last that the story is told with
    steps: list[Step] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Chapter:
    """A file: the stories that one pair of nodes lives through, and how the nodes are configured."""
    path: pathlib.Path
    keys: list[str]
    stories: list[Story]
    format_words: list[str] = dataclasses.field(default_factory=list)  # how both nodes' directories are formatted
    said: dict[str, str] = dataclasses.field(default_factory=dict)  # texts of this file that have a name
    exact: set[str] = dataclasses.field(default_factory=set)        # numbers that must be the same here
    loose: set[str] = dataclasses.field(default_factory=set)        # numbers that need not
    free_ports: int = 0            # so many more a node knows of, where nobody listens at first


def server_of(word: str | None) -> int:
    if word is None:
        return 0
    return 1 if word == "controller" else int(word.split()[1])


def wishes(text: str | None) -> list[tuple[str, str]]:
    if not text or text in OUTCOMES:
        return []
    pairs = [part.strip().split("=", 1) for part in text.split(",")]
    return [(pair[0], pair[1]) for pair in pairs]


def step_of(line: str, number: int) -> Step:
    if match := KEEP.match(line):
        return Step(number, "keep", name=match[1], path=match[2], text=line)
    if line == "then":
        return Step(number, "then", text=line)
    if match := RAW.match(line):
        return Step(number, "raw", server=1 if match[1] else 0, body=re.sub(r"\s", "", match[2]), text=line)
    match = STEP.match(line)
    if not match:
        raise Mistake(f"line {number}: not a step: {line}")
    return Step(number, match[1] or "compare", server_of(match[2]), match[3],
                None if match[4] == "*" else int(match[4]), match[5] or "{}", wishes(match[6]),
                match[6] if match[6] in OUTCOMES else "reply", text=line)


def joined(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers; one that is indented twice goes on where the one before it ended."""
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if raw.startswith("    ") and lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line}")
        else:
            lines.append((number, line))
    return lines


def read(path: pathlib.Path) -> Chapter:
    chapter = Chapter(path, [], [])
    for number, line in joined(path.read_text(encoding="utf-8")):
        try:
            if line.startswith("node "):
                chapter.keys.append(line.removeprefix("node ").strip())
            elif line.startswith("format "):
                chapter.format_words += line.split()[1:]
            elif line.startswith("exact "):
                chapter.exact.update(line.split()[1:])
            elif line.startswith("loose "):
                chapter.loose.update(line.split()[1:])
            elif match := PORTS.match(line):
                chapter.free_ports = int(match[1])
            elif match := LET.match(line):
                chapter.said[match[1]] = match[2]
            elif match := STORY.match(line):
                first = int(match[3]) if match[3] else None
                last = int(match[4]) if match[4] else first
                counted = (match[5], int(match[6]), int(match[7])) if match[5] else None
                chapter.stories.append(Story(path.name, number, match[1], match[2], first, last, counted))
            elif not chapter.stories:
                raise Mistake(f"line {number}: a step before the first story")
            else:
                chapter.stories[-1].steps += [dataclasses.replace(step_of(each, number), text=line)
                                              for each in shorthand.lines_of(line)]
        except (Mistake, shorthand.Unknown) as mistake:
            raise Mistake(f"{path.name}, line {number}: {mistake}") from None
    return chapter


def filled(text: str, values: dict[str, str]) -> str:
    """$name becomes what was kept under it, $uuid_x an id and all else a name of the story's own; @now-3h is a time,
    hex(00 ff) bytes."""
    def value(match: re.Match) -> str:
        name = match[1] or match[2]
        if name in values:
            return values[name]
        own = f"{name}-{values['story']}"
        if name.startswith("uuid"):
            return base64.urlsafe_b64encode(hashlib.md5(own.encode()).digest()).decode().rstrip("=").replace("-", "x")
        return own
    text = re.sub(r"\$(?:\{(\w+)\}|([a-z]\w*))", value, text)
    text = BYTES.sub(lambda match: base64.b64encode(bytes.fromhex(match[1])).decode(), text)
    return MOMENT.sub(moment, text)


def moment(match: re.Match) -> str:
    return f"@{int((time.time() + int(match[1] or 0) * SECONDS[match[2] or 's']) * 1000)}"


def part_of(reply: str, path: str):
    """The part of a JSON reply under a path like topics.0.topicId or results.logDir~"a.b".topics (the first element whose
    logDir ends with a.b); None when there is none."""
    part = json.loads(reply)
    for name in [each.replace('"', "") for each in PATH.findall(path)]:
        if isinstance(part, list) and name.isdigit() and int(name) < len(part):
            part = part[int(name)]
        elif isinstance(part, list) and "~" in name:
            key, end = name.split("~", 1)
            part = next((each for each in part if str(each.get(key)).endswith(end)), None)
        elif isinstance(part, list) and name == "size":
            part = len(part)
        elif isinstance(part, dict) and name in part:
            part = part[name]
        else:
            return None
    return part
