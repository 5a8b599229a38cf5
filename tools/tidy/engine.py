"""What a rule is, what it finds, and which findings stand: exemptions with reasons, and the ratchet."""

import dataclasses
import json

EXEMPTIONS = "tools/tidy/exemptions.txt"
RATCHET = "tools/tidy/ratchet.json"


@dataclasses.dataclass(frozen=True)
class Found:
    """One place that breaks a rule. What exceeds a size says by how much (measure) and which thing (key)."""
    path: str
    line: int
    text: str
    key: str = ""
    measure: int = 0


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    cure: str
    check: object  # Tree -> iterable of Found


RULES: dict[str, Rule] = {}


def rule(name: str, cure: str):
    def add(check):
        assert name not in RULES, name
        RULES[name] = Rule(name, cure, check)
        return check
    return add


@dataclasses.dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    text: str
    cure: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}\n    cure: {self.cure}"


def parse_exemptions(text: str):
    """(line number, rule, path, reason) of each line; '#' begins a comment line."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            fields = line.split(maxsplit=2)
            yield number, *(fields + ["", "", ""])[:3]


def judge(tree, found: dict[str, list[Found]], older_ratchet: dict | None = None) -> list[Finding]:
    """Turns what the rules found into findings. `older_ratchet` is the ratchet before this change."""
    findings = []
    exempt_file, ratchet_file = tree.get(EXEMPTIONS), tree.get(RATCHET)
    exempt = list(parse_exemptions(exempt_file.text)) if exempt_file else []
    ratchet = json.loads(ratchet_file.text) if ratchet_file else {}
    used = set()
    held: dict[str, dict[str, int]] = {}
    for name, places in found.items():
        for place in places:
            match = next((entry for entry in exempt if entry[1] == name and entry[2] == place.path), None)
            if match:
                used.add(match[0])
                continue
            key = f"{place.path}#{place.key}" if place.key else place.path
            allowed = ratchet.get(name, {}).get(key, 0)
            if place.measure and allowed:
                held.setdefault(name, {})[key] = max(place.measure, held.get(name, {}).get(key, 0))
                if place.measure <= allowed:
                    continue
            findings.append(Finding(name, place.path, place.line, place.text, RULES[name].cure))

    for number, name, path, reason in exempt:
        if number not in used and (name in found or name not in RULES):
            findings.append(Finding("exemptions", EXEMPTIONS, number, f"'{name} {path}' exempts nothing",
                                    "remove the line"))
        elif len(reason.split()) < 3:
            findings.append(Finding("exemptions", EXEMPTIONS, number, f"'{name} {path}' gives no reason",
                                    "say after the path why the rule must not hold there"))
    for name, entries in ratchet.items():
        for key, allowed in entries.items():
            if name in found and held.get(name, {}).get(key, 0) < allowed:
                now = held.get(name, {}).get(key, 0)
                findings.append(Finding("ratchet", RATCHET, 1, f"{name} of {key} is {now or 'in order'} now, not {allowed}",
                                        "run ./dev tidy --shrink: what has shrunk stays small"))
            if older_ratchet is not None and allowed > older_ratchet.get(name, {}).get(key, 0):
                findings.append(Finding("ratchet", RATCHET, 1, f"{name} of {key} was raised to {allowed}",
                                        "make it smaller; the ratchet only shrinks"))
    return findings


def shrink(tree, found: dict[str, list[Found]]) -> str:
    """The ratchet with every entry lowered to what is true now."""
    ratchet_file = tree.get(RATCHET)
    ratchet = json.loads(ratchet_file.text) if ratchet_file else {}
    true = {(name, f"{place.path}#{place.key}" if place.key else place.path): place.measure
            for name, places in found.items() for place in places if place.measure}
    lower = {}
    for name, entries in ratchet.items():
        kept = {key: min(allowed, true[name, key]) for key, allowed in entries.items() if (name, key) in true}
        if kept:
            lower[name] = kept
    return json.dumps(lower, indent=2, sort_keys=True) + "\n"
