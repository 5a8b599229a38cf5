"""What a schema file says, as plain data.

A file describes one API (its request and response) or a family of records. parse.py reads files into these
classes, check.py refuses what contradicts itself, and the emitters turn the rest into C++ and documents.
"""

from dataclasses import dataclass, field

SCALARS = {
    "bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "float64": 8, "uuid": 16,
}  # name -> bytes on the wire
VARIABLE = ("string", "bytes", "records")
LIMITS = {
    "int8": (-(1 << 7), (1 << 7) - 1), "int16": (-(1 << 15), (1 << 15) - 1), "uint16": (0, (1 << 16) - 1),
    "int32": (-(1 << 31), (1 << 31) - 1), "uint32": (0, (1 << 32) - 1), "int64": (-(1 << 63), (1 << 63) - 1),
}
ENTITIES = ("topic-name", "broker-id", "group-id", "producer-id", "transactional-id")
LISTENERS = ("broker", "controller")
RECORD_KINDS = ("header", "data", "metadata", "coordinator-key", "coordinator-value")


class SchemaError(Exception):
    """A schema file that cannot be used: where, and which rule it breaks."""

    def __init__(self, place, text):
        super().__init__(f"{place}: {text}")


def read_text(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SchemaError(path, "is not UTF-8") from None
    except OSError as error:
        raise SchemaError(path, f"cannot be read: {error.strerror}") from None


HIGHEST_VERSION = (1 << 15) - 2  # the one above means "open" in the generated tables


@dataclass(frozen=True)
class Versions:
    """A run of versions, both ends included; last is None where it is open (`3+`). Empty is EMPTY."""

    first: int
    last: int | None

    def __str__(self):
        if self == EMPTY:
            return "none"
        if self.last is None:
            return f"{self.first}+"
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"

    def __contains__(self, version):
        return self.first <= version and (self.last is None or version <= self.last)

    def __bool__(self):
        return self.last is None or self.first <= self.last

    def intersect(self, other):
        first = max(self.first, other.first)
        ends = [end for end in (self.last, other.last) if end is not None]
        run = Versions(first, min(ends) if ends else None)
        return run if run else EMPTY

    def within(self, other):
        return not self or self.intersect(other) == self


EMPTY = Versions(0, -1)


@dataclass
class Field:
    name: str
    type: str  # a scalar, string, bytes, records, or the name of a structure
    is_array: bool
    versions: Versions
    nullable: Versions
    tag: int | None = None
    tagged: Versions = EMPTY
    default: str | None = None  # as written; None: the zero of its type
    is_key: bool = False
    ignorable: bool = False
    zero_copy: bool = False
    inflexible: bool = False  # keeps its inflexible form in flexible versions
    secret: bool = False
    entity: str | None = None
    structure: "Structure | None" = None
    about: str = ""
    place: str = ""

    @property
    def is_structure(self):
        return self.type not in SCALARS and self.type not in VARIABLE

    @property
    def default_is_null(self):
        return self.default == "null"


@dataclass
class Structure:
    name: str
    versions: Versions
    fields: list = field(default_factory=list)
    shared: bool = False  # has a name of its own in the message, used by several fields
    place: str = ""


@dataclass
class Message:
    kind: str  # request, response or one of RECORD_KINDS
    name: str  # FetchRequest, TopicRecord
    key: int | None
    versions: Versions
    flexible: Versions
    latest_unstable: bool
    root: Structure
    shared: list = field(default_factory=list)
    about: list = field(default_factory=list)
    place: str = ""

    def is_flexible(self, version):
        return version in self.flexible

    def structures(self):
        """Every structure of the message, those that others are made of first, the root last."""
        ordered, seen = [], set()

        def visit(structure):
            if id(structure) in seen:
                return
            seen.add(id(structure))
            for each in structure.fields:
                if each.structure is not None:
                    visit(each.structure)
            ordered.append(structure)

        visit(self.root)
        return ordered


@dataclass
class Api:
    key: int
    name: str
    listeners: tuple
    removed: bool
    forwardable: bool  # a broker passes it on to the active controller
    cluster_action: bool  # asks for the right to act as a part of the cluster
    hot: bool  # worth code of its own: see emit_source.py
    about: list
    request: Message | None = None
    response: Message | None = None
    place: str = ""


@dataclass
class File:
    stem: str  # fetch
    about: list
    topic: str | None  # the internal topic whose records the file describes
    api: Api | None
    messages: list
