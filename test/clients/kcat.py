"""Debian's kcat as a client: it is run once for each request."""

import base64
import re
import subprocess

PATIENCE = 30  # seconds
# Offset, time, the sizes of key and value (-1: null), then those and the headers as kcat shows them.
FORMAT = "%o %T %K %S\n%k%s\n%h\n"
HEAD = re.compile(rb"(-?\d+) (-?\d+) (-?\d+) (-?\d+)\n")


def produce(request: dict) -> dict:
    """Records of one partition with text in them, and the same headers; kcat gives no other times than now."""
    for partition in sorted({each["p"] for each in request["records"]}):
        records = [each for each in request["records"] if each["p"] == partition]
        lines = b"\n".join(part(each["k"]) + b":" + part(each["v"]) for each in records) + b"\n"
        headers = [word for header in records[0]["h"] for word in ("-H", f"{header['n']}={part(header['v']).decode()}")]
        done = subprocess.run(
            ["kcat", "-b", request["bootstrap"], "-P", "-t", request["topic"], "-p", str(partition), "-K", ":", "-Z",
             "-z", request["codec"], "-X", f"acks={request['acks']}",
             "-X", f"enable.idempotence={str(request['idempotent']).lower()}", *headers],
            input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        if done.returncode:
            return {"error": done.stderr.decode(errors="replace")}
    return {}


def part(text: str | None) -> bytes:
    return b"" if text is None else base64.b64decode(text)


def consume(request: dict) -> dict:
    done = subprocess.run(
        ["kcat", "-b", request["bootstrap"], "-C", "-t", request["topic"], "-p", str(request["partition"]), "-o",
         "beginning", "-c", str(request["count"]), "-q", "-f", FORMAT,
         "-X", f"isolation.level={'read_committed' if request['committed'] else 'read_uncommitted'}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
    if done.returncode:
        return {"error": done.stderr.decode(errors="replace")}
    return {"records": list(parsed(done.stdout, request["partition"]))}


def parsed(text: bytes, partition: int):
    at = 0
    while at < len(text):
        match = HEAD.match(text, at)
        offset, moment, key_size, value_size = (int(word) for word in match.groups())
        at = match.end()
        key = text[at:at + max(key_size, 0)]
        at += max(key_size, 0)
        value = text[at:at + max(value_size, 0)]
        at += max(value_size, 0) + 1
        end = text.index(b"\n", at)
        yield {"p": partition, "o": offset, "t": moment, "h": text[at:end].decode(errors="replace"),
               "k": None if key_size < 0 else base64.b64encode(key).decode(),
               "v": None if value_size < 0 else base64.b64encode(value).decode()}
        at = end + 1


class Kcat:
    def ask(self, request: dict) -> dict:
        return {"produce": produce, "consume": consume}[request["do"]](request)

    def close(self) -> None:
        """Nothing stays."""
