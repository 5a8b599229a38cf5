"""Refuses schemas that contradict themselves or that the generated code could not serve."""

import re

from cpp_names import TAKEN, TYPES, member, safe, snake, table_names
from lazy import has_view
from schema import LIMITS, SCALARS, VARIABLE, SchemaError

NUMBER = re.compile(r"0|-?[1-9][0-9]*")
PLAIN_TEXT = re.compile(r"[a-zA-Z0-9._-]*")
MOST_FIELDS = 255  # tables count them in a byte
HIGHEST_KEY = (1 << 15) - 1
WALKED = ("int8", "int16", "uint16", "int32", "uint32", "int64", "uuid", "string")  # elements that a Sequence reads
ENTITY_TYPES = {
    "topic-name": "string", "group-id": "string", "transactional-id": "string", "broker-id": "int32",
    "producer-id": "int64",
}


def check_default(each):
    text = each.default
    if text is None:
        return
    if text == "null":
        if not each.nullable:
            raise SchemaError(each.place, "the default is null, but null is not allowed")
        return
    if each.is_array or each.is_structure or each.type in ("bytes", "records"):
        raise SchemaError(each.place, f"'{text}' is no default for this type: it is empty, or null")
    if each.type == "bool" and text not in ("true", "false"):
        raise SchemaError(each.place, f"'{text}' is neither true nor false")
    if each.type == "string" and not PLAIN_TEXT.fullmatch(text):
        raise SchemaError(each.place, f"'{text}' is no default: only letters, digits and ._- stand in one")
    if each.type in LIMITS:
        low, high = LIMITS[each.type]
        if not NUMBER.fullmatch(text):
            raise SchemaError(each.place, f"'{text}' is not a number")
        if not low <= int(text) <= high:
            raise SchemaError(each.place, f"{text} does not fit into {each.type}")
    if each.type in ("uuid", "float64"):
        raise SchemaError(each.place, f"a {each.type} has no default of its own")


def check_field(each, message):
    nullable_type = each.is_array or each.is_structure or each.type in VARIABLE
    if each.nullable and not nullable_type:
        raise SchemaError(each.place, f"a {each.type} cannot be null")
    if not each.nullable.within(each.versions):
        raise SchemaError(each.place, f"nullable in {each.nullable}, but exists in {each.versions} only")
    if each.is_array and each.type == "records":
        raise SchemaError(each.place, "there are no arrays of records")
    if each.entity is not None and each.type != ENTITY_TYPES[each.entity]:
        raise SchemaError(each.place, f"a {each.entity} is a {ENTITY_TYPES[each.entity]}")
    if each.tag is not None:
        if not each.tagged or not each.tagged.within(each.versions):
            raise SchemaError(each.place, f"tagged in {each.tagged}, but exists in {each.versions} only")
        if not each.tagged.intersect(message.versions).within(message.flexible):
            raise SchemaError(each.place, f"tagged in {each.tagged}, but the message is flexible in "
                              f"{message.flexible} only")
    if each.inflexible and each.type != "string":
        raise SchemaError(each.place, "only a string keeps its inflexible form")
    if each.zero_copy and each.type != "bytes":
        raise SchemaError(each.place, "only bytes can be zero-copy")
    check_default(each)


def check_structure(structure, message):
    names, tags = {}, []
    if structure.name in (TAKEN if structure is message.root else TYPES):
        raise SchemaError(structure.place, f"{structure.name} would hide a type of that name in C++")
    if len(structure.fields) > MOST_FIELDS:
        raise SchemaError(structure.place, f"{structure.name} has more than {MOST_FIELDS} fields")
    for each in structure.fields:
        other = names.setdefault(member(each), each)
        if other is not each:
            same = "" if other.name == each.name else f" and {other.name}, which are one in C++"
            raise SchemaError(each.place, f"there are two fields {each.name}{same}")
        if each.tag is not None:
            tags.append(each.tag)
        check_field(each, message)
    if sorted(tags) != list(range(len(tags))):
        raise SchemaError(structure.place, f"tags of {structure.name} should be 0 to {len(tags) - 1}, each once")


