"""Our schemas as facts, through the generator's own parser."""

import pathlib
import sys

from facts import default_of

HOUSE = pathlib.Path(__file__).resolve().parents[3]
MESSAGES = HOUSE / "src/protocol/messages"
sys.path.insert(0, str(HOUSE / "src/protocol/generator"))

from check import check_files  # noqa: E402
from error_codes import parse_errors  # noqa: E402, F401
from parse import parse_folder  # noqa: E402

ENTITIES = {"topic-name": "topicName", "broker-id": "brokerId", "group-id": "groupId", "producer-id": "producerId",
            "transactional-id": "transactionalId"}


def field_facts(each, shared):
    facts = {
        "type": f"[]{each.type}" if each.is_array else each.type,
        "versions": str(each.versions),
        "nullable": str(each.nullable.intersect(each.versions)),
        "tag": "none" if each.tag is None else str(each.tag),
        "tagged": str(each.tagged),
        "default": default_of(each.default, each.type, each.is_array),
        "ignorable": each.ignorable,
        "key": each.is_key,
        "names": ENTITIES.get(each.entity, "nothing"),
        "zero-copy": each.zero_copy,
        "inflexible": each.inflexible,
    }
    if each.is_structure:
        facts["structure"] = "shared" if each.type in shared else structure_facts(each.structure, shared)
    return facts


def structure_facts(structure, shared):
    fields = {each.name: field_facts(each, shared) for each in structure.fields}
    return {"order": ", ".join(each.name for each in structure.fields), "fields": fields}


def message_facts(message, api):
    shared = {structure.name: structure for structure in message.shared}
    facts = {
        "kind": message.kind,
        "key": "none" if message.key is None else str(message.key),
        "versions": str(message.versions),
        "flexible": str(message.flexible),
        "latest-unstable": message.latest_unstable,
        **structure_facts(message.root, shared),
        "shared": {name: {"versions": str(structure.versions), **structure_facts(structure, shared)}
                   for name, structure in shared.items()},
    }
    if message.kind == "request":
        facts["listeners"] = ", ".join(sorted(api.listeners))
    return facts


def removed_facts(api, kind):
    facts = {"kind": kind, "key": str(api.key), "versions": "none"}
    return {**facts, "listeners": ""} if kind == "request" else facts


def facts_of(files):
    """Message name -> facts; the two of a removed API included."""
    facts = {}
    for file in files:
        for message in file.messages:
            facts[message.name] = message_facts(message, file.api)
        if file.api is not None and file.api.removed:
            for kind in ("request", "response"):
                facts[file.api.name + kind.capitalize()] = removed_facts(file.api, kind)
    return facts


def schemas(folder=MESSAGES):
    files = parse_folder(folder)
    check_files(files)
    return files


def api_facts(files):
    """API key -> what the reference knows of it outside its descriptions."""
    return {str(file.api.key): {"name": file.api.name, "forwardable": file.api.forwardable,
                                "cluster-action": file.api.cluster_action}
            for file in files if file.api is not None}


def error_facts(errors):
    return {str(error.code): {"name": error.name, "retriable": error.retriable,
                              "refreshes-metadata": error.refreshes_metadata} for error in errors}
