"""Crowds of clients, and somebody among them who is served all the same. Each function is a case."""

import pathlib
import re
import resource
import socket
import struct
import time

import wire

MIB = 1 << 20
MEMORY = 96 * MIB
# What a process takes without clients, and beyond the account: code, threads, the allocator's own.
BESIDE = 64 * MIB
# Of a connection that waits: its tasks, its timers and its place among all others.
A_CONNECTION = 6 * 1024
# Beyond what a node does without clients, in two seconds: it wakes up some forty times, and not always as often. If each
# of ten thousand looked after its partition by itself, it would be thousands; one look at all of them takes milliseconds.
WAKE_UPS = 100
HUNDREDTHS = 3
# UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER
NOT_YET = (3, 5, 6)
RECORDS = wire.batch(b"x" * 60_000)


def crowd_size(wanted):
    """No larger than this process may have open; the node may have as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    size = min(wanted, hard - 500)
    assert size >= wanted // 2, f"the limit on open files, {hard}, is too low for a crowd"
    return size


def resident(node):
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("the process does not tell what it takes")


def used(node):
    """How often its threads have gone to sleep, and the hundredths of a second that it has computed."""
    slept = 0
    for status in pathlib.Path(f"/proc/{node.process.pid}/task").glob("*/status"):
        slept += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(encoding="ascii"), re.MULTILINE)[1])
    words = pathlib.Path(f"/proc/{node.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return slept, int(words[11]) + int(words[12])


def used_in_a_while(node):
    """The same, of two seconds in which nobody asks it anything."""
    before = used(node)
    time.sleep(2)
    return tuple(after - then for after, then in zip(used(node), before))


def gather(port, wanted, **how):
    """So many connections. Now and then one of them asks something: who connects faster than the node accepts is kept
    waiting for a second by the kernel."""
    crowd = []
    for at in range(crowd_size(wanted)):
        crowd.append(wire.connect(port, **how))
        if at % 32 == 0:
            wire.ask(crowd[-1], wire.API_VERSIONS)
    return crowd


def is_produced(connection, topic="t"):
    error = wire.produced(wire.ask(connection, wire.produce(topic, RECORDS)), topic)
    assert error == 0, f"a batch was refused with {error}"


def is_served(port, topic="t"):
    """Somebody who means well asks, produces and fetches."""
    with wire.connect(port) as good:
        assert len(wire.ask(good, wire.API_VERSIONS)) > 100
        is_produced(good, topic)
        fetched = wire.ask(good, wire.fetch(topic, 0, 1 << 20))
        assert len(fetched) > 60_000, fetched[:80]


def create(port, topic, partitions=1):
    """And waits until it is led: clients of the protocol ask again until then."""
    with wire.connect(port) as good:
        wire.ask(good, wire.create_topic(topic, partitions))
        end = time.monotonic() + wire.PATIENCE
        while wire.produced(wire.ask(good, wire.produce(topic, RECORDS)), topic) in NOT_YET:
            assert time.monotonic() < end, f"{topic} is never led"


def close_all(connections):
    for each in connections:
        each.close()


def stays_within_its_memory(node, connections):
    took = resident(node)
    allowed = MEMORY + BESIDE + connections * A_CONNECTION
    assert took <= allowed, f"{took / MIB:.0f} MiB resident, {allowed / MIB:.0f} are allowed"


def ten_thousand_that_say_nothing(node, port):
    create(port, "t")
    idle = gather(port, 10_000)
    is_served(port)
    stays_within_its_memory(node, len(idle))
    close_all(idle)
    is_served(port)


def a_thousand_whose_requests_come_byte_by_byte(node, port):
    create(port, "t")
    announced = struct.pack(">i", 90_000_000) + b"\0\0\0\7"
    dripping = gather(port, 1_000)
    for at in range(len(announced)):
        for each in dripping:
            each.sendall(announced[at:at + 1])
    is_served(port)
    stays_within_its_memory(node, len(dripping))
    close_all(dripping)


def a_thousand_that_stop_in_the_middle_or_throw_it_away(node, port):
    create(port, "t")
    request = wire.produce("t", RECORDS)
    for turn in range(4):
        broken = gather(port, 250)
        for at, each in enumerate(broken):
            each.sendall(request[:1 + (at * 251 + turn) % (len(request) - 1)])
            if at % 2:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        is_served(port)
        close_all(broken)
    is_served(port)
    stays_within_its_memory(node, 1_000)


def a_thousand_that_do_not_read_what_they_fetch(node, port):
    create(port, "t")
    with wire.connect(port) as good:
        for _ in range(100):
            is_produced(good)
        slow = gather(port, 1_000, receive_buffer=4096)
        for at, each in enumerate(slow):
            each.sendall(wire.fetch("t", 0, 50 << 20))
            # Each of them holds what is the newest at the moment.
            if at % 5 == 0:
                is_produced(good)
    is_served(port)
    stays_within_its_memory(node, len(slow))
    close_all(slow)
    is_served(port)


def a_thousand_that_do_not_read_what_they_are_told(node, port):
    create(port, "t")
    create(port, "many", 3_000)
    slow = gather(port, 1_000, receive_buffer=4096)
    for each in slow:
        each.sendall(wire.ALL_TOPICS)
    is_served(port)
    stays_within_its_memory(node, len(slow))
    close_all(slow)
    with wire.connect(port) as good:
        assert len(wire.ask(good, wire.ALL_TOPICS)) > 70_000


def ten_thousand_that_wait_for_data(node, port):
    """They cost no more than nobody until it comes; then each of them has it."""
    create(port, "t")
    alone = used_in_a_while(node)
    waiting = gather(port, 10_000)
    for each in waiting:
        each.sendall(wire.fetch("t", 1, 1 << 20, wait_ms=600_000))
    parked = 'kafka_server_delayedoperationpurgatory_purgatorysize{delayedOperation="Fetch"}'
    node.until(lambda: node.told(parked) == len(waiting), "all fetches wait")
    slept, computed = used_in_a_while(node)
    assert slept <= alone[0] + WAKE_UPS, f"woken {slept} times while nothing came; {alone[0]} without waiting fetches"
    assert computed <= alone[1] + HUNDREDTHS, f"computed {computed} hundredths of a second for those who wait"
    news = wire.batch(b"news")
    with wire.connect(port) as good:
        assert wire.produced(wire.ask(good, wire.produce("t", news)), "t") == 0
    for each in waiting:
        assert wire.answer(each).endswith(news[-12:]), "a waiting fetch ended without what came"
    stays_within_its_memory(node, len(waiting))
    close_all(waiting)
    is_served(port)


def requests_far_ahead_of_their_answers(node, port):
    create(port, "t")
    with wire.connect(port) as eager:
        eager.sendall(wire.API_VERSIONS * 2_000 + wire.produce("t", RECORDS) * 50)
        for _ in range(2_000):
            assert len(wire.answer(eager)) > 100
        for _ in range(50):
            assert wire.produced(wire.answer(eager), "t") == 0
    is_served(port)
    stays_within_its_memory(node, 1)


def more_than_an_address_may_have(node, port):
    few = [wire.connect(port)]
    node.set("max.connections.per.ip", 5, few[0])
    for _ in range(20):
        each = wire.connect(port)
        try:
            wire.ask(each, wire.API_VERSIONS)
            few.append(each)
        except ConnectionError:
            each.close()
    assert len(few) == 5, f"{len(few)} were served"
    close_all(few)


def older_ones_go_when_the_limit_is_lowered(node, port):
    many = [wire.connect(port) for _ in range(20)]
    for each in many:
        wire.ask(each, wire.API_VERSIONS)
    node.set("max.connections", 5, many[-1])
    assert all(wire.is_ended(each) for each in many[:15])
    wire.ask(many[-1], wire.API_VERSIONS)
    close_all(many)


CASES = [
    ten_thousand_that_say_nothing,
    a_thousand_whose_requests_come_byte_by_byte,
    a_thousand_that_stop_in_the_middle_or_throw_it_away,
    a_thousand_that_do_not_read_what_they_fetch,
    a_thousand_that_do_not_read_what_they_are_told,
    ten_thousand_that_wait_for_data,
    requests_far_ahead_of_their_answers,
    more_than_an_address_may_have,
    older_ones_go_when_the_limit_is_lowered,
]
