"""Directories whose one segment has offsets that lie too far from its first one: a batch's offset is not under its
checksum, so that those of good batches are moved."""

import shutil
import struct

SEGMENT = f"{0:020}.log"
# Where the batches of a log are moved to, in turn.
MOVES = {"compacted-0": [0, 0, 1 << 31, 1 << 31, 1 << 31, 3 << 31],
         "compacted-1": [5, 5, 1 << 31, 1 << 31, 3 << 31]}
# Their first batch lies beyond their segment's name. Where the reference splits such a segment while it loads segments,
# it keeps the old one beside those that take its place, and has all records twice; it does not while it recovers.
SPLIT_IN_RECOVERY_ONLY = {"far/compacted-1"}


def batches_of(data):
    at = 0
    while at + 12 <= len(data):
        size = 12 + struct.unpack_from(">i", data, at + 8)[0]
        yield data[at:at + size]
        at += size


def moved(batch, distance):
    return struct.pack(">q", struct.unpack_from(">q", batch)[0] + distance) + batch[8:]


def make(source, folder):
    """From the first batches of a log, in as many directories as there are moves."""
    for name, distances in MOVES.items():
        (folder / name).mkdir(parents=True)
        for file in ("partition.metadata", "leader-epoch-checkpoint"):
            shutil.copy(source / file, folder / name)
        batches = list(batches_of((source / SEGMENT).read_bytes()))
        assert len(batches) >= len(distances), f"{source} has {len(batches)} batches"
        (folder / name / SEGMENT).write_bytes(
            b"".join(moved(batch, distance) for batch, distance in zip(batches, distances)))
    return folder
