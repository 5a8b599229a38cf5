"""The rows of the race on brokers that run: what is done, in turns, and which figures come of it."""

import subprocess

from course import LOAD
from nodes import TOP, forget_pages
from table import Figure, Goal

GB, MB = 1e9, 1e6
BATCH, RECORD = 128 << 10, 1024


def per_gb(broker_cpu, result):
    return broker_cpu["cpu_s"] / (result["bytes"] / GB)


def both(course, brokers, figures, measure, most=None):
    """Rounds in turns: ours, theirs, ours, theirs. `measure(broker, round)` gives a value for each figure."""
    for pair in course.pairs(most):
        for broker in brokers:
            values = measure(broker, pair)
            if pair is None:
                continue
            for figure, value in zip(figures, values):
                (figure.ours if broker is brokers[0] else figure.theirs).append(value)
        course.say(f"row {figures[0].row}: {figures[0].name}: pair {0 if pair is None else pair + 1}")
    course.add(*figures)


# --- 1: large batches ----------------------------------------------------------------------------------------------

def throughput_shapes(course):
    if course.quick:
        return [("none", 1, 1, -1), ("zstd", 8, 3, 1)]
    if course.options.full:
        return [(codec, connections, partitions, acks) for codec in ("none", "lz4", "zstd")
                for connections in (1, 8, 32) for partitions in (1, 100) for acks in (-1, 1)]
    return [("none", 1, 1, -1), ("none", 8, 1, -1), ("none", 32, 1, -1), ("none", 8, 100, -1), ("none", 8, 1, 1),
            ("lz4", 8, 1, -1), ("lz4", 8, 100, -1), ("lz4", 8, 1, 1), ("zstd", 8, 1, -1)]


def produce_large(course, brokers):
    for codec, connections, partitions, acks in throughput_shapes(course):
        name = f"produce 1 KiB, {codec}, {connections} conn., {partitions} part., acks={'all' if acks < 0 else acks}"
        judged = codec != "zstd"
        figures = [Figure(1, f"{name}: CPU", "s/GB", Goal(1 / 3) if judged else None),
                   Figure(1, name, "MB/s", Goal(1.5, at_most=False) if judged else None)]

        def measure(broker, pair, shape=(codec, connections, partitions, acks)):
            codec, connections, partitions, acks = shape
            topic = course.topic("large")
            result = course.run(broker, 1, "produce", topic=topic, codec=codec, connections=connections,
                                partitions=partitions, acks=acks, record=RECORD, batch=BATCH,
                                warmup=course.of(1, 0.1), seconds=course.of(3, 0.3))
            if pair is None:  # apart from timing: what was written is read and compared
                course.run(broker, 1, "consume", topic=topic, verify=1, codec=codec, record=RECORD, batch=BATCH)
            course.forget(broker, topic)
            return per_gb(result["broker"], result), result["mb_per_s"]

        both(course, brokers, figures, measure)


# --- 2: small requests ---------------------------------------------------------------------------------------------

def produce_small(course, brokers):
    for connections in course.of((1, 32, 1000), (1, 32)):
        name = f"produce 100 B one by one, {connections} conn."
        figures = [Figure(2, name, "requests/s", Goal(2, at_most=False)),
                   Figure(2, f"{name}: p99.9", "ms", Goal(1 / 5)),
                   Figure(2, f"{name}: CPU", "s/million"),
                   Figure(2, f"{name}: switches", "/request")]

        def measure(broker, _, connections=connections):
            topic = course.topic("small")
            result = course.run(broker, 2, "produce", topic=topic, connections=connections,
                                partitions=min(connections, 32), in_flight=1, record=100, batch=100, acks=-1,
                                warmup=course.of(2, 0.2), seconds=course.of(4, 0.3))
            course.forget(broker, topic)
            requests = result["requests"]
            return (result["requests_per_s"], result["latency_ns"]["p999"] / MB,
                    result["broker"]["cpu_s"] / requests * 1e6, result["broker"]["switches"] / requests)

        both(course, brokers, figures, measure)


# --- 3: a steady flow, end to end ----------------------------------------------------------------------------------

FLOW = {"batch": 10 << 10, "record": RECORD, "connections": 8, "partitions": 8, "consumers": 2, "acks": -1}
PARTS = (("p50", "p50", None), ("p99", "p99", None), ("p999", "p99.9", Goal(1 / 5)), ("max", "max", None))


def flow(course, broker, row=3, **more):
    topic = course.topic("flow")
    result = course.run(broker, row, "flow", topic=topic, rate=course.of(20_000, 2_000), warmup=course.of(3, 0.3),
                        seconds=course.of(10, 0.5), **{**FLOW, **more})
    course.forget(broker, topic)
    return result


