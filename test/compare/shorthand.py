"""Short lines of stories, for what is asked most often; each stands for lines in JSON."""

import re

TOPIC = re.compile(r"topic\s+\$(\w+)((?:\s+\S+=\S+)*)$")
SHORT = re.compile(r"(?:(ask|meanwhile)\s+)?(?:(controller|at\s+\d)\s+)?(produce|fetch)\s+(\*|\d+)((?:\s+\w+:\S+)*)\s+(\$\w+)(?:/(-?\d+))?(?:\s+(.*))?$")

# What an option of `produce` or `fetch` is called in the request.
OF_PRODUCE = {"acks": "acks", "timeout": "timeoutMs", "transaction": "transactionalId"}
OF_FETCH = {"wait": "maxWaitMs", "least": "minBytes", "most": "maxBytes", "isolation": "isolationLevel",
            "session": "sessionId", "step": "sessionEpoch", "replica": "replicaId", "rack": "rackId"}
OF_PARTITION = {"epoch": "currentLeaderEpoch", "last": "lastFetchedEpoch", "start": "logStartOffset",
                "room": "partitionMaxBytes"}


class Unknown(Exception):
    """An option that there is not."""


def member(name: str, value: str) -> str:
    is_text = not re.fullmatch(r"-?\d*(\$\{?\w+\}?)?", value) or name == "rackId"
    return f'"{name}":"{value}"' if is_text else f'"{name}":{value}'


def topic_lines(name: str, options: list[str]) -> list[str]:
    """Made, known everywhere, led; its id is $NAME_id."""
    pairs = dict(option.split("=", 1) for option in options)
    count = pairs.pop("partitions", "1")
    nodes = pairs.pop("replicas", None)
    configs = ",".join(f'{{"name":"{key}","value":"{value}"}}' for key, value in pairs.items())
    where = f'"numPartitions":{count},"replicationFactor":1'
    if nodes is not None:
        places = ",".join(f'{{"partitionIndex":{index},"brokerIds":[{nodes}]}}' for index in range(int(count)))
        where = f'"numPartitions":-1,"replicationFactor":-1,"assignments":[{places}]'
    last = int(count) - 1
    leader = "" if nodes is not None else f",topics.0.partitions.{last}.leaderId=1"
    known = f'{{"topics":[{{"name":"${name}"}}],"allowAutoTopicCreation":false}}'
    return [f'ask CreateTopics 7 {{"topics":[{{"name":"${name}",{where},"configs":[{configs}]}}],"timeoutMs":30000}}',
            f"until Metadata 12 {known} => topics.0.errorCode=0,topics.0.partitions.size={count}{leader}",
            f"keep {name}_id = topics.0.topicId",
            *([] if nodes is not None else [served_line(name, int(count))])]


def served_line(name: str, count: int) -> str:
    """Metadata tell of a leader a little before it leads."""
    asked = ",".join(f'{{"partitionIndex":{index},"currentLeaderEpoch":-1,"timestamp":-1}}' for index in range(count))
    served = ",".join(f"topics.0.partitions.{index}.errorCode=0" for index in range(count))
    return f'until ListOffsets 8 {{"replicaId":-1,"topics":[{{"name":"${name}","partitions":[{asked}]}}]}} => {served}'


def produce_body(options: dict[str, str], topic: str, partition: str, rest: str) -> str:
    said = {"acks": "-1", "timeout": "5000", **options}
    fields = [member(OF_PRODUCE[key], value) for key, value in said.items()]
    records = f'"{rest}"' if rest != "null" else rest
    return (f'{{{",".join(fields)},"topicData":[{{"name":"{topic}","topicId":"{topic}_id","partitionData":['
            f'{{"index":{partition},"records":{records}}}]}}]}}')


def fetch_body(options: dict[str, str], topic: str, partition: str, rest: str) -> str:
    whole = [member(OF_FETCH[key], value) for key, value in options.items() if key in OF_FETCH]
    if "replica" in options:
        whole.append(f'"replicaState":{{"replicaId":{options["replica"]},"replicaEpoch":{options.get("born", "-1")}}}')
    part = [f'"partition":{partition}', f'"fetchOffset":{rest or "0"}',
            *(member(OF_PARTITION[key], value) for key, value in {"room": "1048576", **options}.items()
              if key in OF_PARTITION)]
    return (f'{{{",".join([*whole, ""])}"topics":[{{"topic":"{topic}","topicId":"{topic}_id","partitions":['
            f'{{{",".join(part)}}}]}}]}}')


def lines_of(line: str) -> list[str]:
    """The lines that a line stands for; most stand for themselves."""
    if match := TOPIC.match(line):
        return topic_lines(match[1], match[2].split())
    match = SHORT.match(line)
    if not match:
        return [line]
    options = dict(option.split(":", 1) for option in match[5].split())
    known = OF_PRODUCE if match[3] == "produce" else {**OF_FETCH, **OF_PARTITION, "born": ""}
    if unknown := set(options) - set(known):
        raise Unknown(f"no such option: {', '.join(sorted(unknown))}")
    body = produce_body if match[3] == "produce" else fetch_body
    before = " ".join(word for word in (match[1], match[2]) if word)
    text = body(options, match[6], match[7] or "0", match[8] or "")
    return [f"{before} {match[3].capitalize()} {match[4]} {text}".strip()]
