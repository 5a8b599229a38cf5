"""Metadata logs that were damaged while no node held them: each is refused, and left as it was, byte by byte."""

import os
import shutil

from cases import equal, has
from node import Node, content, run

LOG = "00000000000000000000.log"


def closed(folder, name="d"):
    """A directory that a node left in good order."""
    with Node(folder, "--data", folder / name, "--port", 0) as node:
        equal(node.ready().stop(), 0)
    return folder / name / "__cluster_metadata-0"


def refused(folder, *parts):
    before = content(folder / "d")
    done = run(folder, "--data", folder / "d", "--port", 0)
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, str(folder / "d"), "Nothing was changed", "Put back", *parts)
    equal(content(folder / "d"), before, "the directory")


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0x20
    path.write_bytes(data)


def a_flipped_byte_of_the_metadata_log(folder):
    metadata = closed(folder)
    good = (metadata / LOG).read_bytes()
    for at in (3, 100, len(good) // 2, len(good) - 1):
        flip(metadata / LOG, at)
        refused(folder, LOG, "closed in good order")
        (metadata / LOG).write_bytes(good)
    with Node(folder, "--data", folder / "d", "--port", 0) as node:
        equal(node.ready().stop(), 0)


def random_bytes_for_the_metadata_log(folder):
    metadata = closed(folder)
    (metadata / LOG).write_bytes(os.urandom((metadata / LOG).stat().st_size))
    refused(folder, LOG, "closed in good order")


def the_metadata_log_is_gone(folder):
    metadata = closed(folder)
    (metadata / LOG).unlink()
    refused(folder, LOG, "missing")


def the_folder_of_the_metadata_log_is_gone(folder):
    shutil.rmtree(closed(folder))
    refused(folder, "missing")


def a_shortened_metadata_log(folder):
    metadata = closed(folder)
    good = (metadata / LOG).read_bytes()
    # Within a batch, behind the first one, and all of it.
    for size in (len(good) - 7, 12 + int.from_bytes(good[8:12], "big"), 0):
        (metadata / LOG).write_bytes(good[:size])
        refused(folder, "closed in good order")


def the_log_of_another_cluster(folder):
    metadata, other = closed(folder), closed(folder, "other")
    (metadata / LOG).write_bytes((other / LOG).read_bytes())
    refused(folder, "closed in good order")


def the_whole_folder_of_another_cluster(folder):
    metadata, other = closed(folder), closed(folder, "other")
    shutil.rmtree(metadata)
    shutil.copytree(other, metadata)
    refused(folder, "the only voter", "another cluster")


def a_broken_snapshot_or_election_state(folder):
    metadata = closed(folder)
    for name in ("00000000000000000000-0000000000.checkpoint", "quorum-state"):
        good = (metadata / name).read_bytes()
        flip(metadata / name, 30)
        before = content(folder / "d")
        done = run(folder, "--data", folder / "d", "--port", 0)
        equal(done.returncode, 1, "the exit code")
        has(done.stderr, str(metadata / name))
        equal(content(folder / "d"), before, "the directory")
        (metadata / name).write_bytes(good)


def who_gives_up_what_is_lost_says_so(folder):
    metadata = closed(folder)
    flip(metadata / LOG, (metadata / LOG).stat().st_size - 5)
    refused(folder, "removes .kafka_cleanshutdown")
    (folder / "d" / ".kafka_cleanshutdown").unlink()
    with Node(folder, "--data", folder / "d", "--port", 0) as node:
        has(node.ready().err, "cut off what is no good batch")
        equal(node.stop(), 0)


CASES = [each for name, each in sorted(globals().items())
         if callable(each) and getattr(each, "__module__", "") == __name__ and
         name not in ("closed", "refused", "flip")]
