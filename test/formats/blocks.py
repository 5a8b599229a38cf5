"""Walks the bytes of compressed blocks: what is around them, and what they mean."""

import zlib


class Unreadable(Exception):
    """What this plain reader does not read."""


def shown(walk, depth, what, plain):
    walk.say(depth, f'{what} "{plain.decode()}"')
    return plain


def copied(out, offset, size):
    for _ in range(size):
        out.append(out[-offset])


def gzip(walk):
    walk.say(0, f"magic {walk.take(2).hex()}")
    walk.say(0, f"method {walk.number('<B')}")
    walk.say(0, f"flags {walk.number('<B')}")
    walk.say(0, f"modification time {walk.number('<I')}")
    walk.say(0, f"extra flags {walk.number('<B')}")
    walk.say(0, f"operating system {walk.number('<B')}")
    inflater = zlib.decompressobj(-15)
    plain = inflater.decompress(walk.data[walk.at:])
    walk.take(len(walk.data) - walk.at - len(inflater.unused_data))
    shown(walk, 0, "deflated", plain)
    walk.say(0, f"crc {'holds' if walk.number('<I') == zlib.crc32(plain) else 'does not hold'}")
    walk.say(0, f"plain size {walk.number('<I')}")


def snappy_chunk(walk):
    """Literals, and copies with two bytes of offset."""
    out = bytearray()
    size = walk.varint()
    walk.say(1, f"plain size {size}")
    while len(out) < size:
        tag = walk.number("<B")
        if tag & 3 == 0 and tag >> 2 < 60:
            out += shown(walk, 1, "literal", walk.take((tag >> 2) + 1))
        elif tag & 3 == 2:
            offset = walk.number("<H")
            copied(out, offset, (tag >> 2) + 1)
            walk.say(1, f"copy of {(tag >> 2) + 1} bytes from {offset} before")
        else:
            raise Unreadable(f"tag {tag:#04x}")


def snappy(walk):
    walk.say(0, f"magic {walk.take(8).hex()}")
    walk.say(0, f"version {walk.number('>i')}")
    walk.say(0, f"readable from version {walk.number('>i')} on")
    while walk.at < len(walk.data):
        walk.say(0, f"chunk of {walk.number('>i')} bytes")
        snappy_chunk(walk)


def lz4_length(walk, nibble):
    size = nibble
    while nibble == 15:
        byte = walk.number("<B")
        size += byte
        if byte < 255:
            break
    return size


def lz4_block(walk, end):
    out = bytearray()
    while walk.at < end:
        token = walk.number("<B")
        out += shown(walk, 1, "literal", walk.take(lz4_length(walk, token >> 4)))
        if walk.at == end:
            break
        offset = walk.number("<H")
        size = lz4_length(walk, token & 15) + 4
        copied(out, offset, size)
        walk.say(1, f"copy of {size} bytes from {offset} before")


def lz4(walk):
    walk.say(0, f"magic {walk.number('<I'):08x}")
    flags = walk.number("<B")
    words = [word for bit, word in ((0x20, "independent blocks"), (0x10, "block checksums"), (0x08, "content size"),
                                    (0x04, "content checksum")) if flags & bit]
    walk.say(0, f"version {flags >> 6}, {', '.join(words)}")
    walk.say(0, f"blocks of at most {1 << (8 + 2 * (walk.number('<B') >> 4))} bytes")
    walk.take(1)
    walk.say(0, "header checksum")
    while size := walk.number("<I"):
        if size >> 31:
            walk.say(0, f"block of {size & 0x7FFFFFFF} bytes, not compressed")
            shown(walk, 1, "literal", walk.take(size & 0x7FFFFFFF))
        else:
            walk.say(0, f"block of {size} bytes")
            lz4_block(walk, walk.at + size)
    walk.say(0, "end mark")


def zstd(walk):
    """A frame that states its size in one byte, of blocks that are not compressed."""
    walk.say(0, f"magic {walk.number('<I'):08x}")
    if walk.number("<B") != 0x20:
        raise Unreadable("another form of header")
    walk.say(0, "one segment, size in 1 byte")
    walk.say(0, f"plain size {walk.number('<B')}")
    last = False
    while not last:
        head = int.from_bytes(walk.take(3), "little")
        last = head & 1
        if head >> 1 & 3:
            raise Unreadable("a compressed block")
        walk.say(0, f"{'last ' if last else ''}block of {head >> 3} bytes, not compressed")
        shown(walk, 1, "literal", walk.take(head >> 3))


BLOCKS = {"gzip-block": gzip, "snappy-block": snappy, "lz4-block": lz4, "zstd-block": zstd}
