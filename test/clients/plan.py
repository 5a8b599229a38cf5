"""What is written by whom, and what every reader must find."""

import base64
import dataclasses
import random
import time

PARTITIONS = 2
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
# acks and whether the producer is idempotent, one round after the other into the same topic
ROUNDS = [("all", True), ("all", False), ("1", False), ("0", False)]

# kcat shows headers without their sizes, and up to the first zero.
SHOWN = bytes.maketrans(b"\n\0", b"\r\1")


def raw(part: str) -> str:
    return base64.b64decode(part).decode(errors="replace")


def text(part: bytes | None) -> str | None:
    return None if part is None else base64.b64encode(part).decode()


@dataclasses.dataclass
class Writer:
    """A client, and what its records may have in them."""
    name: str
    nulls: bool = True           # null and empty are two things, for keys, values and headers
    repeats: bool = True         # one name for several headers
    times: bool = True           # moments of one's own
    binary: bool = True          # bytes that are no text
    codecs: tuple[str, ...] = CODECS

    def records(self, dice: random.Random, partition: int) -> list[dict]:
        """One round's records for one partition: keys and values of all kinds."""
        kinds = [(b"key", b"value", []), (None, b"no key", []), (b"large", self.some(dice, 60_000, 4), []),
                 (b"larger", self.some(dice, 400_000, 2), []),
                 (b"headers", b"two", [("first", b"1"), ("second", self.some(dice, 9, 200).translate(SHOWN))])]
        if self.nulls:
            kinds += [(b"no value", None, []), (b"", b"", []), (None, None, [("null", None), ("empty", b"")])]
        if self.repeats:
            kinds += [(b"repeated", b"x", [("name", b"1"), ("other", b"2"), ("name", b"3")])]
        kinds += [(b"many %d" % index, self.some(dice, 100, 256), []) for index in range(20)]
        if not self.binary:
            kinds = [(key, value, [("first", b"1"), ("second", b"2")]) for key, value, _ in kinds]
        now = int(time.time() * 1000) - 3_600_000
        return [{"p": partition, "k": text(key), "v": text(value), "t": now + 7 * index if self.times else None,
                 "h": [{"n": name, "v": text(part)} for name, part in headers]}
                for index, (key, value, headers) in enumerate(kinds)]

    def some(self, dice: random.Random, size: int, symbols: int) -> bytes:
        """The fewer symbols, the better it can be compressed."""
        alphabet = bytes(range(256)) if self.binary else b"abcdefghijklmnopqrstuvwxyz"
        return bytes(dice.choices(alphabet[:symbols], k=size))


WRITERS = [Writer("java"), Writer("confluent"), Writer("franz"), Writer("sarama"),
           # Blocks that need the ones before them, which is all that lz4js writes, are refused by Apache Kafka as by us.
           Writer("kafkajs", nulls=False, repeats=False, codecs=("none", "gzip", "snappy", "zstd")),
           Writer("kcat", nulls=False, repeats=False, times=False, binary=False)]
