#include "record/batch_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/record_walker.h"

namespace ottla::record {
namespace {

Rejection invalid(std::string message, RejectMeter meter) {
  return {
      .reason = RejectReason::invalid_record, .message = std::move(message), .records = {}, .meter = meter};
}

// Differences of times wrap around, as in the reference: with the largest bounds no time is out of them.
std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

// Which records break which rule. Filled only when a batch is refused.
class Complaints {
 public:
  bool empty() const { return count_ == 0; }

  void no_key(std::int32_t index, std::string_view partition) {
    ++without_key_;
    add(index,
        fmt::format("Compacted topic cannot accept message without key in topic partition {}", partition));
  }
  void bad_time(std::int32_t index, std::int32_t offset, std::int64_t timestamp, const AppendRules& rules,
                std::int64_t now) {
    timestamps_ = true;
    add(index,
        fmt::format(
            "Timestamp {} of message with offset {} is out of range. The timestamp should be within [{}, {}]",
            timestamp, offset, wrapping_difference(now, rules.before_max_ms),
            wrapping_difference(now, wrapping_difference(0, rules.after_max_ms))));
  }
  void broker_time(std::int32_t index, std::int64_t timestamp, const RecordHead& head, bool compressed) {
    timestamps_ = true;
    const std::int32_t least = compressed ? -1 : 0;  // of a size that is told
    add(index, fmt::format("Invalid timestamp type in message {}DefaultRecord(offset={}, timestamp={}, "
                           "key={} bytes, value={} "
                           "bytes). Producer should not set timestamp type to LogAppendTime.",
                           compressed ? "Partial" : "", head.offset_delta, timestamp,
                           std::max(head.key_size, least), std::max(head.value_size, least)));
  }

  Rejection finish() && {
    Rejection rejection;
    rejection.reason = timestamps_ ? RejectReason::invalid_timestamp : RejectReason::invalid_record;
    rejection.message =
        timestamps_ ? "One or more records have been rejected due to invalid timestamp" : words();
    rejection.records = std::move(records_);
    if (without_key_ > 0) rejection.meter = RejectMeter::no_key;
    rejection.metered = without_key_ > 0 ? without_key_ : 1;
    return rejection;
  }

 private:
  void add(std::int32_t index, std::string message) {
    ++count_;
    if (records_.size() < Rejection::kMaxListed) records_.push_back({index, std::move(message)});
  }

  // As the reference prints its first three.
  std::string words() const {
    std::string first;
    for (const RecordError& each : std::span(records_).first(std::min(records_.size(), std::size_t{3}))) {
      first += fmt::format("{}RecordError(batchIndex={}, message='{}')", first.empty() ? "" : ", ",
                           each.batch_index, each.message);
    }
    return fmt::format(
        "One or more records have been rejected due to {} record errors in total, and only showing the "
        "first three errors at most: [{}]",
        count_, first);
  }

  std::vector<RecordError> records_;
  std::int64_t count_ = 0;
  std::int64_t without_key_ = 0;
  bool timestamps_ = false;
};

// The rules that a record is held against, taken apart once for each batch.
class RecordRules {
 public:
  RecordRules(const BatchView& batch, const AppendRules& rules, const AppendPlace& place)
      : rules_(rules),
        place_(place),
        now_(place.now_ms),
        base_timestamp_(static_cast<std::uint64_t>(batch.base_timestamp())),
        max_timestamp_(batch.max_timestamp()),
        create_time_(rules.timestamp_type == TimestampType::create_time),
        marked_log_append_time_(batch.attributes().timestamp_type() == TimestampType::log_append_time),
        is_compressed_(batch.attributes().compression_id() != 0) {}

  std::int64_t timestamp_of(const RecordHead& head) const {
    if (marked_log_append_time_) [[unlikely]]
      return max_timestamp_;
    return static_cast<std::int64_t>(base_timestamp_ + static_cast<std::uint64_t>(head.timestamp_delta));
  }

  // Whether the record keeps to the rules. A record has one complaint at most: its key comes first.
  bool keeps(const RecordHead& head, std::int64_t timestamp) const {
    if (rules_.compacted && head.key_size < 0) [[unlikely]]
      return false;
    if (create_time_ && timestamp != kNoTimestamp) return is_within_bounds(timestamp);
    return !marked_log_append_time_;
  }

  [[gnu::cold, gnu::noinline]] void complain(const RecordHead& head, std::int32_t index,
                                             std::int64_t timestamp, Complaints& complaints) const {
    if (rules_.compacted && head.key_size < 0) {
      complaints.no_key(index, place_.partition);
    } else if (create_time_ && timestamp != kNoTimestamp) {
      complaints.bad_time(index, head.offset_delta, timestamp, rules_, now_);
    } else {
      complaints.broker_time(index, timestamp, head, is_compressed_);
    }
  }

