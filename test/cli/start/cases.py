"""What a person meets first, case by case. Each is a function of the folder that it may use."""

import os
import re
import signal
import socket
import subprocess

import node as nodes
from node import Node, run

FILE = """process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://localhost:0,CONTROLLER://localhost:0
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=localhost:9093
log.dirs={folder}/data
"""


def equal(found, wanted, what="it"):
    assert found == wanted, f"{what} is {found!r}, not {wanted!r}"


def has(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in:\n{text}"


def write(folder, text, name="server.properties"):
    path = folder / name
    path.write_text(text.format(folder=folder), encoding="utf-8")
    return path


def says_what_it_is(folder):
    done = run(folder, "--version")
    equal((done.returncode, done.stderr), (0, ""))
    assert re.fullmatch(r"ottla \d+\.\d+\.\d+ \(as Apache Kafka 4\.4\)\n", done.stdout), done.stdout
    done = run(folder, "--help")
    equal((done.returncode, done.stderr), (0, ""))
    has(done.stdout, "usage: ottla", "--temp", "storage", "Exit codes")


def temporary_node_prints_one_line_and_leaves_nothing(folder):
    with Node(folder, "--temp", "--port", 0, TMPDIR=str(folder)) as node:
        node.ready()
        assert re.fullmatch(r"bootstrap=localhost:\d+\n", node.out), node.out
        equal(nodes.api_versions(node.bootstrap), 0, "the error")
        equal(len(list(folder.glob("ottla-*"))), 1, "the number of temporary directories")
        equal(node.stop(), 0, "the exit code")
        equal(list(folder.glob("ottla-*")), [], "what is left")


def clients_are_told_what_they_dialled(folder):
    for words in ((), ("-D", "advertised.listeners=auto")):
        with Node(folder, "--temp", "--port", 0, *words, TMPDIR=str(folder)) as node:
            port = int(node.ready().bootstrap.rsplit(":", 1)[1])
            for address in ("127.0.0.1", "::1", "127.0.0.2"):
                equal(nodes.told_address(address, port), (address, port), "what is told")
            equal(node.stop(), 0, "the exit code")
    with Node(folder, "--temp", "--port", 0, "-D", "advertised.listeners=PLAINTEXT://there:7", TMPDIR=str(folder)) as node:
        port = int(node.ready().bootstrap.rsplit(":", 1)[1])
        equal(nodes.told_address("127.0.0.2", port), ("there", 7), "what is told")


def a_start_that_takes_too_long_is_given_up(folder):
    done = run(folder, "--temp", "--port", 0, "-D", "server.max.startup.time.ms=0", TMPDIR=str(folder))
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, "the start took longer than server.max.startup.time.ms=0")
    equal(list(folder.glob("ottla-*")), [], "what is left")


def what_is_not_built_yet_is_told(folder):
    done = run(folder, "--temp", "-D", "metric.reporters=com.example.Mine")
    equal(done.returncode, 2, "the exit code")
    has(done.stderr, "com.example.Mine has no meaning in metric.reporters")
    with Node(folder, "--temp", "--port", 0, "-D", "group.max.size=5", TMPDIR=str(folder)) as node:
        node.ready()
        has(node.err, "group.max.size has no effect yet")
        equal(node.stop(), 0, "the exit code")


def without_arguments_it_formats_and_keeps_its_directory(folder):
    if os.geteuid() == 0:
        as_root_without_arguments(folder)
        return
    with Node(folder, "--port", 0, XDG_DATA_HOME=str(folder / "xdg")) as node:
        place = folder / "xdg" / "ottla"
        has(node.ready().out, "Ottla", str(place), "(new)", "localhost:", "--topic hello")
        equal(node.stop(), 0)
        has((place / "meta.properties").read_text(), "cluster.id=", "node.id=1")


