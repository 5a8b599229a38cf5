#!/usr/bin/env python3
"""The floors hold: an include that a module's links do not allow does not compile, one that they allow does,
and CMake refuses a module that depends sideways or up.

The first part uses the real modules and the commands that compile them, every pair of them; the second builds
a house of three rooms with cmake/OttlaModule.cmake, so that each way to break the rule is seen to fail."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build" / "release"
HOUSE = TOP / "build" / "test" / "house"
sys.path.insert(0, str(TOP / "tools" / "testing"))

CLANG = "clang++-19"

passed = failed = 0


def expect(what: str, right: bool, output: str = "") -> None:
    global passed, failed
    passed, failed = passed + right, failed + (not right)
    print(f"{'ok' if right else 'FAILED'}: {what}")
    if not right and output:
        print(output)


def commands() -> dict[str, list[str]]:
    """How a source of each module is compiled, without source and object."""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(TOP / "src") or path.name.endswith(("_test.cc", "_benchmark.cc", "main.cc")):
            continue
        module = path.relative_to(TOP / "src").parts[0]
        words = shlex.split(entry["command"])
        words = words[next(i for i, word in enumerate(words) if "clang++" in word):]
        del words[words.index("-o"):]
        found.setdefault(module, words)
    return found


def compile_include(command: list[str], header: str) -> subprocess.CompletedProcess:
    return subprocess.run([*command, "-fsyntax-only", "-x", "c++", "-"], cwd=BUILD, text=True, capture_output=True,
                          input=f'#include "{header}"\n', check=False)


def reachable(command: list[str]) -> set[str]:
    """Modules whose include roots a command names."""
    return {word.rsplit("/", 1)[1] for word in command if re.search(r"/roots/\w+$", word)}


def real_modules() -> None:
    known = commands()
    headers = {module: sorted((TOP / "src" / module).rglob("*.h"))[0].relative_to(TOP / "src") for module in known}
    floors = dict(reversed(line.split()) for line in (TOP / "cmake/floors.txt").read_text().splitlines()
                  if line and line[0].isdigit())
    for module, command in known.items():
        for other, header in headers.items():
            done = compile_include(command, str(header))
            if other == module or other in reachable(command):
                lower = other == module or int(floors[other]) < int(floors[module])
                expect(f"{module} may include {header}", done.returncode == 0 and lower, done.stderr)
            else:
                missing = done.returncode != 0 and f"'{header}' file not found" in done.stderr
                expect(f"{module} cannot include {header}", missing, done.stderr)
        done = compile_include(command, headers[module].name)
        expect(f"{module} cannot include {headers[module].name} without its module's name", done.returncode != 0)


def house(links: dict[str, str], include: str, header: str = "") -> tuple[int, int, str]:
    """Configures and builds ground (floor 0), left and right (1) and roof (2), where left.cc includes
    `include`, and left/more.h holds `header`. The two exit codes and all output."""
    shutil.rmtree(HOUSE, ignore_errors=True)
    HOUSE.mkdir(parents=True)
    (HOUSE / "floors.txt").write_text("0 ground\n1 left\n1 right\n2 roof\n")
    rooms = ("ground", "left", "right", "roof")
    (HOUSE / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(house LANGUAGES CXX)\n"
        "add_library(ottla_flags INTERFACE)\n"
        f'include("{TOP}/cmake/OttlaModule.cmake")\n'
        'set(OTTLA_FLOORS_FILE "${CMAKE_SOURCE_DIR}/floors.txt")\n'
        + "".join(f"add_subdirectory({room})\n" for room in rooms))
    for room in rooms:
        (HOUSE / room).mkdir()
        (HOUSE / room / "CMakeLists.txt").write_text(f"ottla_module({room} {links.get(room, '')})\n")
        (HOUSE / room / f"{room}.h").write_text(f"#pragma once\nint {room}();\n")
        own = f'#include "{room}/{room}.h"\n' + (f'#include "{include}"\n' if room == "left" and include else "")
        (HOUSE / room / f"{room}.cc").write_text(own + f"int {room}() {{ return 1; }}\n")
    (HOUSE / "left" / "more.h").write_text(f"#pragma once\n{header}")
    configured = subprocess.run(["cmake", "-G", "Ninja", "-S", HOUSE, "-B", HOUSE / "build",
                                 f"-DCMAKE_CXX_COMPILER={CLANG}", "-DOTTLA_PRELUDE=OFF"], text=True, capture_output=True, check=False)
    output = configured.stdout + configured.stderr
    if configured.returncode != 0:
        return configured.returncode, 1, output
    built = subprocess.run(["cmake", "--build", HOUSE / "build", "--target", "all", "headers"], text=True, capture_output=True, check=False)
    return 0, built.returncode, output + built.stdout + built.stderr


def small_house() -> None:
    configure, build, output = house({"left": "DEPENDS ground", "roof": "DEPENDS left right"}, "ground/ground.h")
    expect("a house whose rooms look down is built", configure == 0 and build == 0, output)
    for what, include in (("sideways", "right/right.h"), ("up", "roof/roof.h"), ("down without a link", "ground/ground.h")):
        configure, build, output = house({"roof": "DEPENDS left right"}, include)
        missing = f"'{include}' file not found" in output
        expect(f"an include {what} does not compile", configure == 0 and build != 0 and missing, output)
    for what, links in (("sideways", {"left": "DEPENDS right"}), ("up", {"left": "DEPENDS roof"}),
                        ("on itself", {"left": "DEPENDS left"})):
        configure, _, output = house(links, "")
        refused = "may not depend on" in re.sub(r"\s+", " ", output)
        expect(f"CMake refuses a module that depends {what}", configure != 0 and refused, output)
    configure, _, output = house({"left": "DEPENDS attic"}, "")
    expect("CMake refuses a module without a floor", configure != 0 and "has no floor" in output, output)


    for what, header, stands in (("stands alone", "#include <string>\ninline std::string f() { return {}; }\n", True),
                                 ("leans on others", "inline std::string f() { return {}; }\n", False)):
        configure, build, output = house({}, "", header)
        expect(f"a header that {what} is {'passed' if stands else 'refused'}",
               configure == 0 and (build == 0) == stands, output)


real_modules()
small_house()
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
