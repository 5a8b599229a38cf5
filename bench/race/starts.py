"""The rows of the race in which brokers start: how soon, how small, with how many partitions, after which end."""

import pathlib
import subprocess
import tempfile
import time

from course import load
from nodes import OTTLA, size_of
from table import Figure, Goal

MB, GB = 1e6, 1e9
REST = 2  # seconds until a node has come to rest


def first_record(course, broker, row, **arguments):
    """Starts it; milliseconds from just before exec until it took a record in."""
    return course.first(broker, broker.start(), row, record=100, batch=100, **arguments)


def binary_mib():
    with tempfile.TemporaryDirectory() as place:
        stripped = pathlib.Path(place) / "ottla"
        subprocess.run(["strip", "-o", stripped, OTTLA], check=True)
        return stripped.stat().st_size / (1 << 20)


def start(course):
    figures = [Figure(6, "exec to the first record taken in", "ms", Goal(1 / 20)),
               Figure(6, "resident when idle", "MiB", Goal(1 / 15)),
               Figure(6, "SIGTERM to the end", "ms")]
    brokers = [course.fresh(side) for side in (0, 1)]
    for pair in course.pairs()[1 if course.quick else 0:]:
        for side, broker in enumerate(brokers):
            took = first_record(course, broker, 6, topic="first")
            time.sleep(course.of(REST, 0.2))
            idle = broker.resident_mib()
            ended = broker.stop() * 1000
            if pair is not None:
                for figure, value in zip(figures, (took, idle, ended)):
                    (figure.theirs if side else figure.ours).append(value)
        course.say(f"row 6: pair {pair}")
    ready = Figure(6, "exec to the first record taken in, ours alone", "ms", Goal(50, of="value"))
    ready.ours = figures[0].ours
    size = Figure(6, "stripped binary", "MiB", Goal(20, of="value"))
    size.ours = [binary_mib()]
    course.add(*figures, ready, size)
    course.drop(*brokers)


def many_partitions(course):
    count = course.of(10_000, 200)
    figures = [Figure(7, f"{count} partitions: created, and a record taken in by each", "s", Goal(1 / 5)),
               Figure(7, f"{count} partitions: resident", "MiB", Goal(1 / 5)),
               Figure(7, f"{count} partitions: exec until each takes a record in", "s", Goal(1 / 5)),
               Figure(7, f"{count} partitions: exec to the first record", "s", Goal(1 / 5))]
    for pair in course.pairs()[1:]:
        for side in (0, 1):
            broker = course.fresh(side)
            first_record(course, broker, 7, topic="more")
            made = course.first(broker, time.monotonic_ns(), 7, topic="wide", partitions=count - 1, record=100,
                                batch=100) / 1000
            resident = broker.resident_mib()
            broker.stop()
            one = first_record(course, broker, 7, topic="more") / 1000
            broker.stop()
            all_of_them = first_record(course, broker, 7, topic="wide") / 1000
            broker.stop()
            for figure, value in zip(figures, (made, resident, all_of_them, one)):
                (figure.theirs if side else figure.ours).append(value)
            course.drop(broker)
        course.say(f"row 7: pair {pair}")
    course.add(*figures)


def after_a_kill(course):
    amount = int(course.options.gigabytes * GB) if not course.quick else 16 << 20
    figure = Figure(8, f"kill -9 with {amount / GB:.3g} GB in open segments: exec to the first record", "s", Goal(1 / 3))
    for pair in course.pairs()[1:]:
        for side in (0, 1):
            broker = course.fresh(side)
            first_record(course, broker, 8, topic="more")
            # No segment is full, so that all of it is in open ones.
            load("produce", port=broker.port, topic="open", partitions=20, connections=4, record=1024, batch=128 << 10,
                 amount=amount)
            lost = amount - size_of(broker.data)
            broker.kill()
            took = first_record(course, broker, 8, topic="open") / 1000
            (figure.theirs if side else figure.ours).append(took)
            if lost > 0:
                figure.note = "less was written than asked for"
            broker.stop()
            course.drop(broker)
        course.say(f"row 8: pair {pair}")
    course.add(figure)
