#include "cli/dump_log/report.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::cli {

std::string message_of(const Error& error) {
  std::string message;
  for (const Error* each = &error; each != nullptr; each = each->cause()) {
    if (!message.empty()) message += ": ";
    message += each->text().empty() ? ottla::name_of(each->code()) : each->text();
  }
  return message;
}

std::string codec_name(std::uint8_t id) {
  constexpr std::array<std::string_view, 5> kNames = {"none", "gzip", "snappy", "lz4", "zstd"};
  return id < kNames.size() ? std::string(kNames[id]) : fmt::format("unknown({})", id);
}

std::string_view name_of(TimeKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"NoTimestampType", "CreateTime", "LogAppendTime"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::int32_t first_sequence_of(const storage::ProducerSnapshotEntry& entry) {
  const std::int64_t first = std::int64_t{entry.last_sequence} - entry.offset_delta;
  return static_cast<std::int32_t>(first < 0 ? first + INT32_MAX + 1 : first);
}

}  // namespace ottla::cli
