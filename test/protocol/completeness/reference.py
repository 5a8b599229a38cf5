"""The reference's message descriptions as facts: JSON with comments, one file a message.

A word that is not known here is an error: it may be a fact that nobody compares.
"""

import json
import re
import subprocess

from facts import default_of

MESSAGE_WORDS = {"apiKey", "type", "name", "listeners", "validVersions", "flexibleVersions", "latestVersionUnstable",
                 "fields", "commonStructs"}
FIELD_WORDS = {"name", "type", "versions", "nullableVersions", "tag", "taggedVersions", "default", "ignorable", "mapKey",
               "entityType", "zeroCopy", "flexibleVersions", "fields", "about"}
SHARED_WORDS = {"name", "versions", "fields"}


class Unknown(Exception):
    """A description says something that is not compared."""


def refuse_unknown(described, words, where):
    unknown = set(described) - words
    if unknown:
        raise Unknown(f"{where} says {', '.join(sorted(unknown))}, which nobody compares")


def bounds(text):
    if text in (None, "none"):
        return None
    first, _, last = text.removesuffix("+").partition("-")
    return int(first), None if text.endswith("+") else int(last or first)


def run(versions):
    if versions is None:
        return "none"
    first, last = versions
    return f"{first}+" if last is None else str(first) if first == last else f"{first}-{last}"


def overlap(a, b):
    if a is None or b is None:
        return None
    ends = [end for end in (a[1], b[1]) if end is not None]
    first, last = max(a[0], b[0]), min(ends) if ends else None
    return None if last is not None and last < first else (first, last)


def default_text(described):
    """The word "null" is a default; null without quotes says nothing, as if the default were absent."""
    value = described.get("default")
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def field_facts(described, shared, where):
    where = f"{where}.{described['name']}"
    refuse_unknown(described, FIELD_WORDS, where)
    kind = described["type"].removeprefix("[]")
    is_array = kind != described["type"]
    own = described.get("flexibleVersions")
    if own not in (None, "none"):
        raise Unknown(f"{where} is flexible in versions of its own: {own}")
    versions = bounds(described.get("versions", described.get("taggedVersions")))
    facts = {
        "type": described["type"],
        "versions": run(versions),
        "nullable": run(overlap(bounds(described.get("nullableVersions")), versions)),
        "tag": str(described.get("tag", "none")),
        "tagged": run(bounds(described.get("taggedVersions"))),
        "default": default_of(default_text(described), kind, is_array),
        "ignorable": described.get("ignorable", False),
        "key": described.get("mapKey", False),
        "names": described.get("entityType", "nothing"),
        "zero-copy": described.get("zeroCopy", False),
        "inflexible": own == "none",
    }
    if kind[0].isupper():
        facts["structure"] = "shared" if kind in shared else structure_facts(described, shared, where)
    return facts


def structure_facts(described, shared, where):
    fields = {}
    for each in described.get("fields", []):
        name = each["name"][0].lower() + each["name"][1:]
        if name in fields:
            raise Unknown(f"{where} has two fields {name}")
        fields[name] = field_facts(each, shared, where)
    return {"order": ", ".join(fields), "fields": fields}


def message_facts(described):
    name = described["name"]
    refuse_unknown(described, MESSAGE_WORDS, name)
    facts = {"kind": described["type"], "key": str(described.get("apiKey", "none")),
             "versions": run(bounds(described["validVersions"]))}
    if described["type"] == "request":
        facts["listeners"] = ", ".join(sorted(described.get("listeners", [])))
    elif "listeners" in described:
        raise Unknown(f"{name} has listeners, but is no request")
    if facts["versions"] == "none":
        return facts
    shared = {each["name"]: each for each in described.get("commonStructs", [])}
    for each in shared.values():
        refuse_unknown(each, SHARED_WORDS, f"{name}.{each['name']}")
    return {
        **facts,
        "flexible": run(bounds(described["flexibleVersions"])),
        "latest-unstable": described.get("latestVersionUnstable", False),
        **structure_facts(described, shared, name),
        "shared": {each: {"versions": run(bounds(shared[each]["versions"])),
                          **structure_facts(shared[each], shared, f"{name}.{each}")} for each in shared},
    }


def read(text):
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))


def facts_of(folder):
    facts = {}
    for path in sorted(folder.rglob("*.json")):
        described = read(path.read_text(encoding="utf-8"))
        if described["name"] in facts:
            raise Unknown(f"{described['name']} is described twice")
        facts[described["name"]] = message_facts(described)
    return facts


def unpack(kafka, folder):
    subprocess.run([kafka, "schemas", folder], check=True, stdout=subprocess.DEVNULL)


def tables(kafka, probe):
    """(API facts, error facts) out of the reference's own classes: see Tables.java."""
    lines = subprocess.run([kafka, "java", "broker", probe], check=True, capture_output=True, text=True).stdout
    apis, errors = {}, {}
    for line in lines.splitlines():
        kind, number, name, *truths = line.split()
        first, second = (truth == "true" for truth in truths)
        if kind == "api":
            apis[number] = {"name": name, "forwardable": first, "cluster-action": second}
        elif kind == "error":
            errors[number] = {"name": name, "retriable": first, "refreshes-metadata": second}
        else:
            raise Unknown(f"{probe.name} wrote '{line}'")
    return apis, errors
