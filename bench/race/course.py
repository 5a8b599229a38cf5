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
        self.opponent = None  # what the reference says of itself
        self.used = {}        # (row, side) -> a list by pair: peak memory, bytes written, bytes taken in

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
        broker.side = ("ours", "theirs")[side]
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
        self.raw.append({"row": row, "side": broker.side, "verb": verb, "arguments": arguments, "result": result})
        return result

    def first(self, broker, since, row=None, **arguments):
        """Milliseconds from then until it has taken a record in. A reference is asked who it is."""
        result = load("first", port=broker.port, since=since, **arguments)
        if row is not None:
            self.raw.append({"row": row, "side": broker.side, "verb": "first", "result": result})
        if self.opponent is None and isinstance(broker, Reference):
            self.opponent = broker.identity()
        return result["accepted_ms"]

    def count(self, broker, pair, results):
        """What a pair's runs took of the machine."""
        watched = [result.get("produced", result) for result in (each["result"] for each in results)]
        watched = [(result, result["broker"]) for result in watched if result.get("broker")]
        if not watched:
            return
        pairs = self.used.setdefault((results[0]["row"], broker.side), {})
        used = pairs.setdefault(pair, {"peak_mib": 0, "written": 0, "taken": 0})
        used["peak_mib"] = max(used["peak_mib"], *(of_broker["peak_mib"] for _, of_broker in watched))
        for result, of_broker in watched:
            if "requests" in result:  # it was written to
                used["written"] += of_broker["written"]
                used["taken"] += result["wire_bytes"]

    def use_of(self, row):
        """Figures of what all runs of a row took, pair by pair."""
        ours, theirs = ([used for _, used in sorted(self.used.get((row, side), {}).items())] for side in ("ours", "theirs"))
        if not ours:
            return
        self.add(Figure(row, "all of the above: peak resident memory", "MiB", ours=[used["peak_mib"] for used in ours],
                        theirs=[used["peak_mib"] for used in theirs]))
        if all(used["taken"] for used in ours + theirs):
            self.add(Figure(row, "all of the above: bytes written for a byte taken in", "times",
                            ours=[used["written"] / used["taken"] for used in ours],
                            theirs=[used["written"] / used["taken"] for used in theirs]))

    def forget(self, broker, topic):
        load("drop", port=broker.port, topic=topic)
        time.sleep(DROPPED_MS / 1000)

    def limits(self):
        """Of the machine, where the brokers' directories are."""
        return load("limits", directory=self.folder, seconds=self.of(1, 0.1))

    def synced(self, files):
        return load("synced", directory=self.folder, files=files, threads=16, seconds=self.of(1, 0.2))["synced_appends_per_s"]

    def sendfile(self):
        return load("sendfile", directory=self.folder)["sendfile_mb_per_s"]

    def echo(self):
        return load("echo", seconds=self.of(1, 0.1))

    @staticmethod
    def end_group(process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def add(self, *figures: Figure):
        for figure in figures:
            if self.options.twins:
                if not figure.theirs or not figure.ours:
                    continue  # what is said of one side says nothing of twins
                figure.goal, figure.floor, figure.guard = None, None, True
            self.figures.append(figure)

    def pairs(self):
        """The rounds of a row; the first one, None, is the warm-up."""
        return [None, *range(1 if self.quick else self.options.pairs)]
