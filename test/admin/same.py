"""When two printed texts say the same."""

import re

IDENTIFIER = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{22}(?![\w-])")
# Moments and measures of one run.
MOMENTS = [
    (re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]"), "[<time>]"),
    (re.compile(r"(epoch:|Epoch:|LeaderEpoch:|MaxFollowerLag(?:TimeMs)?:|HighWatermark:)\s*-?\d+"), r"\1 <number>"),
    (re.compile(r"(size\"?[:=]\s*)\d+"), r"\1<number>"),
    (re.compile(r"\b1[789]\d{11}\b"), "<moment>"),
    (re.compile(r"^(-?\d+\s+\S+\s+)\d+(?=\s.*(?:Leader|Follower|Observer)\s*$)", re.M), r"\1<number>"),
    (re.compile(r"\"(totalBytes|usableBytes)\":\d+"), r'"\1":<number>'),
    # Of producers that are measured, and of batches that hold moments: how far these lie apart tells in their sizes.
    (re.compile(r"[\d.]+(?= (?:records/sec|MB/sec|ms avg latency|ms max latency|ms (?:50|95|99|99.9)th))"), "<number>"),
    (re.compile(r"(\"avg_throughput\":|Avg latency: |50th=|99th=|99.9th=|crc: |position: |producerId: )[\d.]+"), r"\1<number>"),
    (re.compile(r"^(Percentiles: ).*|^\d+\t[\d.]+$", re.M), r"\1<numbers>"),
]


def plain(text: str, node) -> str:
    """`node` is a compare.Node: its ports, folder and cluster."""
    text = node.identified(node.text(text))
    for pattern, name in MOMENTS:
        text = pattern.sub(name, text)
    # Lines of a log that a tool writes beside its answer, and keys that only we have.
    lines = [line for line in text.split("\n") if not re.match(r"\[<time>\] (?:WARN|INFO|ERROR)| *ottla\.", line)]
    return "\n".join(lines)


def in_order(text: str) -> list[str]:
    """What stands between commas and brackets, line by line: the order of sets and maps is that of a hash table, and
    which of several ids came first says nothing."""
    lines = re.sub(r" +", " ", re.sub(r"<id \d+>", "<id>", text)).split("\n")
    return sorted("\n".join(sorted(part.strip() for part in re.split(r"[,\[\]{}()]", line))) for line in lines)
