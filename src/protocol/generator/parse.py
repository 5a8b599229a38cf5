"""Reads schema files. The notation is described in ../messages/README.md."""

import re

from schema import (EMPTY, ENTITIES, HIGHEST_VERSION, LISTENERS, RECORD_KINDS, SCALARS, VARIABLE, Api, Field, File,
                    Message, SchemaError, Structure, Versions, read_text)

FIELD_NAME = re.compile(r"[a-z][a-zA-Z0-9]*")
TYPE_NAME = re.compile(r"[A-Z][a-zA-Z0-9]*")
TOPIC_NAME = re.compile(r"[a-zA-Z0-9._-]+")
NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
RANGE = re.compile(r"([0-9]{1,5})(?:(\+)|-([0-9]{1,5}))?")
TAG = re.compile(r"([0-9]{1,3})(?:\((.+)\))?")
TRAITS = (*LISTENERS, "removed", "forwardable", "cluster-action", "hot")
FLAGS = {"key": "is_key", "ignorable": "ignorable", "zero-copy": "zero_copy", "inflexible": "inflexible",
         "secret": "secret"}


def parse_versions(text, place):
    if text == "none":
        return EMPTY
    match = RANGE.fullmatch(text)
    if match is None:
        raise SchemaError(place, f"'{text}' is not a run of versions: write 3, 3-5, 3+ or none")
    first = int(match[1])
    last = None if match[2] else int(match[3]) if match[3] else first
    if last is not None and last < first:
        raise SchemaError(place, f"versions {text} end before they begin")
    if max(first, last or 0) > HIGHEST_VERSION:
        raise SchemaError(place, f"versions {text} go beyond {HIGHEST_VERSION}")
    return Versions(first, last)


class Line:
    """One line that says something: its depth in steps of two blanks, its words, and its description."""

    def __init__(self, number, text, path):
        self.number = number
        self.place = f"{path}:{number}"
        body, _, about = text.partition("#")
        self.about = about.strip()
        self.words = body.split()
        indent = len(body) - len(body.lstrip(" "))
        if "\t" in body:
            raise SchemaError(self.place, "tabs are not blanks: indent by two blanks a level")
        self.is_comment = not self.words
        if indent % 2 and not self.is_comment:
            raise SchemaError(self.place, f"{indent} blanks of indent: each level has two")
        self.depth = indent // 2
        self.indented = indent > 0
        if self.about.endswith("\\"):
            raise SchemaError(self.place, "a description that ends in a backslash would swallow the next line of C++")