 private:
  bool is_within_bounds(std::int64_t timestamp) const {
    const std::int64_t age = wrapping_difference(now_, timestamp);
    return age <= rules_.before_max_ms && wrapping_difference(0, age) <= rules_.after_max_ms;
  }

  const AppendRules& rules_;
  const AppendPlace& place_;
  const std::int64_t now_;
  const std::uint64_t base_timestamp_;
  const std::int64_t max_timestamp_;
  const bool create_time_;
  const bool marked_log_append_time_;
  const bool is_compressed_;
};

[[gnu::cold, gnu::noinline]] Rejection refuse_walk(const RecordWalker& walker, const BatchView& batch,
                                                   std::int32_t max_record_bytes) {
  const auto invalid_record = [](std::string message) {
    return invalid(std::move(message), RejectMeter::none);
  };
  switch (walker.fault()) {
    case WalkFault::negative_count:
      return invalid_record(fmt::format("a batch with {} records", batch.count()));
    case WalkFault::record_too_large:
      return invalid_record(
          fmt::format("record {} of the batch has more than {} bytes", walker.position(), max_record_bytes));
    case WalkFault::cut:
      return invalid_record(fmt::format("the batch has {} records, its bytes end within record {}",
                                        batch.count(), walker.position()));
    case WalkFault::bytes_left:
      return invalid_record(fmt::format("bytes are left behind the last of {} records", batch.count()));
    case WalkFault::undecodable: {
      const Error& error = *walker.source_error();
      const bool too_large = error == Errc::too_large;
      return {
          .reason = too_large ? RejectReason::too_large : RejectReason::undecodable,
          .message = fmt::format("record {} of a compressed batch: {}", walker.position(), error.to_string()),
          .records = {},
          .meter = RejectMeter::none};
    }
    case WalkFault::malformed:
    case WalkFault::none:
      break;
  }
  return invalid_record(
      fmt::format("the sizes in record {} of the batch do not fit into each other", walker.position()));
}

}  // namespace

bool keeps_header_rules(const BatchView& batch, AppendOrigin origin) {
  const std::int64_t offsets = std::int64_t{batch.last_offset_delta()} + 1;
  if (offsets <= 0 || batch.count() != offsets) return false;
  if (origin != AppendOrigin::client) return true;
  if (batch.attributes().is_control()) return false;
  return batch.has_producer() ? batch.base_sequence() >= 0 && batch.producer_epoch() >= 0
                              : !batch.attributes().is_transactional();
}

// In the order in which the reference looks; the last two are ours, it lets these through.
[[gnu::cold]] Rejection refuse_header(const BatchView& batch, AppendOrigin origin) {
  constexpr auto kMeter = RejectMeter::offset_or_sequence;
  const std::int64_t offsets = std::int64_t{batch.last_offset_delta()} + 1;
  if (offsets <= 0) {
    return invalid(fmt::format("the last offset delta of a batch is {}", batch.last_offset_delta()), kMeter);
  }
  if (batch.count() <= 0) return invalid(fmt::format("a batch with {} records", batch.count()), kMeter);
  if (batch.count() != offsets) {
    return invalid(fmt::format("a batch with {} records and {} offsets", batch.count(), offsets), kMeter);
  }
  OTTLA_INVARIANT(origin == AppendOrigin::client, "a header that keeps to the rules was refused");
  if (batch.attributes().is_control()) return invalid("clients may not write control batches", kMeter);
  if (!batch.has_producer()) {
    return invalid("a batch of a transaction without a producer", RejectMeter::none);
  }
  if (batch.base_sequence() < 0) {
    return invalid(fmt::format("producer {} sent a batch with the sequence {}", batch.producer_id(),
                               batch.base_sequence()),
                   kMeter);
  }
  return invalid(
      fmt::format("producer {} sent a batch with the epoch {}", batch.producer_id(), batch.producer_epoch()),
      RejectMeter::none);
}

std::expected<RecordFindings, Rejection> check_records(const BatchView& batch, RecordWalker& walker,
                                                       const AppendRules& rules, const AppendPlace& place) {
  const RecordRules keep_to(batch, rules, place);
  RecordFindings findings;
  Complaints complaints;
  RecordHead head;
  for (std::int32_t index = 0; walker.next(head); ++index) {
    const std::int64_t timestamp = keep_to.timestamp_of(head);
    if (!keep_to.keeps(head, timestamp)) [[unlikely]] {
      keep_to.complain(head, index, timestamp, complaints);
    }
    findings.max_timestamp = std::max(findings.max_timestamp, timestamp);
    findings.contiguous &= head.offset_delta == index;
    findings.canonical &= head.is_canonical() && (index > 0 || head.timestamp_delta == 0);
  }
  // A batch that is no batch says so before it says anything of its records.
  if (walker.fault() != WalkFault::none) {
    return std::unexpected(refuse_walk(walker, batch, rules.max_record_bytes));
  }
  if (!complaints.empty()) return std::unexpected(std::move(complaints).finish());
  findings.bytes = walker.bytes();
  return findings;
}

}  // namespace ottla::record
