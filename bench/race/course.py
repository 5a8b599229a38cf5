"""Where a race is run: both brokers, the load generator, and figures as they come."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from nodes import TOP, Broken, Ottla, Reference
from table import Figure

LOAD = TOP / "build" / "release" / "bench" / "bench_load"
DROPPED_MS = 500  # until the files of a deleted topic go
# Files of deleted topics go at once instead of after a minute: a race makes more of them than a disk holds.
KEYS = ("log.segment.delete.delay.ms=200", "auto.create.topics.enable=false")

# Where speed does not count, a JVM does not compile for it.
QUICK = {"KAFKA_OPTS": "-XX:TieredStopAtLevel=1", "KAFKA_HEAP_OPTS": "-Xmx512m"}


def load(verb, **arguments):
    words = [str(LOAD), verb]
    for key, value in arguments.items():
        for each in value if isinstance(value, list) else [value]:
            words += [f"--{key.replace('_', '-')}", str(each)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=TOP)
    if done.returncode != 0:
        raise Broken(f"{' '.join(words)}\n{done.stderr.strip()}")
    return json.loads(done.stdout)


class Course:
    def __init__(self, folder, options):
        self.folder, self.options = pathlib.Path(folder), options
        self.figures, self.raw = [], []
        self.brokers, self.made = [], 0
        self.reference_keys = ()

    @property
    def quick(self):
        return self.options.quick

    def of(self, usual, quick):
        return quick if self.quick else usual

    def say(self, text):
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def fresh(self, side, *keys):
        """A broker on a directory of its own, stopped. Side 0 is ours, unless twins race."""
        self.made += 1
        folder = self.folder / f"{self.made}"
        if side == 0 and not self.options.twins:
            broker = Ottla("ottla", folder, [*KEYS, *keys])
        else:
            broker = Reference("reference", folder, [*KEYS, *self.reference_keys, *keys])
        if self.quick:
            broker.environment = QUICK
        self.brokers.append(broker)
        return broker

    def drop(self, *brokers):
        for broker in brokers:
            broker.close()
            self.brokers.remove(broker)

    def close(self):
        self.drop(*self.brokers)

    def topic(self, prefix):
        self.made += 1
        return f"{prefix}-{self.made}"

    def run(self, broker, row, verb, **arguments):
        """One load; what it gave is kept as it is."""
        result = load(verb, port=broker.port, watch=broker.pid, **arguments)
        self.raw.append({"row": row, "side": self.side(broker), "verb": verb, "arguments": arguments, "result": result})
        return result

    def side(self, broker):
        return "ours" if (broker.name, self.options.twins) == ("ottla", False) else "theirs"

    def forget(self, broker, topic):
        load("drop", port=broker.port, topic=topic)
        time.sleep(DROPPED_MS / 1000)

    def limits(self):
        """Of the machine, where the brokers' directories are."""
        return load("limits", directory=self.folder, seconds=self.of(1, 0.1))

    def synced(self, files):
        return load("synced", directory=self.folder, files=files, threads=16, seconds=self.of(1, 0.2))["synced_appends_per_s"]

    def echo(self, seconds):
        return load("echo", seconds=seconds)

    @staticmethod
    def end_group(process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def add(self, *figures: Figure):
        for figure in figures:
            self.figures.append(figure)

    def pairs(self, most=None):
        """The rounds of a row; the first one, None, is the warm-up."""
        count = 1 if self.quick else self.options.pairs if most is None else min(most, self.options.pairs)
        return [None, *range(count)]
