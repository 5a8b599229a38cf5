"""What does not fit on a desk is split: limits of files, functions, constructors and classes."""

from engine import Found, rule

HEADER_LINES = 500
SOURCE_LINES = 600
TEST_LINES = 1000
FUNCTION_LINES = 70
CONSTRUCTOR_PARAMETERS = 7
DATA_MEMBERS = 20


def _too_long(files, limit: int):
    for file in files:
        if len(file.lines) > limit:
            yield Found(file.path, limit, f"{len(file.lines)} lines; the stop is {limit}", measure=len(file.lines))


@rule("header-size", "split it by concept: one header, one thing")
def header_size(tree):
    return _too_long((file for file in tree.cpp() if file.is_header), HEADER_LINES)


@rule("source-size", "split it by role; a part that can be named can be a file")
def source_size(tree):
    return _too_long((file for file in tree.cpp() if not file.is_header and not file.is_test), SOURCE_LINES)


@rule("test-size", "split it by what it tells: one story, one file")
def test_size(tree):
    return _too_long((file for file in tree.cpp() if not file.is_header and file.is_test), TEST_LINES)


@rule("function-size", "give its parts names of their own")
def function_size(tree):
    for file in tree.cpp():
        for function in file.outline.functions:
            if function.lines > FUNCTION_LINES:
                yield Found(file.path, function.line,
                            f"{function.name} has {function.lines} lines; the stop is {FUNCTION_LINES}",
                            key=function.name, measure=function.lines)


@rule("constructor-parameters", "pass a struct of dependencies, or split the class")
def constructor_parameters(tree):
    for file in tree.cpp():
        for made in file.outline.constructors:
            if made.parameters > CONSTRUCTOR_PARAMETERS:
                yield Found(file.path, made.line,
                            f"{made.name} takes {made.parameters} parameters; the stop is {CONSTRUCTOR_PARAMETERS}",
                            key=made.name, measure=made.parameters)


@rule("data-members", "split the class by role; members that change together belong together")
def data_members(tree):
    for file in tree.cpp():
        for klass in file.outline.classes:
            if klass.members > DATA_MEMBERS:
                yield Found(file.path, klass.line,
                            f"{klass.name} has {klass.members} data members; the stop is {DATA_MEMBERS}",
                            key=klass.name, measure=klass.members)
