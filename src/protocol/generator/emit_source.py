"""The source of one schema file: the tables that the codecs read.

A hot API gets, besides, codecs of its own: the same tables, unrolled by the compiler.
"""

from cpp_names import member, qualified, table_name
from lazy import has_view, is_visited_in_place

FLAGS = (("is_key", "key"), ("ignorable", "ignorable"), ("inflexible", "inflexible"), ("secret", "secret"))


def versions_text(versions):
    if not versions:
        return "{}"
    return f"{{{versions.first}, {'kOpen' if versions.last is None else versions.last}}}"


def kind_of(each):
    if each.is_structure:
        return "structure" if each.is_array or not each.nullable else "optional"
    if each.type == "string" and each.nullable and not each.is_array:
        return "nullable_string"
    return each.type if each.type != "bool" else "boolean"


def field_line(each, owner, table, lazy):
    parts = [f'.name = "{each.name}"']
    if each.structure is not None:
        suffix = "View" if lazy and has_view(each.structure) else ""
        parts.append(f".structure = &k{table(each.structure)}{suffix}")
    parts.append(f".offset = offsetof({owner}, {member(each)})")
    parts.append(f".kind = Kind::{kind_of(each)}")
    if each.is_array:
        parts.append(f".array = ArrayForm::{'lazy' if lazy else 'plain'}")
    flags = [name for attribute, name in FLAGS if getattr(each, attribute)]
    if flags:
        parts.append(".flags = " + " | ".join(f"FieldFlag::k{name.capitalize()}" for name in flags))
    parts.append(f".versions = {versions_text(each.versions)}")
    if each.nullable:
        parts.append(f".nullable = {versions_text(each.nullable)}")
    if each.tag is not None:
        parts.append(f".tagged = {versions_text(each.tagged)}, .tag = {each.tag}")
    return "    {" + ", ".join(parts) + "},"


def emit_structure(structure, message, hot, lazy):
    name = table_name(structure, message) + ("View" if lazy else "")
    owner = qualified(structure, message) + ("::View" if lazy else "")
    lines = []
    if structure.fields:
        lines.append(f"constexpr FieldInfo k{name}Fields[] = {{")
        lines += [field_line(each, owner, lambda other: table_name(other, message), lazy)
                  for each in structure.fields]
        lines.append("};")
    tags = [index for _, index in sorted((each.tag, index) for index, each in enumerate(structure.fields)
                                         if each.tag is not None)]
    if tags:
        lines.append(f"constexpr std::uint8_t k{name}Tags[] = {{{', '.join(map(str, tags))}}};")
    lines.append(f"constexpr {owner} k{name}Initial;")
    unknown = "kNoUnknownTags" if lazy or not message.flexible else f"offsetof({owner}, unknown_tags)"
    fields = f"k{name}Fields" if structure.fields else "{}"
    lines.append(f'constexpr StructureInfo k{name} = {{.name = "{structure.name}", .fields = {fields}, '
                 f".tags = {f'k{name}Tags' if tags else '{}'}, .initial = &k{name}Initial, .size = sizeof({owner}), .alignment = alignof({owner}), "
                 f".unknown_tags = {unknown}}};")
    return lines


def emit_message_info(message, file, hot, lazy):
    name = message.name + ("View" if lazy else "")
    kind = message.kind.replace("-", "_")
    parts = [f'.name = "{message.name}"', f'.file = "{file.stem}"', f".kind = MessageKind::{kind}",
             f".key = {-1 if message.key is None else message.key}",
             f".versions = {versions_text(message.versions)}",
             f".flexible = {versions_text(message.flexible)}",
             f".latest_unstable = {'true' if message.latest_unstable else 'false'}", f".root = &k{name}"]
    if hot:
        parts.append(f".hot = &k{name}Codec")
    return f"constexpr MessageInfo k{name}Message = {{{', '.join(parts)}}};"


def emit_definitions(message, hot):
    lines = []
    for structure in message.structures():
        owner, name = qualified(structure, message), table_name(structure, message)
        lines.append(f"const StructureInfo& {owner}::structure() {{ return k{name}; }}")
        if hot and has_view(structure):
            lines.append(f"const StructureInfo& {owner}::View::structure() {{ return k{name}View; }}")
        if hot:
            lines += read_function(structure, message)
    lines.append(f"const MessageInfo& {message.name}::message() {{ return k{message.name}Message; }}")
    if hot and has_view(message.root):
        lines.append(f"const MessageInfo& {message.name}::View::message() {{ return k{message.name}ViewMessage; }}")
    return lines


def read_function(structure, message):
    suffix = "View" if has_view(structure) else ""
    owner = qualified(structure, message) + (f"::{suffix}" if suffix else "")
    last = suffix or structure.name
    return [f"const std::byte* {owner}::read(const std::byte* at, const std::byte* end, std::int16_t version, "
            f"{last}& out) {{",
            f"  return {hot_codec(table_name(structure, message) + suffix, message)}::read_in_place(at, end, version, "
            "reinterpret_cast<std::byte*>(&out));", "}"]


def hot_codec(table, message):
    return f"HotCodec<k{table}, Versions{versions_text(message.versions)}, Versions{versions_text(message.flexible)}>"


def emit_source(file):
    hot = file.api is not None and file.api.hot
    lines = [f'#include "protocol/messages/{file.stem}.h"', "", "#include <cstddef>", "#include <cstdint>", "",
             '#include "protocol/schema.h"']
    if hot:
        lines.append('#include "protocol/hot_codec.h"')
    lines += ["", "namespace ottla::protocol {", "namespace {", ""]
    for message in file.messages:
        for structure in message.structures():
            lines += emit_structure(structure, message, hot, False)
        if hot:
            lines.append(f"constexpr CodecFunctions k{message.name}Codec = "
                         f"{hot_codec(message.name, message)}::functions();")
        lines += [emit_message_info(message, file, hot, False), ""]
        if hot and has_view(message.root):
            for structure in message.structures():
                if has_view(structure):
                    lines += emit_structure(structure, message, hot, True)
            lines.append(f"constexpr CodecFunctions k{message.name}ViewCodec = "
                         f"{hot_codec(message.name + 'View', message)}::view_functions();")
            lines += [emit_message_info(message, file, hot, True), ""]
    lines += ["}  // namespace", ""]
    for message in file.messages:
        lines += emit_definitions(message, hot)
    lines += ["", "}  // namespace ottla::protocol"]
    return "\n".join(lines) + "\n"
