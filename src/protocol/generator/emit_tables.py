"""What is about all schema files together: API keys, error codes, and tables of all messages."""

from cpp_names import safe, snake

HEAD = ["#pragma once", "", "#include <cstdint>", "", "namespace ottla::protocol {", ""]
TAIL = ["", "}  // namespace ottla::protocol", ""]


def apis_of(files):
    return sorted((file.api for file in files if file.api is not None), key=lambda api: api.key)


def emit_api_key(files):
    lines = ["// The APIs by their keys: generated from messages/*.schema.", *HEAD, "enum class ApiKey : std::int16_t {"]
    lines += [f"  {safe(snake(api.name))} = {api.key}," for api in apis_of(files)]
    return "\n".join([*lines, "};", *TAIL])


def emit_error_code(errors):
    lines = ["// The wire's error codes: generated from messages/error_codes.table.", *HEAD,
             "enum class ErrorCode : std::int16_t {"]
    lines += [f"  {safe(error.name.lower())} = {error.code}," for error in errors]
    return "\n".join([*lines, "};", *TAIL])


def api_line(api):
    listeners = " | ".join(f"Listener::k{each.capitalize()}" for each in api.listeners) or "0"
    parts = [f".key = ApiKey::{safe(snake(api.name))}", f'.name = "{api.name}"', f".listeners = {listeners}"]
    if api.forwardable:
        parts.append(".forwardable = true")
    if api.cluster_action:
        parts.append(".cluster_action = true")
    if not api.removed:
        parts.append(f".request = &{api.name}Request::message(), .response = &{api.name}Response::message()")
    return "      {" + ", ".join(parts) + "},"


def emit_tables(files, errors):
    described = [file for file in files if file.messages]
    records = sorted((file.topic, message.kind, message.key, message.name) for file in files if file.topic
                     for message in file.messages)
    lines = ["// All messages: generated from messages/*.schema.", "", "#include <span>", "",
             '#include "protocol/api.h"', '#include "protocol/error_code.h"', '#include "protocol/error_info.h"']
    lines += [f'#include "protocol/messages/{file.stem}.h"' for file in described]
    lines += ['#include "protocol/record_types.h"', '#include "protocol/registry.h"', "", "namespace ottla::protocol {",
              "", "std::span<const ApiInfo> all_apis() {", "  static const ApiInfo table[] = {"]
    lines += [api_line(api) for api in apis_of(files)]
    lines += ["  };", "  return table;", "}", "", "std::span<const MessageInfo* const> all_messages() {",
              "  static const MessageInfo* const table[] = {"]
    lines += [f"      &{message.name}::message()," for file in described for message in file.messages]
    lines += ["  };", "  return table;", "}", "", "std::span<const RecordTypeInfo> all_record_types() {",
              "  static const RecordTypeInfo table[] = {"]
    lines += [f'      {{.topic = "{topic}", .message = &{name}::message()}},' for topic, _, _, name in records]
    lines += ["  };", "  return table;", "}", "", "std::span<const ErrorInfo> all_errors() {",
              "  static constexpr ErrorInfo table[] = {"]
    lines += [error_line(error) for error in errors]
    return "\n".join([*lines, "  };", "  return table;", "}", *TAIL])


def error_line(error):
    parts = [f".code = ErrorCode::{safe(error.name.lower())}", f'.name = "{error.name}"']
    if error.retriable:
        parts.append(".retriable = true")
    if error.refreshes_metadata:
        parts.append(".refreshes_metadata = true")
    return "      {" + ", ".join(parts) + "},"
