"""Walks the bytes of a record by our schemas, or of a small file, and says what each of them is: the worked examples of docs/format.

A reader of its own, slow and plain: what it agrees upon with the codecs is likely true.
"""

import base64
import pathlib
import struct
import sys

HOUSE = pathlib.Path(__file__).resolve().parents[2]
MESSAGES = HOUSE / "src/protocol/messages"
sys.path.insert(0, str(HOUSE / "src/protocol/generator"))

from check import check_files  # noqa: E402
from files import walk_file  # noqa: E402
from parse import parse_folder  # noqa: E402

SCALARS = {"int8": ">b", "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "float64": ">d",
           "bool": ">?"}
ROW = 16  # bytes a line
COLUMN = 42  # where the words begin


class Wrong(Exception):
    """Bytes that are not what they are said to be."""


def plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


class Walk:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.lines = []
        self.seen = b""

    def take(self, size):
        if self.at + size > len(self.data):
            raise Wrong(f"{size} bytes wanted at {self.at}, {len(self.data) - self.at} left")
        taken = self.data[self.at:self.at + size]
        self.at += size
        self.seen += taken
        return taken

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def say(self, depth, text):
        rows = [self.seen[at:at + ROW] for at in range(0, len(self.seen), ROW)] or [b""]
        self.lines += [row.hex(" ", -2) for row in rows[:-1]]
        self.lines.append(f"{rows[-1].hex(' ', -2) if rows[-1] else '':<{COLUMN}}{'  ' * depth}{text}")
        self.seen = b""

    def length(self, flexible, form):
        return self.varint() - 1 if flexible else self.number(form)

    def structure(self, structure, message, version, depth):
        flexible = message.is_flexible(version)
        for each in structure.fields:
            if version in each.versions and version not in each.tagged:
                self.field(each, message, version, depth)
        if flexible:
            self.tags(structure, message, version, depth)

    def tags(self, structure, message, version, depth):
        count = self.varint()
        self.say(depth, f"{plural(count, 'tagged field')}" if count else "no tagged fields")
        for _ in range(count):
            tag, size = self.varint(), self.varint()
            self.say(depth, f"tag {tag}, {plural(size, 'byte')}")
            end = self.at + size
            known = [each for each in structure.fields if each.tag == tag and version in each.tagged]
            if not known:
                self.take(size)
                self.say(depth + 1, "unknown")
                continue
            self.field(known[0], message, version, depth + 1)
            if self.at != end:
                raise Wrong(f"tag {tag} ends at {self.at}, not at {end}")

    def field(self, each, message, version, depth):
        if not each.is_array:
            self.value(each, each.name, message, version, depth)
            return
        count = self.length(message.is_flexible(version), ">i")
        self.say(depth, f"{each.name}: {plural(count, 'element') if count >= 0 else 'null'}")
        for index in range(max(count, 0)):
            name = f"[{index}]"
            if each.is_structure:
                self.say(depth + 1, name)
                self.structure(each.structure, message, version, depth + 2)
            else:
                self.value(each, name, message, version, depth + 1)

    def value(self, each, name, message, version, depth):
        flexible = message.is_flexible(version) and not each.inflexible
        if each.type in SCALARS:
            value = self.number(SCALARS[each.type])
            self.say(depth, f"{name} {str(value).lower() if each.type == 'bool' else value}")
        elif each.type == "uuid":
            text = base64.urlsafe_b64encode(self.take(16)).decode().rstrip("=")
            self.say(depth, f"{name} {text}")
        elif each.is_structure:
            if version in each.nullable and not self.present(version in each.tagged):
                self.say(depth, f"{name} null")
                return
            self.say(depth, name)
            self.structure(each.structure, message, version, depth + 1)
        else:
            size = self.length(flexible, ">h" if each.type == "string" else ">i")
            self.variable(each, name, size, depth)

    def present(self, tagged):
        """Whether a structure that may be null is there: told in another way where it is tagged."""
        return self.varint() != 0 if tagged else self.number(">b") >= 0

    def variable(self, each, name, size, depth):
        if size < 0:
            self.say(depth, f"{name} null")
        elif each.type == "string":
            text = self.take(size).decode()
            self.say(depth, f'{name} "{text}"')
        else:
            self.take(size)
            self.say(depth, f"{name}: {plural(size, 'byte')}")


class Records:
    """What the first line of an example may say, by name."""

    def __init__(self):
        files = parse_folder(MESSAGES)
        check_files(files)
        self.named = {message.name: message for file in files for message in file.messages}
        self.typed = {(file.topic, message.kind, message.key): message for file in files if file.topic
                      for message in file.messages}

    def walk(self, told, data):
        """The lines of an example: `told` is "key TOPIC", "value TOPIC TYPE", "metadata TOPIC", "versioned MESSAGE",
        "self-versioned MESSAGE" or "file KIND"."""
        walk = Walk(data)
        if told.startswith("file "):
            return walk_file(walk, told.split()[1])
        message, version = self.open(walk, *told.split())
        if version not in message.versions:
            raise Wrong(f"{message.name} has no version {version}")
        walk.structure(message.root, message, version, 0)
        if walk.at != len(data):
            raise Wrong(f"{len(data) - walk.at} bytes are left")
        return walk.lines

    def open(self, walk, framing, name, kind=None):
        if framing == "key":
            key = walk.number(">h")
            message = self.typed[name, "coordinator-key", key]
            walk.say(0, f"type {key}: {message.name}")
            return message, 0
        if framing == "metadata":
            walk.say(0, f"frame version {walk.varint()}")
            key = walk.varint()
            message = self.typed[name, "metadata", key]
            walk.say(0, f"type {key}: {message.name}")
            version = walk.varint()
            walk.say(0, f"version {version}")
            return message, version
        message = self.typed[name, "coordinator-value", int(kind)] if framing == "value" else self.named[name]
        if framing == "self-versioned":
            return message, struct.unpack_from(">h", walk.data)[0]
        version = walk.number(">h")
        walk.say(0, f"version {version} of {message.name}")
        return message, version
