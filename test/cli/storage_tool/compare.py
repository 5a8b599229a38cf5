"""What the two sides said and left, made comparable: paths, ids that were drawn by lot, and times."""

import base64
import dataclasses
import json
import re

# An id of 22 characters; those that the cases give themselves stay as they are.
ID = re.compile(r"(?<![A-Za-z0-9_+/-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_=-])")
GIVEN = {"AAAAAAAAAAAAAAAAAAAAAA", "BAAAAAAAAAAAAAAAAAAAAA", "JEXY6aqzQY-32P5TStzaFg", "MvDxzVmcRsaTz33bUuRU6A",
         "AAAAAAAAAAAAAAAAAAAAAQ"}
TIME = re.compile(r"#(Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*")


# Ours does not print them.
SECRET = re.compile(r"\b(salt|storedKey|serverKey)=\[[^]]*\]")
VOTERS = re.compile(r"(?<=\"voters\":)\[.*\](?=\}\n)")


def _sorted_voters(match):
    """They come from a hash table there."""
    return json.dumps(sorted(json.loads(match[0]), key=lambda voter: voter["voterId"]))


@dataclasses.dataclass
class Answer:
    out: str
    err: str
    code: int

    @staticmethod
    def read(stem):
        return Answer(*(stem.with_name(f"{stem.name}.{end}").read_text(encoding="utf-8") for end in ("out", "err")),
                      int(stem.with_name(f"{stem.name}.code").read_text()))

    @staticmethod
    def of(done):
        return Answer(done.stdout.decode(), done.stderr.decode(), done.returncode)

    def shown(self):
        return f"{self.out}{'! ' if self.err else ''}{self.err}-> {self.code}"


@dataclasses.dataclass
class Side:
    folder: object
    answers: list
    tree: dict
    ids: dict = dataclasses.field(default_factory=dict)

    def plain(self, text):
        text = text.replace(str(self.folder), "{}")
        text = TIME.sub("#(time)", text)
        text = re.sub(r"CreateTime: \d+", "CreateTime: (time)", text)
        text = re.sub(r"crc: \d+ isvalid: true", "crc: (right)", text)
        text = re.sub(r'"lastContainedLogTimestamp":\d+', '"lastContainedLogTimestamp":(time)', text)
        text = SECRET.sub(r"\1=(secret)", text)
        text = VOTERS.sub(_sorted_voters, text)
        return ID.sub(self._named, text)

    def _named(self, match):
        word = match[0]
        return word if word in GIVEN else self.ids.setdefault(word, f"(id {len(self.ids)})")


DRAWN = re.compile(r'"salt":"([^"]*)","storedKey":"[^"]*","serverKey":"[^"]*"')
# In a dump the batch stands before its records.
BATCH = re.compile(r"(?P<before>position: )(?P<position>\d+)(?P<between> .*? size: )(?P<size>\d+)")


def _without_salts(text):
    """As a dump would be without the salts that were drawn: they are as long as chance has it."""
    lines = []
    batch, gone, gone_of_batch = None, 0, 0  # the line of the batch in front; bytes of salts before it, and in it
    for line in text.split("\n"):
        if BATCH.search(line):
            batch, gone, gone_of_batch = len(lines), gone + gone_of_batch, 0
            line = BATCH.sub(lambda match: _moved(match, gone, 0), line)
        salt = DRAWN.search(line)
        if salt:
            length = len(base64.b64decode(salt[1]))
            line = re.sub(r"valueSize: (\d+)", lambda match: f"valueSize: {int(match[1]) - length}", line)
            line = DRAWN.sub('"salt":(drawn)', line)
            gone_of_batch += length
            lines[batch] = BATCH.sub(lambda match: _moved(match, 0, length), lines[batch])
        lines.append(line)
    return "\n".join(lines)


def _moved(match, before, within):
    return f"{match['before']}{int(match['position']) - before}{match['between']}{int(match['size']) - within}"


def differences(theirs, ours, salts_are_drawn):
    found = []
    if salts_are_drawn:
        for side in (theirs, ours):
            side.tree = {name: _without_salts(text) for name, text in side.tree.items()}
    for number, (a, b) in enumerate(zip(theirs.answers, ours.answers)):
        said = _answers(theirs.plain(a.out), theirs.plain(a.err), a.code, ours.plain(b.out), ours.plain(b.err), b.code)
        found += [f"run {number + 1}: {each}" for each in said]
    for name in sorted({*theirs.tree, *ours.tree}):
        a, b = (theirs.plain(theirs.tree.get(name, "(missing)")), ours.plain(ours.tree.get(name, "(missing)")))
        if a != b:
            found += [f"{name}, the reference:", *a.split("\n"), "ours:", *b.split("\n")]
    return found


# What the reference prints of an exception before it goes on.
TRACE = re.compile(r"^(?:java\.\S+Exception: .*|\tat .*|\t\.\.\. .*|Caused by: .*)\n", re.M)
# Why a file could not be read is told in words of our own.
REASON = re.compile(r"(Error loading \S+: ).*")
FORMATTED = re.compile(r"(?:^Formatting .*\n)+", re.M)


def _plain_out(text):
    """Help means the same in other words; directories are formatted in the order of a hash table."""
    if text.startswith("usage: "):
        return " ".join(text.split("\n\n")[0].split())
    text = REASON.sub(r"\1(reason)", TRACE.sub("", text))
    return FORMATTED.sub(lambda match: "".join(sorted(match[0].splitlines(keepends=True))), text)


def _plain_err(text):
    """Errors of the command line are justified there. What we might have meant instead is only guessed there."""
    if text.startswith("usage: "):
        return " ".join(text.split("\n\nDid you mean:")[0].split()).replace("- ", "-")
    return text


# Which of several is told first is a matter of a hash table.
ALREADY = re.compile(r"(?<=^Log directory )\{\}/\w+(?= is already formatted)")
THROWN = re.compile(r"thrown (\S+?): ([^\n]*)\n")


def _same_err(theirs, ours):
    thrown = THROWN.match(theirs)
    if thrown is None:
        return ALREADY.sub("(one)", _plain_err(theirs)) == ALREADY.sub("(one)", _plain_err(ours))
    # Of files and of values in files we tell more than the reference, and all that is wrong at once.
    if thrown[1].startswith("java.nio.") or thrown[1].startswith("java.io."):
        return bool(ours)
    return thrown[2] in ours


def _answers(out, err, code, our_out, our_err, our_code):
    found = []
    if code != our_code:
        found.append(f"ended with {our_code}, the reference with {code}")
    out, our_out = _plain_out(out), _plain_out(our_out)
    if out != our_out:
        found += ["the reference prints:", *out.split("\n"), "ours:", *our_out.split("\n")]
    if not _same_err(err, our_err):
        found += ["the reference complains:", *err.split("\n"), "ours:", *our_err.split("\n")]
    return found
