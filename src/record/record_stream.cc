#include "record/record_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/result.h"
#include "base/varint.h"
#include "record/record_view.h"

namespace ottla::record {

Result<std::optional<RecordView>> RecordStream::next() {
  if (over_) return std::optional<RecordView>();
  over_ = true;  // until this record turns out well
  if (count_ < 0) return Error(Errc::malformed, fmt::format("a batch of {} records", count_));
  if (position_ == count_) {
    OTTLA_CHECK(check_end());
    return std::optional<RecordView>();
  }
  OTTLA_TRY(const std::uint32_t zigzag, read_size());
  const auto size = unzigzag(zigzag);
  if (size < 0) return Error(Errc::malformed, fmt::format("a record of {} bytes", size));
  if (static_cast<std::size_t>(size) > most_) {
    return Error(Errc::too_large, fmt::format("a record of {} bytes; {} are read at most", size, most_));
  }
  OTTLA_TRY(const std::span<const std::byte> body, read_body(static_cast<std::size_t>(size)));
  OTTLA_TRY(const RecordView record, read_record(body));
  ++position_;
  over_ = false;
  return std::optional(record);
}

Result<std::uint32_t> RecordStream::read_size() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    OTTLA_TRY(const bool any, refill());
    if (!any) {
      return Error(Errc::truncated,
                   fmt::format("a batch that promises {} records ends after {}", count_, position_));
    }
    const auto byte = static_cast<std::uint8_t>(run_.front());
    run_ = run_.subspan(1);
    value |= static_cast<std::uint32_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  return Error(Errc::malformed, "a record's size of more than five bytes");
}

Result<std::span<const std::byte>> RecordStream::read_body(std::size_t size) {
  if (run_.size() >= size) {
    const auto body = run_.first(size);
    run_ = run_.subspan(size);
    return body;
  }
  straddling_.clear();
  while (straddling_.size() < size) {
    OTTLA_TRY(const bool any, refill());
    if (!any) {
      return Error(Errc::truncated,
                   fmt::format("record {} has {} of {} bytes", position_, straddling_.size(), size));
    }
    const auto part = run_.first(std::min(run_.size(), size - straddling_.size()));
    straddling_.insert(straddling_.end(), part.begin(), part.end());
    run_ = run_.subspan(part.size());
  }
  return std::span<const std::byte>(straddling_);
}

Result<> RecordStream::check_end() {
  OTTLA_TRY(const bool any, refill());
  if (!any) return {};
  return Error(Errc::malformed,
               fmt::format("a batch that promises {} records has bytes behind them", count_));
}

Result<bool> RecordStream::refill() {
  if (run_.empty()) {
    OTTLA_TRY(run_, runs_.next());
  }
  return !run_.empty();
}

}  // namespace ottla::record
