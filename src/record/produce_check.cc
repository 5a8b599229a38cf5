#include "record/produce_check.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/endian.h"
#include "record/append_analysis.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"

namespace ottla::record {
namespace {

constexpr std::int16_t kFirstWithZstd = 7;

Rejection refuse(RejectReason reason, std::string message) {
  return {.reason = reason, .message = std::move(message), .records = {}};
}

}  // namespace

std::optional<Rejection> check_produced(std::span<const std::byte> records, std::int16_t version) {
  auto first = next_bounds(records);
  if (!first) return std::move(first).error();
  if (!*first) return refuse(RejectReason::invalid_record, "no whole batch for a partition");
  const BatchBounds bounds = **first;
  if (bounds.magic != kMagic) {
    return refuse(RejectReason::invalid_record, fmt::format("a produced batch of magic {}", bounds.magic));
  }
  // A batch without room for its attributes is found out by the log.
  if (version < kFirstWithZstd && bounds.size >= kRecordsAt) {
    const Attributes attributes(load_big_endian<std::int16_t>(records.data() + kAttributesAt));
    if (!attributes.compression_is_known()) {
      return refuse(RejectReason::undecodable,
                    fmt::format("no codec has the number {}", attributes.compression_id()));
    }
    if (attributes.compression_id() == static_cast<std::uint8_t>(Compression::zstd)) {
      return refuse(RejectReason::unsupported_compression,
                    fmt::format("zstd in a Produce request of version {}", version));
    }
  }
  auto second = next_bounds(records.subspan(bounds.size));
  if (!second) return std::move(second).error();
  if (*second) return refuse(RejectReason::invalid_record, "several batches for one partition");
  return std::nullopt;
}

}  // namespace ottla::record
