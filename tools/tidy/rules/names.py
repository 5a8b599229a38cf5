"""Names of files, and how a file begins."""

import re

from engine import Found, rule

BANNED = re.compile(r"^(?:.*_)?(?:utils?|helpers?|common|misc)(?:_test|_benchmark)?\.\w+$|^types\.h$")
SNAKE_CASE = re.compile(r"^[a-z0-9]+(?:_[a-z0-9]+)*\.(?:h|cc)$")


@rule("banned-name", "name the file after the one thing that it holds")
def banned_name(tree):
    for file in tree.files.values():
        if file.path.startswith(("src/", "include/", "test/", "bench/", "fuzz/", "tools/")) and BANNED.match(file.name):
            yield Found(file.path, 1, f"'{file.name}' is a drawer for anything")


@rule("snake-case", "write the file's name in snake_case, ending in .h or .cc")
def snake_case(tree):
    for file in tree.files.values():
        if re.search(r"\.(?:h|hh|hpp|hxx|cc|cpp|cxx|c\+\+|C)$", file.name) and not SNAKE_CASE.match(file.name):
            yield Found(file.path, 1, f"'{file.name}' is not snake_case.h or snake_case.cc")


@rule("pragma-once", "put #pragma once before the first #include, after the opening comment")
def pragma_once(tree):
    for file in tree.cpp():
        if not file.is_header:
            continue
        directives = [(number, line) for number, line in enumerate(file.code.splitlines(), 1) if line.strip()]
        if not directives or directives[0][1].strip() != "#pragma once":
            yield Found(file.path, directives[0][0] if directives else 1, "the first line of code is not #pragma once")


@rule("opening-comment", "begin the header with what it is for; then lifetime, concurrency, invariants, errors where they matter")
def opening_comment(tree):
    for file in tree.cpp():
        if file.is_header and not file.text.startswith("// "):
            yield Found(file.path, 1, "does not open with a comment")


@rule("own-header-first", "include the file's own header before all others, so that it is known to stand alone")
def own_header_first(tree):
    for file in tree.cpp():
        if file.is_header or not file.path.startswith("src/"):
            continue
        own = re.sub(r"(?:_test|_benchmark)?\.cc$", ".h", file.path)
        includes = file.includes()
        name = own.removeprefix("src/")
        if tree.get(own) and any(i[1] == name for i in includes) and includes[0][1] != name:
            yield Found(file.path, includes[0][0], f"<{includes[0][1]}> comes before the own header {name}")
        elif tree.get(own) and not file.is_test and not file.is_benchmark and all(i[1] != name for i in includes):
            yield Found(file.path, 1, f"does not include its own header {name}")
