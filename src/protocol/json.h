// Messages as JSON, with the reference's field names and forms, and back.
//
// Use:         log_text = to_json(request, version);
//              OTTLA_CHECK(from_json(text, version, arena, request));
// Form:        the fields of that version in their order, tagged ones only when they differ from the default;
//              identifiers as 22 characters, bytes in base64. Unknown tagged fields are not shown.
// Lifetime:    a message that was read points into the arena, which holds the parsed text too.
// Concurrency: confined to one shard.
// Invariants:  1. writing never fails: text that is not UTF-8 shows as U+FFFD, what a version cannot carry is
//                 left out, secrets show as "[redacted]" unless asked for
//              2. a message without unknown tags, written with kWholeJson, is read back equal
// Errors:      malformed (not JSON, or nested too deeply), invalid_argument (unknown, missing or repeated
//              fields, wrong types, numbers out of range), out_of_budget, unsupported (no such version); the text
//              has the path of the field, never contents.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "protocol/message.h"
#include "protocol/schema.h"

namespace ottla::protocol {

enum class JsonLayout : std::uint8_t { compact, pretty };
// Record sets: how many bytes they have ("recordsSizeInBytes"), or all of them in base64.
enum class JsonRecords : std::uint8_t { size, base64 };
enum class JsonSecrets : std::uint8_t { redacted, shown };

struct JsonStyle {
  JsonLayout layout = JsonLayout::compact;
  JsonRecords records = JsonRecords::size;
  JsonSecrets secrets = JsonSecrets::redacted;
};
// What from_json reads back in full.
inline constexpr JsonStyle kWholeJson = {.records = JsonRecords::base64, .secrets = JsonSecrets::shown};

// `data` is a structure of that message; in place of arrays it may hold none that are walked (Views).
void append_json(std::string& out, const MessageInfo& message, std::int16_t version, const void* data,
                 JsonStyle style = {});
// `out` is a structure of that message.
Result<> from_json(const MessageInfo& message, std::string_view text, std::int16_t version, Arena& arena,
                   void* out);

template <Message T>
std::string to_json(const T& message, std::int16_t version, JsonStyle style = {}) {
  std::string text;
  append_json(text, T::message(), version, &message, style);
  return text;
}
template <Message T>
Result<> from_json(std::string_view text, std::int16_t version, Arena& arena, T& out) {
  return from_json(T::message(), text, version, arena, &out);
}

}  // namespace ottla::protocol