class Parser:
    def __init__(self, text, path):
        self.lines = []
        self.at = 0
        self.path = path
        last = None
        for number, written in enumerate(text.splitlines(), 1):
            line = Line(number, written, path) if written.strip() else None
            if line is not None and line.is_comment and line.indented:
                self.continue_description(line, last)
            elif line is not None:
                self.lines.append(line)
                last = line
            else:
                last = None

    @staticmethod
    def continue_description(line, field):
        if field is None or field.is_comment or not field.about:
            raise SchemaError(line.place, "a description stands behind its field, and goes on below it; or in the first "
                              "column before a message")
        field.about += " " + line.about

    def peek(self):
        return self.lines[self.at] if self.at < len(self.lines) else None

    def take(self):
        self.at += 1
        return self.lines[self.at - 1]

    def comments(self):
        """The lines of one description: up to an empty line, or to what it describes."""
        taken = []
        while self.peek() is not None and self.peek().is_comment:
            if taken and self.peek().number != self.lines[self.at - 1].number + 1:
                break
            taken.append(self.take().about)
        return taken

    def parse(self, stem):
        about = self.comments()
        first = self.peek()
        if first is None:
            raise SchemaError(self.path, "says nothing")
        if not first.is_comment and first.words[0] == "api":
            file = self.parse_api_file(stem, about)
        else:
            file = self.parse_record_file(stem, about)
        if self.peek() is not None:
            raise SchemaError(self.peek().place, "nothing may follow")
        return file

    def parse_api_file(self, stem, about):
        api = self.parse_api(about)
        return File(stem, about, None, api, [each for each in (api.request, api.response) if each is not None])

    def parse_record_file(self, stem, about):
        topic = self.parse_topic()
        messages = []
        while not messages or self.peek() is not None:
            messages.append(self.parse_record(self.comments()))
        return File(stem, about, topic, None, messages)

    def parse_topic(self):
        line = self.peek()
        if line.is_comment or line.words[0] != "topic":
            return None
        if len(line.words) != 2 or not TOPIC_NAME.fullmatch(line.words[1]):
            raise SchemaError(line.place, "write: topic NAME")
        return self.take().words[1]

    def parse_api(self, about):
        line = self.take()
        words = line.words
        if len(words) < 4 or not NUMBER.fullmatch(words[1]) or not TYPE_NAME.fullmatch(words[2]):
            raise SchemaError(line.place, "write: api KEY NAME (broker|controller|removed) ...")
        traits = words[3:]
        for word in traits:
            if word not in TRAITS or traits.count(word) > 1:
                raise SchemaError(line.place, f"'{word}' should be one of {', '.join(TRAITS)}, once")
        listeners = tuple(each for each in LISTENERS if each in traits)
        api = Api(int(words[1]), words[2], listeners, "removed" in traits, "forwardable" in traits,
                  "cluster-action" in traits, "hot" in traits, about, place=line.place)
        if api.removed == bool(listeners):
            raise SchemaError(line.place, "an API lives on a listener, or is removed")
        if api.removed:
            return api
        api.request = self.parse_message("request", api)
        api.response = self.parse_message("response", api)
        return api

    def parse_message(self, kind, api):
        about = self.comments()
        line = self.peek()
        if line is None or line.is_comment or line.words[0] != kind:
            raise SchemaError(line.place if line else self.path, f"the {kind} of {api.name} should stand here")
        self.take()
        return self.finish_message(line, kind, api.name + kind.capitalize(), api.key, line.words[1:], about)

    def parse_record(self, about):
        line = self.peek()
        if line is None or line.is_comment:
            raise SchemaError(line.place if line else self.lines[-1].place, "a record should stand here")
        self.take()
        kind, words = line.words[0], line.words[1:]
        if line.depth != 0 or kind not in RECORD_KINDS:
            raise SchemaError(line.place, f"'{kind}' should be api or one of {', '.join(RECORD_KINDS)}")
        key = None
        if words and NUMBER.fullmatch(words[0]):
            key, words = int(words[0]), words[1:]
        if (key is not None) != (kind not in ("header", "data")):
            raise SchemaError(line.place, "headers and data have no key; all other records have one")
        if not words or not TYPE_NAME.fullmatch(words[0]):
            raise SchemaError(line.place, f"write: {kind} {'KEY ' if key is not None else ''}NAME VERSIONS flexible "
                              "VERSIONS [latest-unstable]")
        return self.finish_message(line, kind, words[0], key, words[1:], about)

    def finish_message(self, line, kind, name, key, words, about):
        if line.depth != 0:
            raise SchemaError(line.place, f"{name} should begin in the first column")
        if len(words) < 3 or words[1] != "flexible" or words[3:] not in ([], ["latest-unstable"]):
            raise SchemaError(line.place, f"write: {kind} ... VERSIONS flexible VERSIONS [latest-unstable]")
        versions = parse_versions(words[0], line.place)
        root = Structure(name, versions, place=line.place)
        message = Message(kind, name, key, versions, parse_versions(words[2], line.place), bool(words[3:]), root,
                          about=about, place=line.place)
        shared = self.parse_fields(root, 1, allow_shared=True)
        message.shared = shared
        self.resolve(message, {each.name: each for each in shared})
        return message

    def parse_fields(self, structure, depth, allow_shared=False):
        shared = []
        last = None
        while (line := self.peek()) is not None and line.depth >= depth:
            self.take()
            if line.depth > depth:
                if last is None or not last.is_structure:
                    raise SchemaError(line.place, "is deeper than the line above, which is not a structure")
                self.at -= 1
                last.structure = Structure(last.type, last.versions, place=last.place)
                self.parse_fields(last.structure, depth + 1)
                last = None
            elif line.words[0] == "struct":
                if not allow_shared:
                    raise SchemaError(line.place, "shared structures stand at the end of their message")
                shared.append(self.parse_shared(line, depth))
                if shared[-1].name in [each.name for each in shared[:-1]]:
                    raise SchemaError(line.place, f"there are two structures {shared[-1].name}")
                last = None
            else:
                if shared:
                    raise SchemaError(line.place, "fields stand before the shared structures of their message")
                last = self.parse_field(line)
                structure.fields.append(last)
        return shared

    def parse_shared(self, line, depth):
        if len(line.words) != 3 or not TYPE_NAME.fullmatch(line.words[1]):
            raise SchemaError(line.place, "write: struct NAME VERSIONS")
        structure = Structure(line.words[1], parse_versions(line.words[2], line.place), shared=True,
                              place=line.place)
        self.parse_fields(structure, depth + 1)
        return structure

    def parse_field(self, line):
        if len(line.words) < 3:
            raise SchemaError(line.place, "write: NAME TYPE VERSIONS [ATTRIBUTE...]")
        name, type_text, versions_text, *attributes = line.words
        versions = parse_versions(versions_text, line.place)
        nullable = versions if type_text.endswith("?") else EMPTY
        type_text = type_text.removesuffix("?")
        is_array = type_text.startswith("[") and type_text.endswith("]")
        if is_array:
            type_text = type_text[1:-1]
        known_type = type_text in SCALARS or type_text in VARIABLE or FIELD_NAME.fullmatch(type_text)
        if not FIELD_NAME.fullmatch(name) or not (known_type or TYPE_NAME.fullmatch(type_text)):
            raise SchemaError(line.place, f"'{name} {line.words[1]}' is not a name and a type")
        made = Field(name, type_text, is_array, versions, nullable, about=line.about, place=line.place)
        stems = [re.match(r"[^=]*", attribute)[0] for attribute in attributes]
        stems = ["what it names" if stem in ENTITIES else stem for stem in stems] + ["nullable"] * bool(nullable)
        for stem in stems:
            if stems.count(stem) > 1:
                raise SchemaError(line.place, f"says {stem} twice")
        for attribute in attributes:
            self.parse_attribute(made, attribute)
        return made

    def parse_attribute(self, made, attribute):
        key, equals, value = attribute.partition("=")
        if not equals and key in FLAGS:
            setattr(made, FLAGS[key], True)
        elif not equals and key in ENTITIES:
            made.entity = key
        elif equals and key == "default":
            made.default = value
        elif equals and key == "nullable":
            made.nullable = parse_versions(value, made.place)
        elif equals and key == "tag":
            match = TAG.fullmatch(value)
            if match is None:
                raise SchemaError(made.place, f"'{attribute}' should be tag=NUMBER or tag=NUMBER(VERSIONS)")
            made.tag = int(match[1])
            made.tagged = parse_versions(match[2], made.place) if match[2] else made.versions
        else:
            raise SchemaError(made.place, f"'{attribute}' is not an attribute of a field")

    def resolve(self, message, shared):
        def visit(structure, above):
            for each in structure.fields:
                if not each.is_structure:
                    continue
                if each.structure is None:
                    if each.type not in shared:
                        known = ", ".join((*SCALARS, *VARIABLE))
                        raise SchemaError(each.place, f"no type '{each.type}': it is not one of {known}, has no "
                                          "fields below it, and is no shared structure of this message")
                    each.structure = shared[each.type]
                if each.structure.name in above:
                    raise SchemaError(each.place, f"{each.structure.name} contains itself")
                visit(each.structure, above + [each.structure.name])

        visit(message.root, [message.root.name])


def parse_file(path):
    return Parser(read_text(path), path).parse(path.stem)


def parse_folder(folder):
    files = [parse_file(path) for path in sorted(folder.glob("*.schema"))]
    if not files:
        raise SchemaError(folder, "has no schemas")
    return files
