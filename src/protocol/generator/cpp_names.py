"""How things of a schema are called in C++."""

import re

KEYWORDS = frozenset("""
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl
    concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete
    do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast
    requires return short signed sizeof static static_assert static_cast struct switch template this thread_local throw
    true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
    errno linux unix stdin stdout stderr major minor""".split())  # the last line: macros of common headers
# What generated structures have of their own.
MEMBERS = frozenset({"structure", "message", "read", "unknown_tags"})
# What generated structures call by its name: no structure inside a message may hide it.
TYPES = frozenset({"View", "Uuid", "Array", "Bytes", "Records", "Optional", "NullableText", "Sequence", "UnknownTags",
                   "StructureInfo", "MessageInfo"})
# What else stands in the namespace of messages.
TAKEN = TYPES | frozenset("""
    UnknownTag FieldInfo Versions Kind ArrayForm FieldFlag MessageKind CodecFunctions HotCodec ApiInfo ApiKey Listener
    ErrorInfo ErrorCode RecordTypeInfo Message Structure Decoder Encodable Prefix Rest Measure""".split())
SCALAR_TYPES = {
    "bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "uint16": "std::uint16_t",
    "int32": "std::int32_t", "uint32": "std::uint32_t", "int64": "std::int64_t", "float64": "double",
    "uuid": "Uuid",
}
ELEMENT_TYPES = {**SCALAR_TYPES, "string": "std::string_view", "bytes": "Bytes"}


def snake(name):
    """topicId -> topic_id, v3AndBelowTopics -> v3_and_below_topics, KRaftVersion -> k_raft_version."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def safe(name):
    """The name of a member or an enumerator: not one that means something else."""
    return name + "_" if name in KEYWORDS or name in MEMBERS else name


def member(each):
    return safe(snake(each.name))


def element_type(each):
    return each.structure.name if each.is_structure else ELEMENT_TYPES[each.type]


def member_type(each):
    if each.is_array:
        return f"Array<{element_type(each)}>"
    if each.is_structure:
        return f"Optional<{each.structure.name}>" if each.nullable else each.structure.name
    if each.type == "string":
        return "NullableText" if each.nullable else "std::string_view"
    return {"bytes": "Bytes", "records": "Records"}.get(each.type) or SCALAR_TYPES[each.type]


def initializer(each):
    """What follows the member's name: ` = -1`, or ` = {}` where the type's own default is meant."""
    default = each.default
    if each.default_is_null:
        null_types = {"bytes": "Bytes::null()"}
        if each.is_array:
            return f" = Array<{element_type(each)}>::null()"
        if each.is_structure or each.type in ("string", "records"):
            return " = nullptr"
        return f" = {null_types[each.type]}"
    if each.is_array or each.is_structure or each.type in ("bytes", "uuid", "records"):
        return " = {}"
    if each.type == "string":
        if default is None:
            return ' = ""'
        return f' = "{default}"'
    if each.type == "bool":
        return f" = {default or 'false'}"
    return f" = {number(default or '0', each.type)}"


def number(text, kind):
    if kind == "int64" and text == str(-(1 << 63)):
        return "INT64_MIN"
    if kind == "int32" and text == str(-(1 << 31)):
        return "INT32_MIN"
    return text


def qualified(structure, message):
    """FetchRequest::FetchTopic: the name of a structure outside its message."""
    return message.name if structure is message.root else f"{message.name}::{structure.name}"


def table_name(structure, message):
    """FetchRequestFetchTopic: the same as a part of other names."""
    return message.name if structure is message.root else message.name + structure.name


def table_names(message, has_view):
    """Every constant that emit_source.py makes for a message; a unity build has those of many files in one place."""
    names = []
    for structure in message.structures():
        name = table_name(structure, message)
        for stem in (name, name + "View") if has_view(structure) else (name,):
            names += [stem, stem + "Fields", stem + "Tags", stem + "Initial"]
    views = ("", "View") if has_view(message.root) else ("",)
    return names + [message.name + view + suffix for view in views for suffix in ("Message", "Codec")]
