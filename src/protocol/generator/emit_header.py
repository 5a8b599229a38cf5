"""The header of one schema file: plain structs, nothing that costs much to include."""

import textwrap

from cpp_names import element_type, initializer, member, member_type
from lazy import has_view, is_visited_in_place

WIDTH = 110


def versions_note(each, message):
    note = f"v{each.versions}" if each.versions.intersect(message.versions) != message.versions else ""
    if each.tag is not None:
        note += f"{', ' if note else ''}tag {each.tag}"
    return note


def comment(each, message):
    parts = [part for part in (versions_note(each, message), each.about) if part]
    return "  // " + ": ".join(parts) if parts else ""


def struct_lines(structure, message, nested):
    lines = [f"struct {structure.name} {{"]
    lines += ["  " + line if line else "" for line in nested]
    for each in structure.fields:
        lines.append(f"  {member_type(each)} {member(each)}{initializer(each)};{comment(each, message)}")
    if message.flexible:
        lines.append("  UnknownTags unknown_tags = {};")
    lines.append("")
    lines.append("  static const StructureInfo& structure();")
    if structure is message.root:
        lines.append("  static const MessageInfo& message();")
    return lines


def view_type(each):
    if not each.is_array:
        return f"{each.structure.name}::View" if is_visited_in_place(each) else member_type(each)
    if each.is_structure and has_view(each.structure):
        return f"Sequence<{each.structure.name}::View>"
    return f"Sequence<{element_type(each)}>"


def view_lines(structure, message):
    lines = ["// The same, in place: arrays are walked where they lie and nothing is allocated.", "struct View {"]
    for each in structure.fields:
        start = " = {}" if each.is_array or is_visited_in_place(each) else initializer(each)
        lines.append(f"  {view_type(each)} {member(each)}{start};")
    lines += ["", "  static const StructureInfo& structure();"]
    if structure is message.root:
        lines.append("  static const MessageInfo& message();")
    lines += ["  static const std::byte* read(const std::byte* at, const std::byte* end, std::int16_t version, "
              "View& out);", "};"]
    return lines


def emit_structure(structure, message, nested, hot):
    lines = struct_lines(structure, message, nested)
    if hot:
        if has_view(structure):
            lines += [""] + ["  " + line if line else "" for line in view_lines(structure, message)]
        else:
            lines.append("  static const std::byte* read(const std::byte* at, const std::byte* end, "
                         f"std::int16_t version, {structure.name}& out);")
    return lines + ["};"]


def emit_message(message, hot):
    nested = []
    for structure in message.structures():
        if structure is not message.root:
            nested += emit_structure(structure, message, [], hot) + [""]
    title = f"Versions {message.versions}" + (f", flexible {message.flexible}." if message.flexible else ".")
    lines = [f"// {line}" for line in textwrap.wrap(" ".join([title, *message.about]), WIDTH - 3)]
    return lines + emit_structure(message.root, message, nested, hot)


def emit_header(file):
    hot = file.api is not None and file.api.hot
    title = f"{file.api.name}, API key {file.api.key}" if file.api else file.stem.replace("_", " ")
    lines = [f"// {title[0].upper()}{title[1:]}: generated from messages/{file.stem}.schema.",
             *(f"// {line}".rstrip() for line in file.about), "#pragma once", "",
             "#include <cstddef>", "#include <cstdint>", "#include <string_view>", "",
             '#include "base/uuid.h"', '#include "protocol/array.h"', '#include "protocol/fields.h"',
             '#include "protocol/message.h"']
    if hot:
        lines.append('#include "protocol/sequence.h"')
    lines += ["", "namespace ottla::protocol {", ""]
    for message in file.messages:
        lines += emit_message(message, hot) + [""]
    lines.append("}  // namespace ottla::protocol")
    return "\n".join(lines) + "\n"
