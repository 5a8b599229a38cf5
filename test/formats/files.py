"""Walks the bytes of files that no schema describes: batches, indexes, and files that are text."""

import struct
import zlib

from blocks import BLOCKS

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
FLAGS = [(0x08, "log append time"), (0x10, "transactional"), (0x20, "control"), (0x40, "delete horizon")]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def attributes(bits):
    words = [CODECS[bits & 7]] + [word for bit, word in FLAGS if bits & bit]
    return ", ".join(words)


def varint(walk):
    """As records have it: zig-zag."""
    value = walk.varint()
    return value >> 1 ^ -(value & 1)


def blob(walk, depth, name):
    size = varint(walk)
    if size < 0:
        walk.say(depth, f"{name} null")
        return
    walk.say(depth, f"{name}: {size} bytes")
    if size:
        text = walk.take(size).decode("latin-1")
        walk.say(depth + 1, f'"{text}"' if text.isascii() and text.isprintable() else "binary")


def record(walk):
    walk.say(0, f"record of {varint(walk)} bytes")
    walk.say(1, f"attributes {walk.number('>b')}")
    walk.say(1, f"timestamp delta {varint(walk)}")
    walk.say(1, f"offset delta {varint(walk)}")
    blob(walk, 1, "key")
    blob(walk, 1, "value")
    count = varint(walk)
    walk.say(1, f"headers: {count}")
    for _ in range(count):
        blob(walk, 2, "key")
        blob(walk, 2, "value")


def batch(walk):
    begin = walk.at
    walk.say(0, f"base offset {walk.number('>q')}")
    length = walk.number(">i")
    walk.say(0, f"length {length}")
    checked = walk.data[begin + 21:begin + 12 + length]
    for name, form in (("partition leader epoch", ">i"), ("magic", ">b")):
        walk.say(0, f"{name} {walk.number(form)}")
    crc = walk.number(">I")
    walk.say(0, f"crc {'holds' if crc == crc32c(checked) else 'does not hold'}")
    bits = walk.number(">h")
    walk.say(0, f"attributes: {attributes(bits)}")
    for name, form in (("last offset delta", ">i"), ("base timestamp", ">q"), ("max timestamp", ">q"),
                       ("producer id", ">q"), ("producer epoch", ">h"), ("base sequence", ">i")):
        walk.say(0, f"{name} {walk.number(form)}")
    count = walk.number(">i")
    walk.say(0, f"records: {count}")
    if bits & 7:
        walk.take(len(walk.data) - walk.at)
        walk.say(0, "compressed records")
        return
    for _ in range(count):
        record(walk)


def batches(walk):
    while walk.at < len(walk.data):
        batch(walk)


def sized(walk, name, packed):
    size = walk.number(">i")
    if size < 0:
        walk.say(0, f"{name} null")
        return
    walk.say(0, f"{name}: {size} bytes")
    if size:
        text = walk.take(size)
        walk.say(1, "compressed messages" if packed else f'"{text.decode()}"')


def messages(walk):
    """Of magic 0 and 1."""
    while walk.at < len(walk.data):
        walk.say(0, f"offset {walk.number('>q')}")
        length = walk.number(">i")
        walk.say(0, f"length {length}")
        checked = walk.data[walk.at + 4:walk.at + length]
        crc = walk.number(">I")
        walk.say(0, f"crc {'holds' if crc == zlib.crc32(checked) else 'does not hold'}")
        magic = walk.number(">b")
        walk.say(0, f"magic {magic}")
        bits = walk.number(">b")
        walk.say(0, f"attributes: {attributes(bits)}")
        if magic == 1:
            walk.say(0, f"timestamp {walk.number('>q')}")
        sized(walk, "key", False)
        sized(walk, "value", bits & 7)


def entries(walk, *fields):
    while walk.at < len(walk.data):
        for name, form in fields:
            walk.say(0, f"{name} {walk.number(form)}")


def offset_index(walk):
    entries(walk, ("relative offset", ">i"), ("position", ">i"))


def time_index(walk):
    entries(walk, ("timestamp", ">q"), ("relative offset", ">i"))


def text(walk):
    for line in walk.data.decode().splitlines(keepends=True):
        walk.take(len(line.encode()))
        walk.say(0, line.rstrip("\n"))


BINARY = {"batch": batch, "batches": batches, "messages": messages, "offset-index": offset_index, "time-index": time_index, **BLOCKS}
TEXT = {"offset-checkpoint", "leader-epoch-checkpoint", "partition-metadata", "meta-properties", "clean-shutdown",
        "quorum-state", "directory-names", "file-names"}


def walk_file(walk, kind):
    """The lines of an example of a file."""
    if kind not in TEXT:
        BINARY[kind](walk)
    else:
        text(walk)
    if walk.at != len(walk.data):
        raise ValueError(f"{len(walk.data) - walk.at} bytes are left")
    return walk.lines