def as_root_without_arguments(folder):
    """Its directory is the machine's own: the node sees another one under that name, in a namespace of mounts."""
    own = folder / "lib"
    own.mkdir()
    command = f"mount --bind '{own}' /var/lib && exec \"$0\" \"$@\""
    alone = ["unshare", "--mount", "sh", "-c", command]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        raise nodes.NotTested("root's /var/lib/ottla cannot be hidden: no namespace of mounts may be made here")
    with Node(folder, "--port", 0, before=alone, XDG_DATA_HOME=str(folder / "xdg")) as node:
        has(node.ready().out, "Ottla", "/var/lib/ottla", "(new)", "localhost:", "--topic hello")
        equal(node.stop(), 0)
    has((own / "ottla" / "meta.properties").read_text(), "cluster.id=", "node.id=1")
    assert not (folder / "xdg").exists(), "a root's data do not lie in a home"


def a_directory_is_formatted_once(folder):
    for new in (True, False):
        with Node(folder, "--data", folder / "d", "--port", 0) as node:
            node.ready()
            equal("(new)" in node.out, new, "whether it is new")
            cluster = re.search(r"cluster\s+(\S+),", node.out)[1]
            equal(node.stop(), 0)
        has((folder / "d" / "meta.properties").read_text(), f"cluster.id={cluster}")


def a_cluster_id_may_be_given(folder):
    with Node(folder, "--data", folder / "d", "--port", 0, CLUSTER_ID="AAAAAAAAAAAAAAAAAAAAAA") as node:
        has(node.ready().out, "AAAAAAAAAAAAAAAAAAAAAA, node 1")


def a_directory_of_something_else_is_left_alone(folder):
    (folder / "d").mkdir()
    (folder / "d" / "letter.txt").write_text("Dear all", encoding="utf-8")
    done = run(folder, "--data", folder / "d", "--port", 0)
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, "is no directory of a node", "letter.txt", "--format")
    equal([each.name for each in (folder / "d").iterdir()], ["letter.txt"], "what is there")


def a_second_process_is_told_who_holds_the_directory(folder):
    with Node(folder, "--data", folder / "d", "--port", 0) as node:
        node.ready()
        (folder / "second").mkdir()
        done = run(folder / "second", "--data", folder / "d", "--port", 0)
        equal(done.returncode, 1, "the exit code")
        has(done.stderr, str(node.process.pid), str(folder / "d"))
        equal(node.stop(), 0)


def a_port_that_is_taken_is_named(folder):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(folder, "--data", folder / "d", "-D", f"listeners=PLAINTEXT://0.0.0.1:1,CONTROLLER://localhost:0",
                   "-D", f"listeners=PLAINTEXT://localhost:{port},CONTROLLER://localhost:0")
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, f"localhost:{port}")


def a_file_is_taken_as_it_is(folder):
    path = write(folder, FILE)
    done = run(folder, path)
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, "is not formatted", "ottla storage format", str(path), "--format")
    assert not (folder / "data").exists(), "nothing was to be made"
    with Node(folder, "--format", path) as node:
        equal(node.ready().stop(), 0)
    with Node(folder, path) as node:
        equal(node.ready().stop(), 0)


def a_file_that_the_tool_formatted_for(folder):
    path = write(folder, FILE)
    done = run(folder, "storage", "format", "--config", path, "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAA", "--standalone")
    equal((done.returncode, done.stderr), (0, ""))
    with Node(folder, path) as node:
        has(node.ready().out, "AAAAAAAAAAAAAAAAAAAAAA")


def all_that_is_wrong_is_told_at_once(folder):
    path = write(folder, FILE + "num.partitions=many\nlog.retention.ms=0\nnum.partitons=3\n")
    done = run(folder, "-D", "message.max.bytes=-1", "-D", "oops", path, KAFKA_NUM_IO_THREADS="none")
    equal((done.returncode, done.stdout), (2, ""))
    has(done.stderr, f"{path} line 7: num.partitions", "expected: a whole number of 32 bits",
        "the variable KAFKA_NUM_IO_THREADS: num.io.threads", "-D: message.max.bytes", "-D oops: expected key=value",
        "warning:", "num.partitons is no key that this program knows; did you mean num.partitions?")


