"""Files that are not what they should be, made of files that are: one folder for each way in which they broke."""

import pathlib
import shutil
import struct

FIRST = "0" * 20
BATCH_HEAD = 61


def batches(data):
    """Where each batch of a segment begins, and its size."""
    at = 0
    while at + 17 <= len(data):
        size = 12 + struct.unpack_from(">i", data, at + 8)[0]
        yield at, size
        at += size


class Breakage:
    def __init__(self, data, into):
        self.data, self.into = data, into

    def copy(self, partition, name, files="*"):
        """The files of the first segment of a partition, in a folder of their own."""
        folder = self.into / name
        folder.mkdir(parents=True)
        for file in (self.data / partition).glob(f"{FIRST}.{files}"):
            shutil.copy(file, folder / file.name)
        return folder

    def log(self, partition, name, change, files="log"):
        file = self.copy(partition, name, files) / f"{FIRST}.log"
        data = bytearray(file.read_bytes())
        changed = change(data)
        file.write_bytes(data if changed is None else changed)

    def index(self, name, suffix, change):
        file = self.copy("segments-0", name) / f"{FIRST}.{suffix}"
        file.write_bytes(change(file.read_bytes()))

    def make(self):
        self.make_logs()
        self.make_indexes()
        self.make_small_files()

    def make_logs(self):
        def third(data):
            return list(batches(data))[2]

        def flip(offset):
            def change(data):
                data[third(data)[0] + offset] ^= 0x40
            return change

        def put(offset, form, value):
            def change(data):
                struct.pack_into(form, data, third(data)[0] + offset, value)
            return change

        for partition in ("codec-none-0", "codec-gzip-0", "codec-snappy-0", "codec-lz4-0", "codec-zstd-0"):
            self.log(partition, f"flipped-in-records-{partition}", flip(BATCH_HEAD + 30))
            self.log(partition, f"cut-within-a-batch-{partition}", lambda data: data[:third(data)[0] + 100])
        self.log("codec-none-0", "cut-within-a-head", lambda data: data[:third(data)[0] + 10], files="*")
        self.log("codec-none-0", "cut-behind-a-magic", lambda data: data[:third(data)[0] + 17])
        self.log("codec-none-0", "cut-behind-a-magic-and-more", lambda data: data[:third(data)[0] + 18])
        self.log("codec-none-0", "zeros-behind", lambda data: data + bytes(5000), files="*")
        self.log("codec-none-0", "noise-behind", lambda data: data + b"no batch at all, but words " * 3)
        self.log("codec-none-0", "flipped-crc", flip(17))
        self.log("codec-none-0", "count-too-large", put(57, ">i", 9))
        self.log("codec-none-0", "count-too-small", put(57, ">i", 1))
        self.log("codec-none-0", "count-negative", put(57, ">i", -5))
        self.log("codec-none-0", "count-zero", put(57, ">i", 0))
        self.log("codec-none-0", "unknown-codec", put(21, ">h", 7))
        self.log("codec-none-0", "said-to-be-gzip", put(21, ">h", 1))
        self.log("codec-none-0", "log-append-time", put(21, ">h", 8))
        self.log("codec-none-0", "delete-horizon", put(21, ">h", 0x40))
        self.log("codec-none-0", "transactional", put(21, ">h", 0x10))
        self.log("codec-none-0", "said-to-be-control", put(21, ">h", 0x20))
        self.log("codec-none-0", "magic-3", put(16, ">b", 3))
        self.log("codec-none-0", "negative-length", put(8, ">i", -1))
        self.log("codec-none-0", "short-length", put(8, ">i", 13))
        self.log("codec-none-0", "length-of-a-legacy-message", put(8, ">i", 20))
        self.log("codec-none-0", "long-length", put(8, ">i", 0x7FFFFFFF))
        self.log("codec-none-0", "offset-gap", put(0, ">q", 1000))
        self.log("codec-none-0", "largest-offset", put(0, ">q", 2**63 - 1))
        self.log("codec-none-0", "largest-sequence", put(53, ">i", 2**31 - 2))
        self.log("codec-none-0", "largest-delta", put(23, ">i", 2**31 - 1))
        self.log("codec-none-0", "negative-delta", put(23, ">i", -7))
        self.log("codec-none-0", "empty-file", lambda data: b"")
        self.log("codec-none-0", "one-byte", lambda data: b"x")

    def make_indexes(self):
        def entries(size):
            def split(data):
                return [data[at:at + size] for at in range(0, len(data), size)]
            return split

        offsets, times = entries(8), entries(12)

        def swapped(split):
            def change(data):
                parts = split(data)
                parts[1], parts[2] = parts[2], parts[1]
                return b"".join(parts)
            return change

        def one_off(form, at, more):
            def change(data):
                changed = bytearray(data)
                for where in at:
                    value = struct.unpack_from(form, changed, where)[0]
                    struct.pack_into(form, changed, where, value + more)
                return bytes(changed)
            return change

        def swapped_and_off(data):
            return one_off(">i", (8, 16, 32), 1)(swapped(offsets)(data))

        self.index("index-offsets-off", "index", one_off(">i", (8, 24, 32), 1))
        self.index("index-position-off", "index", one_off(">i", (12,), 3))
        self.index("index-position-beyond", "index", one_off(">i", (12,), 10**6))
        self.index("index-swapped", "index", swapped(offsets))
        self.index("index-odd-size", "index", lambda data: data + b"abc")
        self.index("index-odd-size-checked", "index", lambda data: data + b"abc")
        self.index("index-swapped-and-off", "index", swapped_and_off)
        self.index("index-zeros-behind", "index", lambda data: data + bytes(80))
        self.index("index-below-base", "index", lambda data: data[:-8] + struct.pack(">ii", -9, 0))
        self.index("index-empty", "index", lambda data: b"")
        self.index("timeindex-times-off", "timeindex", one_off(">q", (12, 36), 7))
        self.index("timeindex-offsets-off", "timeindex", one_off(">i", (20, 44), 1))
        self.index("timeindex-offset-beyond", "timeindex", one_off(">i", (20,), 10**6))
        self.index("timeindex-swapped", "timeindex", swapped(times))
        self.index("timeindex-odd-size", "timeindex", lambda data: data + b"abc")
        self.index("timeindex-zeros-behind", "timeindex", lambda data: data + bytes(120))
        self.index("timeindex-below-base", "timeindex", lambda data: data[:-12] + struct.pack(">qi", 2**60, -9))
        self.index("timeindex-times-go-back", "timeindex", lambda data: data[:-12] + struct.pack(">q", 5) + data[-4:])
        (self.copy("segments-0", "index-without-log") / f"{FIRST}.log").unlink()

    def make_small_files(self):
        snapshot = next(iter(sorted((self.data / "idempotent-0").glob("*.snapshot")))).read_bytes()
        aborted = next(iter((self.data / "transactions-0").glob("*.txnindex"))).read_bytes()
        folder = self.into / "small"
        folder.mkdir()
        for number, data in enumerate((
                snapshot[:-1], snapshot[:20], b"", snapshot[:3] + b"x" + snapshot[4:], b"\0\2" + snapshot[2:],
                snapshot[:6] + b"\x7f\xff\xff\xff" + snapshot[10:])):
            (folder / f"{number:020}.snapshot").write_bytes(data)
        for number, data in enumerate((aborted[:-1], b"\1\0" + aborted[2:], aborted + b"\0\0\0", b"")):
            (folder / f"{number:020}.txnindex").write_bytes(data)
        for name in ("unknown.suffix", "none", "x.log", "1.x.log", "00000000000000000007.deleted", "short.checkpoint",
                     "0000000000000000000a-0000000001.checkpoint", "bootstrap.checkpoint"):
            (folder / name).write_bytes(b"")


def make(data: pathlib.Path, into: pathlib.Path):
    Breakage(data, into).make()
