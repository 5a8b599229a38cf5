"""Producers that count and a consumer that remembers, whoever has the directory: they go on where they were."""

import dataclasses
import time

BEGIN = "trail-"  # of the topics' names; whoever alters all topics leaves these alone
TOPICS = {"plain": {}, "packed": {"compression.type": "lz4"}, "clocked": {"message.timestamp.type": "LogAppendTime"},
          "kept": {"cleanup.policy": "compact"}, "small": {"segment.bytes": "1048576", "index.interval.bytes": "100"}}
CODECS = ("", " gzip", " snappy", " lz4", " zstd")
OUT_OF_ORDER, FENCED = 45, 47
LEADERLESS = (5, 6)  # LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER: asked again
PADDING = "v*40000"  # some batches are large, so that segments roll


@dataclasses.dataclass
class Line:
    """One topic, its producer and its consumer."""
    topic: str
    number: int                # of the producer
    epoch: int = 0
    sequence: int = 0          # of the next record
    offset: int = 0            # of the consumer
    end: int = 0               # of the log, as the producer was told
    last: tuple[str, int] | None = None  # the batch that was sent last, and where it lies
    sent: list[tuple[str, str]] = dataclasses.field(default_factory=list)  # keys and what values begin with


class Trail:
    def __init__(self):
        self.lines = [Line(BEGIN + topic, 4000 + number) for number, topic in enumerate(TOPICS)]
        self.begun = int(time.time() * 1000)
        self.passed = 0
        self.found: list[str] = []

    def check(self, what: str, got, wanted) -> None:
        if got == wanted:
            self.passed += 1
        else:
            self.found.append(f"{what}: {got}, not {wanted}")

    def begin(self, owner) -> None:
        owner.ask("CreateTopics", 7, {"timeoutMs": 30000, "topics": [
            {"name": line.topic, "numPartitions": 1, "replicationFactor": 1,
             "configs": [{"name": key, "value": value} for key, value in TOPICS[line.topic.removeprefix(BEGIN)].items()]}
            for line in self.lines]})

    def go_on(self, owner, turn: int) -> None:
        for line in self.lines:
            where = f"turn {turn}, {line.topic}"
            if line.last is not None:
                batch, offset = line.last
                self.check(f"{where}, sent twice", self.produce(owner, line, batch), (0, offset))
                gap = self.batch(line, line.sequence + 5, f"gap-{turn}", "")
                self.check(f"{where}, a gap", self.produce(owner, line, gap)[0], OUT_OF_ORDER)
            if turn % 2 == 1:
                self.fence(owner, line, where, turn)
            for codec in CODECS:
                self.send(owner, line, where, f"{turn}{codec.strip()}", codec)
            self.consume(owner, line, where)

    def fence(self, owner, line: Line, where: str, turn: int) -> None:
        """The producer begins anew under the next epoch, and its old self is refused."""
        old = self.batch(line, line.sequence, f"old-{turn}", "")
        line.epoch, line.sequence = line.epoch + 1, 0
        self.send(owner, line, where, f"{turn}anew", "")
        self.check(f"{where}, an old epoch", self.produce(owner, line, old)[0], FENCED)

    def send(self, owner, line: Line, where: str, name: str, codec: str) -> None:
        batch = self.batch(line, line.sequence, name, codec)
        self.check(f"{where}, {name}", self.produce(owner, line, batch), (0, line.end))
        line.last = (batch, line.end)
        line.sequence, line.end = line.sequence + 2, line.end + 2
        line.sent += [(f"k{name}", "a"), (f"l{name}", "v")]

    def batch(self, line: Line, sequence: int, name: str, codec: str) -> str:
        when = self.begun + sequence  # of today: who has not produced for a day is forgotten
        return (f"k{name}=a{name}@{when} l{name}={PADDING}@{when + 1} "
                f"producer:{line.number}/{line.epoch}/{sequence}{codec}")

    @staticmethod
    def produce(owner, line: Line, batch: str) -> tuple[int, int]:
        answer = owner.ask("Produce", 9, {"acks": -1, "timeoutMs": 10000, "topicData": [
            {"name": line.topic, "partitionData": [{"index": 0, "records": batch}]}]})
        part = answer["responses"][0]["partitionResponses"][0]
        return part["errorCode"], part["baseOffset"]

    def consume(self, owner, line: Line, where: str) -> None:
        got = []
        for batch in self.batches(owner, line, line.offset):
            for record in batch["batchRecords"]:
                if batch["baseOffset"] + record["delta"] >= line.offset:
                    got.append((record["key"], record["value"]))
            line.offset = batch["baseOffset"] + batch["lastOffsetDelta"] + 1
        self.check(f"{where}, consumed up to", line.offset, line.end)
        self.check(f"{where}, keys", [key for key, _ in got], [key for key, _ in line.sent])
        self.check(f"{where}, values", [value[:6] == "40000 " if begin == "v" else value == "a" + key[1:] for (key, value), (_, begin)
                                        in zip(got, line.sent)], [True] * len(line.sent))
        line.sent.clear()

    @staticmethod
    def batches(owner, line: Line, offset: int) -> list[dict]:
        """All from there on, as they lie in the log; an error alone while nobody leads."""
        found: list[dict] = []
        while True:
            answer = owner.ask("Fetch", 12, {"maxWaitMs": 0, "topics": [{"topic": line.topic, "partitions": [
                {"partition": 0, "fetchOffset": offset, "partitionMaxBytes": 1 << 20}]}]})
            part = answer["responses"][0]["partitions"][0]
            if part["errorCode"] in LEADERLESS:
                return [{"errorCode": part["errorCode"]}]
            if part["errorCode"] != 0:
                raise RuntimeError(f"{line.topic} from {offset}: {part}")
            whole = [batch for batch in part["records"] or [] if "baseOffset" in batch]
            if not whole:
                return found
            found += whole
            offset = whole[-1]["baseOffset"] + whole[-1]["lastOffsetDelta"] + 1

    def facts(self, owner) -> dict[str, list]:
        """Every batch of every log, and who produces."""
        told: dict[str, list] = {f"records of {line.topic}": self.batches(owner, line, 0) for line in self.lines}
        told["producers"] = owner.ask("DescribeProducers", 0, {"topics": [
            {"name": line.topic, "partitionIndexes": [0]} for line in self.lines]})["topics"]
        return told