def rules_between_keys_are_told(folder):
    done = run(folder, write(folder, FILE + "broker.id=7\n"))
    equal(done.returncode, 2, "the exit code")
    has(done.stderr, "`node.id` and `broker.id` must be set to the same value")


def protection_that_is_not_built_refuses_to_start(folder):
    path = write(folder, FILE + "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
                 "listener.security.protocol.map=PLAINTEXT:SSL,CONTROLLER:PLAINTEXT\n")
    done = run(folder, "--format", path)
    equal(done.returncode, 2, "the exit code")
    has(done.stderr, "who may do what is decided by rules", "connections are encrypted", "cannot keep")
    assert not (folder / "data").exists(), "nothing was to be made"
    done = run(folder, "storage", "info", "--config", path)
    has(done.stdout, "does not exist")


def wrong_command_lines(folder):
    for words, part in ((["--frob"], "frob is not a recognized option"), (["a.b", "c.d"], "one configuration file"),
                        (["--port", "x"], "--port x: expected a number"), (["frob"], "there is no tool 'frob'"),
                        (["none.properties"], "cannot read none.properties"),
                        (["--log-level", "loud"], "use trace, debug, info, warn, error or off"),
                        (["--port", "1", "-D", "listeners=PLAINTEXT://:0,CONTROLLER://:0"], "listeners are named already"),
                        (["-D", "ottla.http.listener=nowhere:x"], "expected an address and a port")):
        done = run(folder, *words)
        equal((done.returncode, done.stdout), (2, ""), " ".join(words))
        has(done.stderr, part)


def variables_and_overrides_outweigh_the_file(folder):
    path = write(folder, FILE.replace("{folder}/data", "{folder}/of-the-file"))
    with Node(folder, "--format", path, KAFKA_LOG_DIRS=str(folder / "of-a-variable")) as node:
        has(node.ready().out, "of-a-variable")
    with Node(folder, "--format", path, "-D", f"log.dirs={folder}/of-an-override",
              KAFKA_LOG_DIRS=str(folder / "of-a-variable")) as node:
        has(node.ready().out, "of-an-override")
    assert not (folder / "of-the-file").exists()


def variables_alone_make_a_node(folder):
    with Node(folder, KAFKA_NODE_ID="5", KAFKA_LOG_DIRS=str(folder / "d"),
              KAFKA_LISTENERS="PLAINTEXT://localhost:0,CONTROLLER://localhost:0", KAFKA_HEAP_OPTS="-Xmx1g") as node:
        has(node.ready().out, "node 5")


def providers_fill_values(folder):
    write(folder, "dirs={folder}/provided\n", "secrets.properties")
    path = write(folder, FILE.replace("{folder}/data", "${{file:{folder}/secrets.properties:dirs}}") +
                 "config.providers=file,env\n"
                 "config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider\n"
                 "config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider\n"
                 "broker.rack=${{env:RACK}}\n")
    with Node(folder, "--format", path, RACK="r1") as node:
        has(node.ready().out, str(folder / "provided"))


def a_broken_identity_is_told_and_left_alone(folder):
    (folder / "d").mkdir()
    identity = folder / "d" / "meta.properties"
    identity.write_text("version=1\nnode.id=x\ncluster.id=c\n", encoding="utf-8")
    done = run(folder, "--data", folder / "d", "--port", 0)
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, str(identity), "node.id")
    equal(identity.read_text(), "version=1\nnode.id=x\ncluster.id=c\n", "the file")


def a_directory_of_another_node_is_refused(folder):
    with Node(folder, "--data", folder / "d", "--port", 0) as node:
        equal(node.ready().stop(), 0)
    before = nodes.content(folder / "d")
    done = run(folder, "--data", folder / "d", "--port", 0, "-D", "node.id=9")
    equal(done.returncode, 1, "the exit code")
    has(done.stderr, "belongs to node 1, where 9 is expected")
    equal(nodes.content(folder / "d"), before, "the directory")