def steady(course, brokers):
    figures = [Figure(3, f"20,000 msg/s of 1 KiB, acks=all, end to end: {name}", "ms", goal) for _, name, goal in PARTS]
    figures.append(Figure(3, "20,000 msg/s: CPU", "s/million"))
    floor = []

    def measure(broker, _):
        floor.append(course.echo(course.of(1, 0.1)))
        result = flow(course, broker)
        return (*(result["read_ns"][part] / MB for part, _, _ in PARTS),
                result["broker"]["cpu_s"] / result["records"] * 1e6)

    both(course, brokers, figures, measure)
    noise = {part: max(echo[part] for echo in floor) / MB for part, _, _ in PARTS}
    for figure, (part, _, _) in zip(figures, PARTS):
        figure.note = f"bare echo: {noise[part]:.3f} ms"


# --- 4: reading ----------------------------------------------------------------------------------------------------

def fill(course, broker, topic, amount):
    course.run(broker, 4, "produce", topic=topic, partitions=4, connections=4, record=RECORD, batch=BATCH, amount=amount)


def read_back(course, brokers):
    amount = int(course.options.gigabytes * GB) if not course.quick else 32 << 20
    topic = course.topic("history")
    for broker in brokers:
        fill(course, broker, topic, amount)
    for state in ("hot", "cold"):
        figures = [Figure(4, f"catch up, {state}", "MB/s", Goal(1.5, at_most=False)),
                   Figure(4, f"catch up, {state}: CPU", "s/GB")]

        def measure(broker, pair, state=state):
            if state == "cold":
                forget_pages(broker.data)
            result = course.run(broker, 4, "consume", topic=topic, connections=1, record=RECORD, batch=BATCH,
                                verify=int(pair is None))
            return result["mb_per_s"], per_gb(result["broker"], result)

        both(course, brokers, figures, measure)
    beside(course, brokers, topic)
    for broker in brokers:
        course.forget(broker, topic)


def beside(course, brokers, topic):
    """A reader that catches up must not show at the tail."""
    figure = Figure(4, "p99 at the tail, beside a reader that catches up / without", "times", Goal(1.2, of="value"))

    def measure(broker, _):
        alone = flow(course, broker, 4)["read_ns"]["p99"]
        words = [str(LOAD), "consume", "--port", str(broker.port), "--topic", topic, "--connections", "1"]
        with subprocess.Popen(["bash", "-c", 'while "$@" >/dev/null; do :; done', "again", *words], cwd=TOP,
                              process_group=0) as reader:
            try:
                crowded = flow(course, broker, 4)["read_ns"]["p99"]
            finally:
                course.end_group(reader)
        return (crowded / alone,)

    both(course, brokers, [figure], measure, most=3)


def read_tail(course, brokers):
    figures = [Figure(4, "consume from the tail while 8 connections produce", "MB/s", Goal(1.5, at_most=False)),
               Figure(4, "the same: CPU for a GB that came and went", "s/GB")]

    def measure(broker, _):
        topic = course.topic("tail")
        result = course.run(broker, 4, "tail", topic=topic, connections=8, partitions=8, consumers=2, record=RECORD,
                            batch=BATCH, warmup=course.of(1, 0.1), seconds=course.of(3, 0.3))
        course.forget(broker, topic)
        return result["read_mb_per_s"], per_gb(result["produced"]["broker"], result["produced"])

    both(course, brokers, figures, measure)


# --- 5: synced before the answer -----------------------------------------------------------------------------------

def synced(course, brokers):
    for partitions in (1, 16, 100):
        bare = course.synced(partitions)
        name = f"flush.messages=1, 16 producers, {partitions} part."
        figures = [Figure(5, name, "msg/s", Goal(2, at_most=False), note=f"bare threads: {bare:.0f}"),
                   Figure(5, f"{name}: p99", "ms"),
                   Figure(5, f"{name}, of what 16 bare threads do", "times", Goal(0.8, at_most=False, of="value"))]

        def measure(broker, _, partitions=partitions):
            bare = course.synced(partitions)
            topic = course.topic("synced")
            result = course.run(broker, 5, "produce", topic=topic, partitions=partitions, connections=16, in_flight=1,
                                record=RECORD, batch=RECORD, config="flush.messages=1", warmup=course.of(1, 0.1),
                                seconds=course.of(3, 0.3))
            course.forget(broker, topic)
            return result["requests_per_s"], result["latency_ns"]["p99"] / MB, result["requests_per_s"] / bare

        both(course, brokers, figures, measure)
