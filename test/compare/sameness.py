"""When two replies say the same: what must differ between two nodes (ids, ports, paths, times) is given one name."""

import dataclasses
import difflib
import json
import re

IDENTIFIER = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{22}(?![\w-])")
BOUND = re.compile(r"(?<!\d)(1[7-9]\d{11}|[23]\d{12}|-?92233[67]\d{13})(?!\d)")  # a moment, or one from which no time is out
RESERVED = {"AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ", "AAAAAAAAAAAAAAAAAAAAAg",
            "eligibleLeaderReplicas", "batchIndexErrorMessage"}
# Numbers that belong to one node and one moment.
MOMENTS = {"brokerEpoch", "registeredTimestamp", "lastFetchTimestamp", "lastCaughtUpTimestamp", "leaderEpoch",
           "logEndOffset", "highWatermark", "usableBytes", "totalBytes", "producerIdStart", "finalizedFeaturesEpoch",
           "controllerId", "sessionId"}
THIS_AGE = range(1_700_000_000_000, 4_000_000_000_000)  # milliseconds since 1970: times that a clock has told
# Lists whose order says something.
ORDERED = {"replicas", "isr", "replicaNodes", "isrNodes", "brokerIds", "addingReplicas", "removingReplicas",
           "eligibleLeaderReplicas", "lastKnownElr", "offlineReplicas", "records", "batchRecords"}


@dataclasses.dataclass
class Node:
    """What stands for one of two nodes in what it says."""
    ports: list[int]
    folder: str
    cluster: str
    seen: dict[str, str] = dataclasses.field(default_factory=dict)
    moments: set[str] = dataclasses.field(default_factory=lambda: MOMENTS)

    def names(self) -> dict[str, str]:
        """What a story may say of it."""
        return {f"port_{index}": str(port) for index, port in enumerate(self.ports)}

    def name_of(self, identifier: str) -> str:
        if identifier in RESERVED:
            return identifier
        if identifier == self.cluster:
            return "<cluster>"
        return self.seen.setdefault(identifier, f"<id {len(self.seen) + 1}>")

    def text(self, text: str) -> str:
        text = BOUND.sub("<moment>", text.replace(self.folder, "<folder>"))
        for index, port in enumerate(self.ports):
            text = re.sub(rf"(?<!\d){port}(?!\d)", f"<port {index}>", text)
        return text

    def identified(self, text: str) -> str:
        return IDENTIFIER.sub(lambda match: self.name_of(match[0]), text)

    def value(self, value, key: str = ""):
        if isinstance(value, dict):
            return {name: self.value(part, name) for name, part in value.items()}
        if isinstance(value, list):
            return [self.value(part, key) for part in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            if key == "port" and value in self.ports:
                return f"<port {self.ports.index(value)}>"
            if key in self.moments and value > 0:
                return f"<{key}>"
            if value in THIS_AGE:
                return "<moment>"
        return value


def comparable(reply, unserved: set[int], ours: bool):
    """Without our own keys, which the reference does not have, and without the APIs that are known not to be served."""
    if isinstance(reply, dict):
        return {name: comparable(part, unserved, ours) for name, part in reply.items()}
    if isinstance(reply, list):
        return [comparable(part, unserved, ours) for part in reply
                if not (isinstance(part, dict) and
                        (ours and str(part.get("name", "")).startswith("ottla.") or
                         not ours and part.get("apiKey") in unserved))]
    return reply


def fetched(reply: dict) -> dict:
    """Partitions of one topic may stand in several places of an answer, and a part of a batch at its end says nothing."""
    topics: dict[tuple, dict] = {}
    for topic in reply["responses"]:
        whole = topics.setdefault((topic.get("topic"), topic.get("topicId")), {**topic, "partitions": []})
        for part in topic["partitions"]:
            records = [batch for batch in part["records"] or [] if "cutOff" not in batch]
            whole["partitions"].append({**part, "records": records})
    return {**reply, "responses": list(topics.values())}


def is_fetched(reply: dict) -> bool:
    topics = [topic for topic in reply.get("responses", []) if isinstance(topic, dict)]
    return any("records" in part for topic in topics for part in topic.get("partitions", []))


def without_ids(value) -> str:
    return IDENTIFIER.sub(lambda match: match[0] if match[0] in RESERVED else "<id>", json.dumps(value, sort_keys=True))


def in_order(value, key: str = ""):
    """Lists whose order says nothing, in an order that does not depend on ids."""
    if isinstance(value, dict):
        return {name: in_order(part, name) for name, part in value.items()}
    if isinstance(value, list):
        parts = [in_order(part, key) for part in value]
        return parts if key in ORDERED else sorted(parts, key=without_ids)
    return value


def plain(outcome: str, node: Node, unserved: set[int], ours: bool) -> str:
    """An outcome (reply JSON, closed, error TEXT) without what differs between two nodes."""
    kind, _, rest = outcome.partition(" ")
    if kind == "bytes":
        for index, port in enumerate(node.ports):
            outcome = outcome.replace(f"{port:08x}", f"<port {index}>")
        return outcome
    if kind != "reply":
        return kind if kind == "error" else outcome
    reply = comparable(json.loads(rest), unserved, ours)
    if is_fetched(reply):
        reply = fetched(reply)
    return node.identified(json.dumps(in_order(node.value(reply)), indent=1, sort_keys=True))


def differences(ours: str, theirs: str) -> list[str]:
    """The lines that only one of two plain outcomes has, with a little of what stands around them."""
    lines = difflib.unified_diff(theirs.split("\n"), ours.split("\n"), "theirs", "ours", lineterm="", n=2)
    return [f"  {line}" for line in list(lines)[:40]]
