// fuzz: base
// Whatever bytes a field holds, its line is one line: of valid JSON, or of text without control characters.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "base/json_checker.h"
#include "base/log_field.h"
#include "base/log_format.h"
#include "base/log_record.h"

namespace {

using namespace ottla;

// Cuts the input into fields: a byte for the kind, eight for a number, or the text up to the next zero.
std::vector<LogField> fields_of(std::string_view input, std::vector<Error>& errors) {
  std::vector<LogField> fields;
  errors.reserve(input.size());
  while (!input.empty()) {
    const auto kind = static_cast<unsigned char>(input[0]) % 7;
    input.remove_prefix(1);
    const std::string_view text = input.substr(0, input.find('\0'));
    std::uint64_t bits = 0;
    std::memcpy(&bits, input.data(), std::min(input.size(), sizeof bits));
    switch (kind) {
      case 0:
        fields.push_back(field("bits", bits));
        break;
      case 1:
        fields.push_back(field("signed", std::bit_cast<std::int64_t>(bits)));
        break;
      case 2:
        fields.push_back(field("double", std::bit_cast<double>(bits)));
        break;
      case 3:
        errors.emplace_back(Errc::io_error, std::string(text), Error(Errc::system, std::string(text)));
        fields.push_back(field("error", errors.back()));
        break;
      case 4:
        fields.push_back(field("secret", redacted(text)));
        break;
      default:
        fields.push_back(field("text", text));
    }
    input.remove_prefix(kind < 3 ? std::min(input.size(), sizeof bits) : text.size());
  }
  return fields;
}

bool control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<Error> errors;
  const std::vector<LogField> fields = fields_of({reinterpret_cast<const char*>(data), size}, errors);
  std::array<std::byte, kMaxLogRecord> bytes;
  LogRecordHeader header{.module = "fuzz", .message = "line", .file = "log_json_fuzz.cc", .line = __LINE__};
  std::memcpy(&header.time_ns, data, std::min(size, sizeof header.time_ns));
  const auto record = std::span(bytes).first(encode_log_record(bytes, header, fields));

  std::string json;
  append_log_line(json, LogFormat::json, LogRecordView(record));
  OTTLA_INVARIANT(json.ends_with('\n'), "a line has an end", json);
  json.pop_back();
  OTTLA_INVARIANT(JsonChecker::valid(json), "a JSON line is JSON", json);

  std::string text;
  append_log_line(text, LogFormat::text, LogRecordView(record));
  OTTLA_INVARIANT(std::ranges::find_if(text, control) == text.end() - 1, "a text line is one line", text);
  return 0;
}