def too_little_memory_is_refused_with_what_is_needed(folder):
    words = "--data", folder / "d", "--port", 0, "--shards", 2
    for few in (1, 1000, 131071):
        done = run(folder, *words, "-D", f"ottla.memory={few}")
        equal(done.returncode, 1, "the exit code")
        has(done.stderr, f"ottla.memory={few}", "2 shards need 131072 at least")
    with Node(folder, *words, "-D", "ottla.memory=131072") as node:
        equal(node.ready().stop(), 0)


def signals_stop_it(folder):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Node(folder, "--data", folder / "d", "--port", 0) as node:
            equal(node.ready().signal(number).end(), 0, f"the exit code after {number}")
    assert (folder / "d" / ".kafka_cleanshutdown").exists(), "a stop in good order leaves a mark"


def a_killed_node_comes_back(folder):
    with Node(folder, "--data", folder / "d", "--port", 0) as node:
        node.ready().signal(signal.SIGKILL).end()
    with Node(folder, "--data", folder / "d", "--port", 0) as node:
        equal(node.ready().stop(), 0)


def metrics_and_health_are_served(folder):
    port = nodes.free_port()
    with Node(folder, "--data", folder / "d", "--port", 0, "-D", f"ottla.http.listener={port}") as node:
        has(node.ready().out, f"http://127.0.0.1:{port}/metrics")
        client = re.search(r"clients\s+(\S+)", node.out)[1]
        equal(nodes.api_versions(client), 0)
        equal(nodes.health(port, "/healthz"), (200, {"status": "well", "reasons": []}))
        equal(nodes.health(port, "/readyz"), (200, {"status": "ready", "reasons": []}))
        status, text = nodes.http(port, "/metrics")
        equal(status, 200)
        has(text, "kafka_controller_kafkacontroller_activecontrollercount 1\n",
            "kafka_server_kafkaserver_brokerstate 3\n", "kafka_server_raftmetrics_current_leader 1\n",
            'kafka_network_requestmetrics_requests_total{request="ApiVersions",version="0"} 1\n',
            "kafka_controller_kafkacontroller_activebrokercount 1\n")
        for line in text.splitlines():
            assert re.fullmatch(r'#.*|[a-zA-Z_][a-zA-Z0-9_]*(\{([a-zA-Z_]+="[^"]*",?)+\})? (NaN|-?[0-9.e+-]+)', line), line
        equal(nodes.http(port, "/none")[0], 404)
        equal(nodes.http(port, "/metrics", "POST")[0], 405)
        equal(node.stop(), 0)


def the_service_manager_is_told(folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(nodes.PATIENCE)
        with Node(folder, "--data", folder / "d", "--port", 0, NOTIFY_SOCKET=str(folder / "notify")) as node:
            has(manager.recv(4096).decode(), "READY=1\n", "STATUS=serves localhost:")
            equal(node.out, "", "standard output")
            node.signal()
            has(manager.recv(4096).decode(), "STOPPING=1\n", "STATUS=closes its logs")
            equal(node.end(), 0)


def the_managers_directory_is_used(folder):
    with Node(folder, "--port", 0, STATE_DIRECTORY=str(folder / "state")) as node:
        has(node.ready().out, str(folder / "state"))


def log_lines_have_a_level_and_a_form(folder):
    with Node(folder, "--temp", "--port", 0, "--log-format", "json", TMPDIR=str(folder)) as node:
        node.ready().stop()
        lines = node.err.splitlines()
        assert lines and all(line.startswith('{"time":') and line.endswith("}") for line in lines), node.err
        has(node.err, '"message":"the node is ready"')
    with Node(folder, "--temp", "--port", 0, "--log-level", "error", TMPDIR=str(folder)) as node:
        node.ready().stop()
        equal(node.err, "", "the log")


def roles_of_their_own(folder):
    with Node(folder, "--data", folder / "c", "-D", "process.roles=controller", "--port", 0) as node:
        has(node.ready().out, "controllers")
        assert "clients" not in node.out, node.out
        equal(node.stop(), 0)


CASES = [each for name, each in sorted(globals().items())
         if callable(each) and getattr(each, "__module__", "") == __name__ and name not in
         ("equal", "has", "write", "Node", "run", "as_root_without_arguments")]