def smallest_size(structure, message, version):
    """The fewest bytes that the structure takes: a count of elements is believed only up to the bytes left."""
    size = 1 if message.is_flexible(version) else 0
    for each in structure.fields:
        if version not in each.versions or version in each.tagged:
            continue
        if each.is_array or each.type in VARIABLE:
            size += 1
        elif each.is_structure:
            size += 1 if version in each.nullable else smallest_size(each.structure, message, version)
        else:
            size += SCALARS[each.type]
    return size


def check_elements(message):
    """An element that takes no bytes would let any count pass."""
    for structure in message.structures():
        for each in structure.fields:
            if not (each.is_array and each.is_structure):
                continue
            present = each.versions.intersect(message.versions)
            for version in range(present.first, (present.last or 0) + 1) if present else ():
                if smallest_size(each.structure, message, version) == 0:
                    raise SchemaError(each.place, f"elements of {each.name} take no bytes in version {version}")


def check_hot(message):
    """What is visited in place has no arena: all that it holds lies in itself or in the frame."""
    if not has_view(message.root):
        return
    for structure in message.structures():
        for each in structure.fields:
            if each.is_structure and not each.is_array and each.nullable:
                raise SchemaError(each.place, "a hot API has no structures that may be null: a view could not hold one")
            if each.is_array and not each.is_structure and each.type not in WALKED:
                raise SchemaError(each.place, f"a hot API has no arrays of {each.type}: a view could not walk them")


def check_message(message):
    if not message.versions or message.versions.last is None:
        raise SchemaError(message.place, "the versions of a message have a beginning and an end")
    if message.key is not None and message.key > HIGHEST_KEY:
        raise SchemaError(message.place, f"key {message.key} goes beyond {HIGHEST_KEY}")
    names = {}
    for structure in message.structures():
        other = names.setdefault(structure.name, structure)
        if other is not structure:
            raise SchemaError(structure.place, f"{message.name} has two structures {structure.name}")
        check_structure(structure, message)
    for shared in message.shared:
        if shared not in message.structures():
            raise SchemaError(shared.place, f"no field uses {shared.name}")
    check_elements(message)


def check_files(files):
    places, tables = {}, {}
    for file in files:
        for message in file.messages:
            if message.name in places:
                raise SchemaError(message.place, f"{message.name} stands in {places[message.name]} too")
            places[message.name] = message.place
            check_message(message)
            hot = file.api is not None and file.api.hot
            if hot:
                check_hot(message)
            for name in table_names(message, has_view if hot else lambda structure: False):
                if name in tables:
                    raise SchemaError(message.place, f"its table {name} has the name of one of {tables[name]}")
                tables[name] = message.name
    check_api_keys([file.api for file in files if file.api is not None])
    check_record_keys(files)


def check_api_keys(apis):
    keys, names = {}, {}
    for api in apis:
        if api.key in keys:
            raise SchemaError(api.place, f"key {api.key} belongs to {keys[api.key]}")
        keys[api.key] = api.name
        name = safe(snake(api.name))
        if name in names:
            raise SchemaError(api.place, f"{api.name} and {names[name]} are one in C++")
        names[name] = api.name
        if api.request is not None and api.request.versions != api.response.versions:
            raise SchemaError(api.response.place, "request and response have the same versions")
    missing = sorted(set(range(max(keys, default=-1) + 1)) - set(keys))
    if missing:
        after = max(apis, key=lambda api: (api.key < missing[0], api.key))
        raise SchemaError(after.place, f"the next API has key {missing[0]}, and there is none")


def check_record_keys(files):
    spaces = {}
    for file in files:
        for message in file.messages:
            if message.key is None or file.api is not None:
                continue
            if file.topic is None:
                raise SchemaError(message.place, "which topic holds these records? Write: topic NAME")
            space = (file.topic, message.kind, message.key)
            if space in spaces:
                raise SchemaError(message.place, f"key {message.key} belongs to {spaces[space].name}")
            spaces[space] = message
    for topic, kind, key in spaces:
        if kind.startswith("coordinator"):
            other = "coordinator-value" if kind == "coordinator-key" else "coordinator-key"
            if (topic, other, key) not in spaces:
                message = spaces[topic, kind, key]
                raise SchemaError(message.place, f"{message.name} has no {other}")
