"""Just enough of the protocol for a crowd: a few requests as bytes, and a connection that asks them."""

import socket
import struct
import time

PATIENCE = 30


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def frame(key, version, body, client="crowd"):
    head = struct.pack(">hhi", key, version, 7) + text(client)
    return struct.pack(">i", len(head) + len(body)) + head + body


API_VERSIONS = frame(18, 0, b"")
ALL_TOPICS = frame(3, 1, struct.pack(">i", -1))


def create_topic(name, partitions):
    topic = text(name) + struct.pack(">ih", partitions, 1) + struct.pack(">ii", 0, 0)
    return frame(19, 2, struct.pack(">i", 1) + topic + struct.pack(">ib", 30000, 0))


CASTAGNOLI = []
for _each in range(256):
    for _ in range(8):
        _each = _each >> 1 ^ 0x82F63B78 if _each & 1 else _each >> 1
    CASTAGNOLI.append(_each)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = CASTAGNOLI[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def varint(value):
    value = value << 1 ^ value >> 63
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def batch(value):
    record = b"\0" + varint(0) + varint(0) + varint(-1) + varint(len(value)) + value + varint(0)
    now = int(time.time() * 1000)  # what is older than retention would soon be gone
    checked = struct.pack(">hiqqqhii", 0, 0, now, now, -1, -1, -1, 1) + varint(len(record)) + record
    return struct.pack(">qiibI", 0, 9 + len(checked), -1, 2, crc32c(checked)) + checked


def produce(topic, records, acks=-1):
    data = text(topic) + struct.pack(">i", 1) + struct.pack(">ii", 0, len(records)) + records
    return frame(0, 7, struct.pack(">hhii", -1, acks, 30000, 1) + data)


def fetch(topic, offset, most, wait_ms=100):
    partition = struct.pack(">iqi", 0, offset, most)
    head = struct.pack(">iiiib", -1, wait_ms, 1, most, 0)
    return frame(1, 4, head + struct.pack(">i", 1) + text(topic) + struct.pack(">i", 1) + partition)


def connect(port, receive_buffer=None):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(PATIENCE)
    connection.connect(("127.0.0.1", port))
    return connection


def read_exactly(connection, size):
    got = bytearray()
    while len(got) < size:
        more = connection.recv(min(size - len(got), 1 << 16))
        if not more:
            raise ConnectionError("the node ended the connection")
        got += more
    return bytes(got)


def answer(connection):
    """The body of the next answer."""
    size = struct.unpack(">i", read_exactly(connection, 4))[0]
    return read_exactly(connection, size)[4:]


def ask(connection, request):
    connection.sendall(request)
    return answer(connection)


def is_ended(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def produced(body, topic):
    """The error of the only partition."""
    at = 4 + 2 + len(topic) + 4 + 4
    return struct.unpack(">h", body[at:at + 2])[0]


