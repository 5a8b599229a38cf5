"""What we wrote is put under a stopped node of the reference: it starts on it, serves it, goes on with it, stops.

The node gets two log directories. One is as after a clean stop, ours in it among its own; the other as after a crash,
with half a batch behind the end of one log."""

import pathlib
import re
import shutil
import socket
import subprocess

import facts
from opened import OURS

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
KAFKA = TOP / "test" / "reference" / "kafka"
STORIES = 9
IDEMPOTENT = (5, STORIES + 5)
TORN = f"ours-{STORIES + 7}"

# Half a batch is cut off, and the node says so.
CUT = re.compile(rf"WARN  LogLoader: \[LogLoader partition={TORN}, .* Corruption found in segment \d+, truncating to offset")
# What a node says otherwise: that it is alone, and that it refused the batch that came too early.
EXPECTED = [
    re.compile(r"WARN  QuorumController: .* Performing controller activation"),
    re.compile(rf"ERROR ReplicaManager: .* Error processing append operation on partition \S+:ours-({IDEMPOTENT[0]}|{IDEMPOTENT[1]})$"),
]
TALK = re.compile(r" (WARN|ERROR|FATAL) ")


CLEAN = [f"ours-{i}" for i in range(STORIES)] + ["ours-appended-0"]
CRASHED = [f"ours-{i + STORIES}" for i in range(STORIES)] + ["ours-appended-1"]


def free_port():
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


def prepare(data, node):
    folder = node / "node-1"
    folder.mkdir(parents=True)
    shutil.copytree(data, folder / "data")
    (folder / "crashed").mkdir()
    for partition in CRASHED:
        shutil.move(folder / "data" / partition, folder / "crashed" / partition)
    client, controller = free_port(), free_port()
    (folder / "server.properties").write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:{controller}
listeners=CLIENT://localhost:{client},CONTROLLER://localhost:{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
log.dirs={folder}/data,{folder}/crashed
metadata.log.dir={folder}/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
share.coordinator.state.topic.replication.factor=1
log.index.size.max.bytes=65536
log.retention.ms=-1
sasl.enabled.mechanisms=SCRAM-SHA-256
""")
    (node / "bootstrap").write_text(f"localhost:{client}\n")
    return folder, client


def tell_ours(folder, names, work):
    """What we tell of these directories, opened as they are; of copies, so that nothing changes."""
    work.mkdir()
    lines = []
    for name in names:
        shutil.copytree(folder / name, work / name)
        mode = "crash" if name in CRASHED else "clean"
        lines.append("\t".join([mode, "4096", "0", "0", str(work / name), str(work / f"{name}.facts"), "delete"]))
    (work / "list").write_text("\n".join(lines) + "\n")
    subprocess.run([OURS, "tell", work / "list"], check=True)
    return {name: (work / f"{name}.facts").read_text().splitlines() for name in names}


def complaints(log):
    lines = [line for line in log.read_text().splitlines() if TALK.search(line)]
    return [line for line in lines if not any(expected.search(line) for expected in EXPECTED)]


def serve(folder, node, port, told, work, results):
    """What the node does with it while it runs."""
    work.mkdir()
    names = CLEAN + CRASHED
    subprocess.run([KAFKA, "java", "broker", "--with", TOP / "build/exchange_classes", "exchange.Consume",
                    f"localhost:{port}", work, *names], check=True)
    for name in names:
        for isolation, expected in (("read_uncommitted", facts.uncommitted(told[name])),
                                    ("read_committed", facts.committed(told[name]))):
            found = (work / f"{name}.{isolation}").read_text().splitlines()
            results.same_lines(f"{name} consumed with {isolation}", found, expected)
    sent = subprocess.run([OURS, "produce", "localhost", str(port)], check=False, capture_output=True, text=True)
    print(sent.stderr, end="")
    check_sent(sent.stdout.splitlines(), told, results)


def check_sent(lines, told, results):
    results.check("everything was sent", len(lines) == 2 * STORIES + 2 + 6, *lines)
    ends = {name: facts.end_of(told[name]) for name in told}
    for line in lines:
        topic, partition, what, error, offset = line.split(" ")
        name = f"{topic}-{partition}"
        if what == "again":
            expected = ("0", str(facts.last_batch_of(told[name], 4000)))
        elif what == "early":
            expected = ("45", "-1")
        else:
            expected = ("0", str(ends[name]))
            ends[name] += 7 if what == "next" else 4
        results.check(f"{name} {what}", (error, offset) == expected, line, f"expected {expected}")


def check_after(told, after, results):
    for name, before in told.items():
        old, new = facts.records(before), facts.records(after[name])
        results.check(f"{name}: what was there is there", new[:len(old)] == old)
        more = 4 + (7 if name in [f"ours-{number}" for number in IDEMPOTENT] else 0)
        results.check(f"{name}: what came later is there", len(new) == len(old) + more, f"{len(old)}, then {len(new)}")


def hand_over(data, node, results):
    """The directories, as the reference left them and as we had written them, for a closer look."""
    folder, port = prepare(data, node)
    subprocess.run([OURS, "write", folder / "data", folder / "crashed"], check=True)
    given = {"written": node / "written", "crashed": node / "crashed"}
    keep(folder / "data", CLEAN, given["written"])
    keep(folder / "crashed", CRASHED, given["crashed"])
    told = {**tell_ours(folder / "data", CLEAN, node / "told-clean"),
            **tell_ours(folder / "crashed", CRASHED, node / "told-crashed")}
    for name, lines in told.items():
        results.check(f"{name} is told by us", not lines[0].startswith("failed"), lines[0])
    subprocess.run([KAFKA, "resume", node], check=True, stdout=subprocess.DEVNULL)
    try:
        serve(folder, node, port, told, node / "consumed", results)
    finally:
        subprocess.run([KAFKA, "stop", node], check=True)
    said = complaints(folder / "server.log")
    cut = [line for line in said if CUT.search(line)]
    results.check("half a batch was cut off", len(cut) == 1, *cut)
    said = [line for line in said if line not in cut]
    results.check("the node complained of nothing", not said, *said[:20])
    given["served"] = node / "served"
    keep(folder / "data", CLEAN, given["served"])
    keep(folder / "crashed", CRASHED, given["served"])
    check_after(told, tell_ours(given["served"], CLEAN + CRASHED, node / "told-served"), results)
    return given


def keep(folder, names, to):
    to.mkdir(exist_ok=True)
    for name in names:
        shutil.copytree(folder / name, to / name)
