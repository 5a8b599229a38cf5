"""The rows of the race on brokers that run: what is done, in turns, and which figures come of it."""

import statistics
import subprocess

from course import LOAD
from nodes import TOP, forget_pages
from table import Figure, Goal

GB, MB = 1e9, 1e6
BATCH, RECORD = 128 << 10, 1024
SHARE = 0.5  # of what the slower side can do, when latency is measured


PERCENTILES = {"p50": "p50", "p99": "p99", "p999": "p99.9", "max": "max"}


def unhurried(course, brokers, figure, part, rates, **shape):
    """A percentile of what is acknowledged when the slower of the two has half as much to do as it can: an open loop, in
    which a request counts from when it was due. `rates` is the figure of what the closed loop took."""
    half = max(1, int(min(statistics.median(rates.ours), statistics.median(rates.theirs)) * SHARE))
    floor = []

    def measure(broker, _):
        floor.append(course.echo()[part] / MB)
        topic = course.topic("unhurried")
        result = course.run(broker, figure.row, "flow", topic=topic, rate=half, consumers=0,
                            warmup=course.of(1, 0.1), seconds=course.of(5, 0.3), **shape)
        course.forget(broker, topic)
        return (result["acked_ns"][part] / MB,)

    both(course, brokers, [figure], measure)
    figure.floor = max(floor)
    figure.note = f"{half} requests/s; {bare_echo(figure.floor)}"


def bare_echo(floor):
    return f"bare echo: {floor:.3f} ms"


def per_gb(broker_cpu, result):
    return per(broker_cpu["cpu_s"], result["bytes"] / GB)


def per(used, of):
    """0, which is judged by nobody, where nothing came of the time: on a machine that was busy with something else."""
    return used / of if of else 0


def both(course, brokers, figures, measure):
    """Rounds in turns: ours, theirs, ours, theirs. `measure(broker, round)` gives a value for each figure."""
    for pair in course.pairs():
        for broker in brokers:
            already = len(course.raw)
            values = measure(broker, pair)
            if pair is None:
                continue
            course.count(broker, pair, course.raw[already:])
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
                   Figure(2, f"{name}: CPU", "s/million"),
                   Figure(2, f"{name}: switches", "/request")]
        shape = {"connections": connections, "partitions": min(connections, 32), "record": 100, "batch": 100, "acks": -1}

        def measure(broker, _, shape=shape):
            topic = course.topic("small")
            result = course.run(broker, 2, "produce", topic=topic, in_flight=1, warmup=course.of(2, 0.2),
                                seconds=course.of(4, 0.3), **shape)
            course.forget(broker, topic)
            requests = result["requests"]
            return (result["requests_per_s"], per(result["broker"]["cpu_s"], requests / 1e6),
                    per(result["broker"]["switches"], requests))

        both(course, brokers, figures, measure)
        unhurried(course, brokers, Figure(2, f"{name}, at half the rate: p99.9", "ms", Goal(1 / 5)), "p999", figures[0],
                  **shape)


# --- 3: a steady flow, end to end ----------------------------------------------------------------------------------

FLOW = {"batch": 10 << 10, "record": RECORD, "connections": 8, "partitions": 8, "consumers": 2, "acks": -1}
STEADY_GOALS = {"p999": Goal(1 / 5)}


def flow(course, broker, row=3, **more):
    topic = course.topic("flow")
    result = course.run(broker, row, "flow", topic=topic, rate=course.of(20_000, 2_000), warmup=course.of(3, 0.3),
                        seconds=course.of(10, 0.5), **{**FLOW, **more})
    course.forget(broker, topic)
    return result


def steady(course, brokers):
    figures = [Figure(3, f"20,000 msg/s of 1 KiB, acks=all, end to end: {name}", "ms", STEADY_GOALS.get(part))
               for part, name in PERCENTILES.items()]
    figures.append(Figure(3, "20,000 msg/s: CPU", "s/million"))
    floor = []

    def measure(broker, _):
        floor.append(course.echo())
        result = flow(course, broker)
        return (*(result["read_ns"][part] / MB for part in PERCENTILES),
                per(result["broker"]["cpu_s"], result["records"] / 1e6))

    both(course, brokers, figures, measure)
    for figure, part in zip(figures, PERCENTILES):
        figure.floor = max(echo[part] for echo in floor) / MB
        figure.note = bare_echo(figure.floor)


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
        if state == "hot":
            figures.append(Figure(4, "catch up, hot, of what bare sendfile sends", "times",
                                  Goal(0.8, at_most=False, of="value")))

        def measure(broker, pair, state=state):
            if state == "cold":
                forget_pages(broker.data)
            limit = course.sendfile() if state == "hot" else 0
            result = course.run(broker, 4, "consume", topic=topic, connections=1, record=RECORD, batch=BATCH,
                                verify=int(pair is None))
            values = result["mb_per_s"], per_gb(result["broker"], result)
            sent = result["wire_bytes"] / MB / result["seconds"]
            return (*values, sent / limit) if limit else values

        both(course, brokers, figures, measure)
    beside(course, brokers, topic)
    for broker in brokers:
        course.forget(broker, topic)


def beside(course, brokers, topic):
    """A reader that catches up must not show at the tail."""
    figures = [Figure(4, "p99 at the tail, beside a reader that catches up / without", "times", Goal(1.2, of="value"),
                      of_latencies=True),
               Figure(4, "p99 at the tail, beside a reader that catches up", "ms")]

    def measure(broker, _):
        alone = flow(course, broker, 4)["read_ns"]["p99"]
        words = [str(LOAD), "consume", "--port", str(broker.port), "--topic", topic, "--connections", "1"]
        with subprocess.Popen(["bash", "-c", 'while "$@" >/dev/null; do :; done', "again", *words], cwd=TOP,
                              process_group=0) as reader:
            try:
                crowded = flow(course, broker, 4)["read_ns"]["p99"]
            finally:
                course.end_group(reader)
        return per(crowded, alone), crowded / MB

    both(course, brokers, figures, measure)


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
                   Figure(5, f"{name}, of what 16 bare threads do", "times", Goal(0.8, at_most=False, of="value"))]

        shape = {"partitions": partitions, "connections": 16, "record": RECORD, "batch": RECORD, "config": "flush.messages=1"}

        def measure(broker, _, shape=shape):
            bare = course.synced(shape["partitions"])
            topic = course.topic("synced")
            result = course.run(broker, 5, "produce", topic=topic, in_flight=1, warmup=course.of(1, 0.1),
                                seconds=course.of(3, 0.3), **shape)
            course.forget(broker, topic)
            return result["requests_per_s"], result["requests_per_s"] / bare

        both(course, brokers, figures, measure)
        unhurried(course, brokers, Figure(5, f"{name}, at half the rate: p99", "ms"), "p99", figures[0], **shape)
