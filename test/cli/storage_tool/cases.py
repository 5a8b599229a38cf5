"""The table of cases: how it is read, and what happens between two runs of the tool."""

import dataclasses
import pathlib
import shlex


@dataclasses.dataclass
class Step:
    kind: str
    words: list


@dataclasses.dataclass
class Case:
    number: int
    name: str
    configs: dict
    steps: list = dataclasses.field(default_factory=list)
    differs: str = ""

    def folder(self, root):
        return root / str(self.number)

    def make_folder(self, root):
        folder = self.folder(root)
        (folder / "configs").mkdir(parents=True)
        for name, text in self.configs.items():
            (folder / "configs" / f"{name}.properties").write_text(text.replace("{}", str(folder)), encoding="utf-8")

    def in_folder(self, words, root):
        folder = self.folder(root)
        return [self._word(word, folder) for word in words]

    def _word(self, word, folder):
        word = word.replace("{}", str(folder))
        for name in sorted(self.configs, key=len, reverse=True):
            if word.endswith("@" + name):
                return word[:-len(name) - 1] + str(folder / "configs" / f"{name}.properties")
        return word


def prepare(kind, words):
    path = pathlib.Path(words[0])
    if kind == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words[1].replace("\\n", "\n"), encoding="utf-8")
    elif kind == "folder":
        path.mkdir(parents=True)
    elif kind == "link":
        path.symlink_to(words[1])
    else:
        raise ValueError(f"what is {kind}?")


def read(path):
    configs, found, current = {}, [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, _, rest = line.strip().partition(" ")
        if not line.startswith(" "):
            if kind == "config":
                current = rest
                configs[current] = ""
            elif kind == "case":
                current = Case(len(found), rest, configs)
                found.append(current)
            else:
                raise ValueError(f"{path.name}:{number}: {line}")
        elif isinstance(current, str):
            configs[current] += line.strip() + "\n"
        elif kind == "differs":
            current.differs = rest
        else:
            current.steps.append(_step(kind, rest))
    return found


def _step(kind, rest):
    if kind == "run":
        return Step(kind, shlex.split(rest))
    name, _, text = rest.partition(" ")
    return Step(kind, ["{}/" + name, *([text] if text else [])])
