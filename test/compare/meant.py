"""Differences that are meant: which steps of which stories they cover, and whether they are still there."""

import dataclasses
import pathlib

import story


@dataclasses.dataclass
class Difference:
    file: str
    story: str
    part: str           # of the one step that it covers, as it is written
    why: str
    seen: bool = False  # the two did differ there

    def covers(self, told: story.Story, step: story.Step) -> bool:
        return (told.file, told.name) == (self.file, self.story) and self.part in step.text

    def __str__(self) -> str:
        return f"{self.file} | {self.story} | {self.part}"


def differences(path: pathlib.Path, chapter: story.Chapter) -> list[Difference]:
    """Those of one file of stories; each must cover one step of one story."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        words = line.split(" | ")
        if len(words) != 4:
            raise story.Mistake(f"{path.name}: not FILE | STORY | PART OF A STEP | WHY: {line}")
        each = Difference(*words)
        if each.file != chapter.path.name:
            continue
        steps = [step for told in chapter.stories for step in told.steps if each.covers(told, step)]
        if len(steps) != 1:
            raise story.Mistake(f"{path.name}: {each} covers {len(steps)} steps, not one")
        found.append(each)
    return found


def gone(found: list[Difference]) -> list[Difference]:
    return [each for each in found if not each.seen]
