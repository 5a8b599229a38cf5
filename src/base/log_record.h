// A log line in its binary form, between the shard that wrote it and the drain that formats it.
//
// Lifetime:   bytes in a LogBuffer; texts that are literals in the program (message, keys, module, file)
//             travel as pointers, all others as copies.
// Invariants: 1. a record is at most kMaxLogRecord bytes; what does not fit is cut or left out, and counted
//             2. a record never leaves the process: its layout is free to change
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/log_field.h"
#include "base/log_level.h"

namespace ottla {

inline constexpr std::size_t kMaxLogRecord = 8192;
inline constexpr std::size_t kMaxLogString = 2048;

struct LogRecordHeader {
  std::int64_t time_ns = 0;  // since 1970, UTC
  std::string_view module;
  std::string_view message;
  std::string_view file;
  std::uint32_t line = 0;
  std::uint32_t shard = 0;
  std::uint32_t suppressed = 0;  // lines of this call-site that the rate limit held back before this one
  LogLevel level = LogLevel::info;
  std::uint8_t fields = 0;
  std::uint8_t fields_left_out = 0;
};

// Returns the record's size. `out` holds kMaxLogRecord bytes.
std::size_t encode_log_record(std::span<std::byte, kMaxLogRecord> out, LogRecordHeader header,
                              std::span<const LogField> fields);

struct LogFieldView {
  // Errors have become strings.
  using Value = std::variant<std::int64_t, std::uint64_t, double, bool, std::string_view, Redacted>;

  std::string_view key;
  Value value;
  std::uint32_t cut = 0;  // bytes of a string that did not fit
};

// Reads a record back; a view of its bytes.
class LogRecordView {
 public:
  explicit LogRecordView(std::span<const std::byte> record);

  const LogRecordHeader& header() const { return header_; }
  std::optional<LogFieldView> next_field();

 private:
  LogRecordHeader header_;
  std::span<const std::byte> rest_;
  std::uint8_t fields_left_;
};

}  // namespace ottla
