"""Floors, direct links, and the rooms of third-party headers."""

import posixpath
import re

from engine import Found, rule

FLOORS = "cmake/floors.txt"

# Where the headers of each library may be included: a path pattern, and whether headers of ours may do so.
# Everything that is not here is nobody's: a new library gets its row, and its line in docs/dependencies.md.
ROOMS = [
    (r"fmt/", r".*", False),
    (r"openssl/", r"src/runtime/tls/|src/security/|src/base/crc32|src/base/.*_(?:test|benchmark)\.cc$|bench/|test/", True),
    (r"z(?:lib|conf)\.h$", r"src/base/crc32|src/record/|.*_(?:test|benchmark)\.cc$|bench/|test/", True),
    (r"(?:lz4|lz4hc|lz4frame|snappy|zstd|zstd_errors)\.h$", r"src/record/compression/|.*_benchmark\.cc$|bench/", False),
    (r"nlohmann/", r"src/base/json_parser\.cc$", False),
    (r"gtest/|gmock/", r".*_test\.cc$|test/|src/testing/|src/(?:[a-z]+/)+testing/", True),
    (r"benchmark/", r".*_benchmark\.cc$|bench/", True),
]
# The system's own: the C++ library (no dot, no slash), C, POSIX and Linux, compiler intrinsics.
SYSTEM = re.compile(
    r"^[a-z_]+$|^(?:sys|netinet|arpa|linux|net|asm|bits)/[\w/]+\.h$|^\w*(?:intrin|_acle|_neon)\.h$|"
    r"^(?:dirent|dlfcn|errno|fcntl|fnmatch|getopt|glob|grp|ifaddrs|limits|malloc|netdb|poll|pthread|pwd|regex|sched|"
    r"signal|spawn|stdio|stdlib|string|syslog|time|ucontext|unistd|cpuid)\.h$|^sanitizer/\w+\.h$|^cxxabi\.h$|^execinfo\.h$")
QUOTED_ROOTS = ("test", "bench")


def floors(tree) -> dict[str, int]:
    table = tree.get(FLOORS)
    return {name: int(floor) for floor, name in re.findall(r"^(\d+) (\w+)$", table.text if table else "", re.M)}


def declared(tree) -> dict[str, tuple[str, dict[str, list[str]]]]:
    """Each module's CMakeLists.txt path and its lists: DEPENDS, PRIVATE, TEST_DEPENDS."""
    modules = {}
    for path, file in tree.files.items():
        if not re.fullmatch(r"src/\w+/CMakeLists\.txt", path):
            continue
        text = re.sub(r"#.*", "", file.text)
        for call in re.finditer(r"ottla_module\(\s*(\w+)([^)]*)\)", text):
            lists: dict[str, list[str]] = {"DEPENDS": [], "PRIVATE": [], "TEST_DEPENDS": []}
            current = None
            for word in call[2].split():
                if word in lists:
                    current = word
                elif current:
                    lists[current].append(word)
            modules[call[1]] = (path, lists)
    return modules


@rule("parent-include", 'include it by its place: "module/x.h"')
def parent_include(tree):
    for file in tree.cpp():
        for line, name, _ in file.includes():
            if ".." in name.split("/"):
                yield Found(file.path, line, f'"{name}" climbs out of its folder')


@rule("include-form", 'quotes and the module for our headers ("base/x.h"), angle brackets for all others')
def include_form(tree):
    known = set(floors(tree)) | set(QUOTED_ROOTS)
    for file in tree.cpp():
        for line, name, angle in file.includes():
            ours = "/" in name and name.split("/")[0] in known
            if not angle and not ours:
                yield Found(file.path, line, f'"{name}" does not begin with a module of ours')
            elif angle and ours and not SYSTEM.match(name):
                yield Found(file.path, line, f"<{name}> is a header of ours")


@rule("third-party", "use it behind the module that owns it, or give the library a room in tools/tidy/rules/modules.py")
def third_party(tree):
    for file in tree.cpp():
        for line, name, angle in file.includes():
            if not angle or SYSTEM.match(name):
                continue
            room = next(((where, headers) for what, where, headers in ROOMS if re.match(what, name)), None)
            if room is None:
                yield Found(file.path, line, f"<{name}> belongs to no room")
            elif not re.match(room[0], file.path):
                yield Found(file.path, line, f"<{name}> outside of its room ({room[0]})")
            elif file.is_header and not room[1]:
                yield Found(file.path, line, f"<{name}> in a header makes every build slower")


@rule("floors", "move the code up, or pass what it needs from above; cmake/floors.txt is the table")
def floor_order(tree):
    table = floors(tree)
    for file in tree.sources():
        own = file.module
        if own is None:
            continue
        if own not in table:
            yield Found(file.path, 1, f"module '{own}' is not in {FLOORS}")
            continue
        for line, name, angle in file.includes():
            other = name.split("/")[0]
            if not angle and other != own and other in table and table[other] >= table[own]:
                yield Found(file.path, line, f'"{name}": {own} is on floor {table[own]}, {other} on floor {table[other]}')


@rule("direct-links", "name in the module's DEPENDS exactly the modules whose headers it includes")
def direct_links(tree):
    modules = declared(tree)
    used: dict[str, set[str]] = {name: set() for name in modules}
    used_by_tests: dict[str, set[str]] = {name: set() for name in modules}
    for file in tree.sources():
        own = file.module
        if own not in modules:
            continue
        for line, name, angle in file.includes():
            other = name.split("/")[0]
            if angle or other == own or "/" not in name:
                continue
            lists = modules[own][1]
            if file.is_test or file.is_benchmark:
                used_by_tests[own].add(other)
                allowed = lists["DEPENDS"] + lists["TEST_DEPENDS"]
            else:
                used[own].add(other)
                allowed = lists["DEPENDS"]
            if other not in allowed and other not in QUOTED_ROOTS:
                yield Found(file.path, line, f'"{name}": {own} does not link {other} directly')
    inhabited = {file.module for file in tree.sources()}
    for own, (path, lists) in modules.items():
        if own not in inhabited:
            continue
        for other in lists["DEPENDS"]:
            if other not in used[own]:
                yield Found(path, 1, f"{own} links {other} and includes nothing of it")
        for other in lists["TEST_DEPENDS"]:
            if other not in used_by_tests[own]:
                yield Found(path, 1, f"{own}'s tests link {other} and include nothing of it")


@rule("linux-door", "use the interface in runtime/; only the composition root, tests and benchmarks choose what stands behind it")
def linux_door(tree):
    for file in tree.cpp():
        if file.path.startswith("src/runtime/linux/") or file.path == "src/main.cc" or file.name == "main.cc":
            continue
        if file.is_test or file.is_benchmark:
            continue
        for line, name, _ in file.includes():
            if name.startswith("runtime/linux/"):
                yield Found(file.path, line, f'"{name}" is behind the door')


README_LINES = 80


@rule("folder-readme", "write one screen: what it is for, its file map, who owns what on which shard, what is not obvious")
def folder_readme(tree):
    folders = {posixpath.dirname(file.path) for file in tree.sources() if file.module}
    modules = {"/".join(folder.split("/")[:2]) for folder in folders}
    for module in sorted(modules):
        if not tree.get(f"{module}/README.md"):
            yield Found(f"{module}/README.md", 1, "the module has no README.md")
        elif (lines := len(tree.get(f"{module}/README.md").lines)) > README_LINES:
            yield Found(f"{module}/README.md", README_LINES, f"{lines} lines are more than a screen ({README_LINES})")
