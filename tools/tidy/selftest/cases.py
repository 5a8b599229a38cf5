"""Small trees in which a rule bites, and their nearest neighbours in which it stays silent.

CASES[rule] = (trees in which it finds something, trees in which it finds nothing)
"""

FLOORS = {"cmake/floors.txt": "0 base\n1 runtime\n1 protocol\n2 sim\n"}


def source(text: str, path: str = "src/sim/x.cc") -> dict[str, str]:
    return {path: text}


def sources(*texts: str, path: str = "src/sim/x.cc") -> list[dict[str, str]]:
    return [source(text, path) for text in texts]


def module(name: str, lists: str, files: dict[str, str]) -> dict[str, str]:
    return {**FLOORS, f"src/{name}/CMakeLists.txt": f"ottla_module({name} {lists})\n", **files}


def body(lines: int) -> str:
    return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"


def members(count: int) -> str:
    return "".join(f"  std::map<int, std::string> member{n}_{{}};\n" for n in range(count))


def parameters(count: int) -> str:
    return ", ".join(f"std::map<int, int> p{n} = {{1, 2}}" for n in range(count))


def key(effect: str = "", name: str = "a.b") -> dict[str, str]:
    return {"src/config/tables/x.h": f'    {{"{name}", Type::int32, "1", kAny, "Says {{}}."{effect}}},\n'}


READS = 'int x = config.get(node_key<"a.b">);\n'
FALLS_BACK = {"src/config/synonyms.cc": '    {"topic.b", {{"a.b"}}},\n'}

SUITES = "unit | 1 | quick | build | true | unit tests\n"
TABLE = "| suite | minutes | what it proves |\n|---|---|---|\n| unit | 1 | unit tests |\n| all | 1 | |\n"
FAMILY = "family all-of-it | 1 | unit\n"
FAMILIES = "| family | minutes at most | suites |\n|---|---|---|\n| all-of-it | 1 | unit |\n"

