"""What is asked of both programs: a command line each, with what may differ in the answers."""

import dataclasses
import pathlib

CLASSES = "org.apache.kafka.tools.api."
DECODERS = {
    "__consumer_offsets-0": "--offsets-decoder",
    "__transaction_state-0": "--transaction-log-decoder",
    "__share_group_state-0": "--share-group-state-decoder",
    "__cluster_metadata-0": "--cluster-metadata-decoder",
    "remote-metadata-0": "--remote-log-metadata-decoder",
}
LOGS = (".log", ".checkpoint")
INDEXES = (".index", ".timeindex")
# The reference reads a log to its end for each entry of a time index, and fails at zeros there; we stop at the batch
# that was looked for.
DIFFERENT = {f"broken/zeros-behind/{'0' * 20}.timeindex{flags}" for flags in ("", " --verify-index-only")}


@dataclasses.dataclass
class Case:
    name: str
    words: list[str]


def of_file(file: pathlib.Path, label: str):
    """Every combination of flags that changes what is printed of such a file."""
    flags = [[]]
    if file.suffix in LOGS:
        flags += [["--deep-iteration"], ["--print-data-log"], ["--print-data-log", "--skip-record-metadata"],
                  ["--deep-iteration", "--max-bytes", "700"]]
        decoder = DECODERS.get(file.parent.name)
        if decoder:
            flags += [[decoder], [decoder, "--skip-record-metadata"]]
    elif file.parent.name == "index-odd-size-checked":
        flags = [["--index-sanity-check"]]  # the reference cuts off such bytes when it has dumped an index
    elif file.parent.name == "index-odd-size":
        flags += [["--verify-index-only"]]
    elif file.suffix in INDEXES:
        flags += [["--verify-index-only"], ["--index-sanity-check"]]
    for each in flags:
        yield Case(f"{label} {' '.join(each)}".strip(), ["--files", str(file), *each])


def of_folder(folder: pathlib.Path):
    for file in sorted(folder.rglob("*")):
        # What differs while the node runs are indexes.
        if folder.name == "running" and file.suffix not in INDEXES:
            continue
        if file.is_file() and not file.name.endswith((".deleted", "-checkpoint", ".properties", ".metadata")):
            yield from of_file(file, str(file.relative_to(folder.parent)))


def of_decoders(data: pathlib.Path):
    """Decoders on topics that are not theirs, and classes."""
    decoders = sorted(set(DECODERS.values()))
    for partition in ("odd-0", *DECODERS):
        log = data / partition / f"{'0' * 20}.log"
        for decoder in decoders:
            if decoder != DECODERS.get(partition):
                yield Case(f"{partition} {decoder}", ["--files", str(log), decoder])
    numbers, odd = (str(data / name / f"{'0' * 20}.log") for name in ("numbers-0", "odd-0"))
    value, key = "--value-decoder-class", "--key-decoder-class"
    for number, words in enumerate((
            [numbers, value, CLASSES + "LongDecoder", f"{key}={CLASSES}IntegerDecoder"],
            [numbers, value, CLASSES + "IntegerDecoder"],
            [numbers, value, key],
            [numbers, value + "=" + CLASSES + "StringDecoder", "--skip-record-metadata"],
            [odd, value, CLASSES + "LongDecoder"],
            [odd, key, CLASSES + "IntegerDecoder"],
            [odd, value, "no.such.Class"],
            [odd, value + "="],
            [odd, value, "java.lang.String"],
            [odd, "--offsets-decoder", value, "no.such.Class"],
            [odd, "--transaction-log-decoder", "--offsets-decoder"])):
        yield Case(f"classes {number}", ["--files", *words])


def of_command_lines(data: pathlib.Path):
    log = str(data / "numbers-0" / f"{'0' * 20}.log")
    index = str(data / "segments-0" / f"{'0' * 20}.index")
    lines = (
        [], ["--help"], ["--version"], ["--files"], ["--files="], ["--files", "a,b", "--files", "c"], ["--bogus"],
        ["--bogus=1"], ["-files", log], ["-x"], ["--file", log], ["--print-data-log"], ["--", "--files", log],
        ["--files", log, "stray", "-"], ["--files", log, "--print-data-log=true"], ["--files", log, "--help"],
        ["--files", log, "--max-bytes", "abc"], ["--files", log, "--max-bytes", "-1"],
        ["--files", log, "--max-bytes", "+100"], ["--files", log, "--max-bytes", ""], ["--files", log, "--max-bytes"],
        ["--files", log, "--max-bytes", "2147483648"], ["--files", log, "--max-bytes", "0"],
        ["--files", log, "--max-message-size", "abc"], ["--files", index, "--max-message-size", "abc"],
        ["--files", index, "--max-message-size", "10"], ["--files", index, "--max-message-size", "-1"],
        ["--files", index, "--max-message-size="], ["--files", f"{log},{index}"], ["--files", f"{log},,{index},,"],
        ["--files", ","], ["--files", f"x.y,{log}"], ["--files", log.replace("/numbers", "//numbers") + "/"],
        ["--files", "/nonexistent/00.log"], ["--files", "/nonexistent/00.index"],
        ["--files", "/nonexistent/00.timeindex"], ["--files", "/nonexistent/00.txnindex"],
        ["--files", "/nonexistent/00.snapshot"], ["--files", "/nonexistent/x.log"], ["--files", "/nonexistent/x"],
        ["--files", ".log"], ["--files", "99999999999999999999.log"], ["--files", str(data / "numbers-0")],
        ["--files", log, "--skip-record-metadata"], ["--files", log, "--verify-index-only", "--index-sanity-check"],
    )
    for number, words in enumerate(lines):
        yield Case(f"command line {number}: {' '.join(words)}", words)