CASES = {
    "header-size": ([source("\n" * 501, "src/sim/x.h")], [source("\n" * 500, "src/sim/x.h")]),
    "source-size": ([source("\n" * 601)], [source("\n" * 600), source("\n" * 601, "src/sim/x_test.cc")]),
    "test-size": ([source("\n" * 1001, "src/sim/x_test.cc")], [source("\n" * 1000, "src/sim/x_test.cc")]),
    "function-size": (
        sources(body(71), "class A {\n  int x_;\n" + body(71) + "};\n",
                "A::A(int a)\n    : a_{a}, b_(1) {\n" + "  g();\n" * 70 + "}\n",
                "TEST(A, b) {\n" + "  g([] { return 1; });\n" * 70 + "}\n"),
        sources(body(70), "namespace {\n" + body(60) * 3 + "}\n",
                "class A {\n" + "  int f() { return 1; }\n" * 100 + "};\n",
                "constexpr int kTable[] = {\n" + "  1,\n" * 100 + "};\n")),
    "constructor-parameters": (
        sources(f"class A {{\n public:\n  explicit A({parameters(8)});\n}};\n",
                f"struct A {{\n  A({parameters(8)}) : a_(1) {{}}\n}};\n"),
        sources(f"class A {{\n public:\n  explicit A({parameters(7)});\n}};\n",
                f"class A {{\n public:\n  void f({parameters(8)});\n}};\n")),
    "data-members": (
        sources("class A {\n" + members(21) + "};\n", "struct A {\n  int a, b;\n" + members(19) + "};\n"),
        sources("class A {\n" + members(20) + "};\n",
                "class A {\n  static constexpr int kA = 1;\n  using B = int;\n  int f() const;\n"
                "  A& operator=(const A&) = default;\n  std::string g(int a) { int b; return {}; }\n"
                + members(20) + "};\n",
                "class A {\n" + members(15) + "  class B {\n" + members(15) + "  };\n};\n")),
    "banned-name": (
        [source("", path) for path in ("src/sim/utils.h", "src/sim/string_util.cc", "src/sim/helpers.h",
                                       "test/kv/common.h", "src/sim/misc_test.cc", "src/sim/types.h")],
        [source("", path) for path in ("src/sim/record_types.h", "src/sim/commons.h", "src/sim/utility.h")]),
    "snake-case": (
        [source("", path) for path in ("src/sim/TaskGroup.h", "src/sim/task-group.cc", "src/sim/task.cpp")],
        [source("", path) for path in ("src/sim/task_group.h", "docs/Some-Page.md", "src/sim/crc32c_arm64.cc")]),
    "pragma-once": (
        [source("// A thing.\n#include <span>\n#pragma once\n", "src/sim/x.h"), source("", "src/sim/x.h")],
        [source("// A thing.\n\n#pragma once\n#include <span>\n", "src/sim/x.h"), source("int f();\n")]),
    "opening-comment": (
        [source("#pragma once\n", "src/sim/x.h")],
        [source("// A thing.\n#pragma once\n", "src/sim/x.h"), source("int f();\n")]),
    "own-header-first": (
        [{"src/sim/x.h": "", "src/sim/x.cc": '#include <span>\n#include "sim/x.h"\n'},
         {"src/sim/x.h": "", "src/sim/x.cc": "int a();\n"},
         {"src/sim/x.h": "", "src/sim/x_test.cc": '#include <gtest/gtest.h>\n#include "sim/x.h"\n'}],
        [{"src/sim/x.h": "", "src/sim/x.cc": '#include "sim/x.h"\n#include <span>\n'},
         {"src/sim/y.h": "", "src/sim/x.cc": '#include <span>\n#include "sim/y.h"\n'}]),
    "parent-include": (sources('#include "../base/x.h"\n'), sources('#include "base/x.h"\n')),
    "include-form": (
        [{**FLOORS, **source('#include "x.h"\n')}, {**FLOORS, **source("#include <base/x.h>\n")}],
        [{**FLOORS, **source('#include "base/x.h"\n#include <span>\n#include <fmt/format.h>\n')},
         {**FLOORS, **source('#include "test/kv/x.h"\n', "test/kv/x.cc")}]),
    "third-party": (
        [source("#include <openssl/ssl.h>\n"), source("#include <fmt/format.h>\n", "src/sim/x.h"),
         source("#include <gtest/gtest.h>\n"), source("#include <boost/asio.hpp>\n")],
        [source("#include <openssl/ssl.h>\n", "src/runtime/tls/x.cc"), source("#include <fmt/format.h>\n"),
         source("#include <gtest/gtest.h>\n", "src/sim/x_test.cc"),
         source("#include <span>\n#include <sys/uio.h>\n#include <immintrin.h>\n")]),
    "floors": (
        [{**FLOORS, **source('#include "sim/x.h"\n', "src/runtime/x.cc")},
         {**FLOORS, **source('#include "protocol/x.h"\n', "src/runtime/x.h")},
         {**FLOORS, **source("", "src/attic/x.cc")}],
        [{**FLOORS, **source('#include "runtime/x.h"\n#include "sim/y.h"\n#include "base/z.h"\n')},
         {**FLOORS, **source('#include "sim/x.h"\n', "src/main.cc")}]),
    "direct-links": (
        [module("sim", "DEPENDS base", source('#include "base/a.h"\n#include "runtime/b.h"\n')),
         module("sim", "DEPENDS base runtime", source('#include "base/a.h"\n')),
         module("sim", "DEPENDS base TEST_DEPENDS runtime", source('#include "base/a.h"\n'))],
        [module("sim", "DEPENDS base # the ground\n  PRIVATE fmt::fmt", source('#include "base/a.h"\n#include "sim/b.h"\n')),
         module("sim", "DEPENDS base", {}),
         module("sim", "TEST_DEPENDS runtime", source('#include "runtime/b.h"\n', "src/sim/x_test.cc"))]),
    "linux-door": (
        sources('#include "runtime/linux/epoll.h"\n') +
        sources('#include "runtime/linux/epoll.h"\n', path="src/runtime/shard.cc"),
        [source('#include "runtime/linux/epoll.h"\n', path) for path in
         ("src/main.cc", "src/runtime/linux/file.cc", "test/contract/real.cc", "bench/runtime/echo.cc")]),
    "folder-readme": ([source(""), {**source(""), "src/sim/README.md": "line\n" * 81}], [{**source(""), "src/sim/README.md": "# sim\n"}, source("", "src/main.cc")]),
    "clock": (
        sources("auto t = std::chrono::steady_clock::now();\n", "auto t = time(nullptr);\n", "#include <ctime>\n",
                "clock_gettime(CLOCK_REALTIME, &t);\n", "auto t = std::time(&x);\n"),
        sources("Instant time() const;\n", "auto t = clock.now();\n", "std::chrono::milliseconds timeout;\n",
                "// steady_clock is not for us\n", 'log("steady_clock");\n') +
        sources("auto t = std::chrono::steady_clock::now();\n", path="src/runtime/linux/clock.cc")),
    "random": (
        sources("std::mt19937 g;\n", "#include <random>\n", "int x = rand();\n", "getrandom(p, 8, 0);\n",
                "std::random_device d;\n"),
        sources("auto x = random.next();\n", "Random& random();\n", "int operand(int);\n")),
    "thread": (
        sources("std::thread t;\n", "std::mutex m;\n", "#include <thread>\n", "pthread_self();\n",
                "auto f = std::async(g);\n", "std::lock_guard lock(m);\n"),
        sources("int threads = 2;\n", "Mutex m;\n", "auto a = my::async(g);\n")),
    "atomic": (
        sources("std::atomic<int> a;\n", "#include <atomic>\n", "std::atomic_ref<int> r(a);\n"),
        sources("int atomic_number;\n") + sources("std::atomic<int> a;\n", path="src/base/x.cc")),
    "socket": (
        sources("#include <sys/socket.h>\n", "#include <netinet/tcp.h>\n", "int s = ::socket(1, 2, 3);\n",
                "epoll_wait(a, b, c, d);\n", "#include <sys/epoll.h>\n"),
        sources("listener.accept();\n", "Result<> listen();\n", "connect(address);\n") +
        sources("#include <sys/socket.h>\n", path="src/runtime/linux/socket.cc")),
    "file": (
        sources("#include <fstream>\n", "int f = ::open(name, 0);\n", 'FILE* f = std::fopen("a", "r");\n',
                "std::filesystem::path p;\n", "#include <unistd.h>\n", "fdatasync(fd);\n"),
        sources("co_await files.open(name);\n", "void unlink() { unlink(); }\n", "Task<> File::open(Name name) {}\n",
                "list.remove(x);\n")),
    "environment": (
        sources('auto home = std::getenv("HOME");\n', "extern char** environ;\n", 'setenv("A", "b", 1);\n'),
        sources("Environment environment;\n", "// getenv is not for us\n")),
    "signal": (
        sources("#include <csignal>\n", "std::signal(SIGTERM, f);\n", "std::exit(1);\n", "auto p = ::fork();\n"),
        sources("Random fork();\n", "event.signal();\n", "std::abort();\n", "scope.exit();\n")),
    "iostream": (sources("#include <iostream>\n"), sources("#include <ostream>\n")),
    "mutable-global": (
        sources("int g_count = 0;\n", "namespace {\nstd::string g_name{};\n}\n", "const char* g_text = 0;\n",
                "void f() {\n  static int calls = 0;\n}\n", "class A {\n  static inline int count_ = 0;\n};\n",
                "constinit Sink* g_sink = nullptr;\n"),
        sources("constexpr int kCount = 1;\n", "const std::string kName = \"x\";\n", "int f(int a);\n",
                "const char* const kText = 0;\n", "using A = int;\n", "void f() {\n  static const A a = g();\n}\n",
                "class A {\n  static int f();\n  static constexpr int kB = 1;\n  int c_ = 0;\n};\n",
                "template <typename T>\ninline constexpr bool kYes = true;\n", "enum class E { a, b };\n",
                "struct A;\nextern int x;\n", "int main() { int x = 0; return x; }\n") +
        sources("int g_count = 0;\n", path="src/runtime/x.cc")),
    "thread-local": (
        sources("thread_local int x;\n"), sources("int thread_locality;\n") +
        sources("thread_local int x;\n", path="src/runtime/shard.cc")),
    "left-out": (
        sources("TEST(A, b) { GTEST_SKIP(); }\n", "TEST(A, DISABLED_b) {}\n", "#if 0\nint x;\n#endif\n",
                path="src/sim/x_test.cc"),
        sources("TEST(A, b) {}\n", "#if 01\n#endif\n", "// GTEST_SKIP is not for us\n", path="src/sim/x_test.cc")),
    "waits": (
        sources("std::this_thread::sleep_for(1ms);\n", "usleep(5);\n", "::sleep(1);\n", path="src/sim/x_test.cc"),
        sources("co_await sleep_for(1ms);\n", "shard.sleep(1ms);\n", path="src/sim/x_test.cc")),
    "unfinished": (
        sources("// TODO: more\n") + [{"docs/a.md": "FIXME\n"}, {"tools/dev/x": "# XXX\n"}],
        sources("int todo_list;\n", "// HACKney\n")),
    "machine-path": (
        [{"docs/a.md": "see /work/a\n"}, {"tools/dev/x": "cd /root/x\n"}, {"README.md": "in /home/ann/b\n"}],
        [{"docs/a.md": "a/work/b, build/root/x, https://x.org/work/ and /rooted\n"}, {"a.sh": 'cd "$top/work"\n'}]),
    "registry-host": (
        [{"docs/a.md": "https://registry.npmjs.org/x\n"}, {"a.sh": "curl http://proxy.corp.internal/\n"},
         {"a.sh": "pip install -i https://pypi.org/simple\n"}],
        [{"docs/a.md": "https://kafka.apache.org/ and registry.example.com\n"}, {"a.cc": "registry.add(x);\n"}]),
    "native-code": (
        [{"CMakeLists.txt": "add_compile_options(-march=native)\n"}],
        [{"CMakeLists.txt": "add_compile_options(-march=x86-64-v2)\n"}]),
    "key-effect": (
        [key(), key(", Effect::as_described"), {**key(), **source(READS, "src/config/node_rules.cc")},
         {**key(), **source(READS, "src/sim/x_test.cc")}, {**key(", Effect::none"), **source(READS)},
         {**key(", Effect::not_yet"), **source(READS)}, {**key(), **FALLS_BACK}],
        [{**key(), **source(READS)}, {**key(), **source(READS, "src/config/node_shape.cc")}, key(", Effect::none"),
         key(", Effect::not_yet"), key(name="broker.id"), {**key(), **FALLS_BACK, **source('get("topic.b");\n')}]),
    "dead-link": (
        [{"README.md": "[a](docs/b.md)\n"}, {"README.md": "# One\n[a](#two)\n"},
         {"README.md": "[a](docs/b.md#c)\n", "docs/b.md": "# B\n"}, {"README.md": "[a]: missing.md\n"}],
        [{"README.md": "[a](docs/b.md#the-b--c) [w](https://example.com/x) `[x](y)`\n", "docs/b.md": "# The `B` / c\n"},
         {"docs/a.md": "[up](../README.md) [here](#a) [folder](../docs/)\n\n# A\n\n```\n[x](y)\n```\n", "README.md": ""}]),
    "suite-table": (
        [{"test/suites.txt": SUITES}, {"test/suites.txt": SUITES, "docs/testing.md": TABLE.replace("| 1 |", "| 2 |")},
         {"test/suites.txt": SUITES, "docs/testing.md": TABLE + "| unit | 3 | other |\n"},
         {"test/suites.txt": SUITES + FAMILY, "docs/testing.md": TABLE},
         {"test/suites.txt": SUITES + FAMILY, "docs/testing.md": TABLE + "\n" + FAMILIES.replace("| 1 |", "| 2 |")}],
        [{"test/suites.txt": SUITES, "docs/testing.md": "# Tests\n\n" + TABLE + "\n| unit | of |\n"},
         {"test/suites.txt": SUITES + FAMILY, "docs/testing.md": TABLE + "\n" + FAMILIES}]),
    "floor-table": (
        [{**FLOORS, "docs/architecture.md": "| 0 | `src/base/` | x |\n"},
         {"cmake/floors.txt": "0 base\n", "docs/architecture.md": "| 1 | `src/base/` | x |\n"},
         {"cmake/floors.txt": "0 base\n", "docs/architecture.md": "| 0 | `src/base/`, `src/attic/` | x |\n"}],
        [{"cmake/floors.txt": "0 base\n1 sim\n1 rpc\n",
          "docs/architecture.md": "| 0 | `src/base/` | x |\n| 1 | `src/sim/`, `src/rpc/` | y |\n"}]),
}
