#include "record/validator.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/exclusive_bytes.h"
#include "base/invariant.h"
#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/append_analysis.h"
#include "record/append_rules.h"
#include "record/batch_check.h"
#include "record/batch_layout.h"
#include "record/batch_rebuild.h"
#include "record/batch_view.h"
#include "record/compression/decompressor.h"
#include "record/record_runs.h"
#include "record/record_walker.h"

namespace ottla::record {
namespace {

// The runs of a compressed batch.
class UnpackedRuns final : public RecordRuns {
 public:
  explicit UnpackedRuns(Decompressor decompressor) : decompressor_(std::move(decompressor)) {}
  Result<std::span<const std::byte>> next() override { return decompressor_.next(); }

 private:
  Decompressor decompressor_;
};

[[gnu::cold, gnu::noinline]] std::unexpected<Rejection> refuse(RejectReason reason, std::string message,
                                                               RejectMeter meter = RejectMeter::none,
                                                               std::int64_t metered = 1) {
  return std::unexpected(Rejection{
      .reason = reason, .message = std::move(message), .records = {}, .meter = meter, .metered = metered});
}

// Whether the batch can stay as it came.
bool stays(const BatchView& batch, const RecordFindings& findings, const AppendRules& rules) {
  // The ends of transactions are never compressed: readers look for them by their attributes alone.
  if (batch.attributes().is_control()) return true;
  const bool same_codec =
      !rules.compression || rules.compression->compression == batch.attributes().compression();
  return same_codec && findings.contiguous;
}

}  // namespace

Validator::Verdict Validator::validate(ExclusiveBytes records, const AppendRules& rules,
                                       const AppendPlace& place) {
  auto analysis = analyze_append(records.as_span(), rules, place, batches_);
  if (!analysis) [[unlikely]]
    return std::unexpected(std::move(analysis).error());
  records.truncate(analysis->valid_bytes);
  if (batches_.empty()) return ValidatedAppend{};
  return assigns_offsets(place.origin) ? take_one(std::move(records), rules, place)
                                       : take_as_they_are(std::move(records), place);
}

Validator::Verdict Validator::take_as_they_are(ExclusiveBytes&& records, const AppendPlace& place) {
  const BatchSummary& first = batches_.front();
  if (first.base_offset < place.next_offset) {
    return refuse(
        RejectReason::unexpected_offset,
        fmt::format("batches with the offsets {} to {} cannot go behind {}", first.base_offset.raw(),
                    batches_.back().last_offset.raw(), place.next_offset.raw()));
  }
  Verdict verdict;
  finish(*verdict, std::move(records).freeze());
  return verdict;
}

void Validator::finish(ValidatedAppend& append, Slice bytes) const {
  append.bytes = std::move(bytes);
  append.batches = batches_;
  append.first_offset = batches_.front().base_offset;
  append.last_offset = batches_.back().last_offset;
  append.last_leader_epoch = LeaderEpoch(batches_.back().leader_epoch);
  for (const BatchSummary& batch : batches_) {
    if (batch.max_timestamp > append.max_timestamp) {
      append.max_timestamp = batch.max_timestamp;
      append.offset_of_max_timestamp = batch.last_offset;
    }
  }
}

Validator::Verdict Validator::take_one(ExclusiveBytes&& records, const AppendRules& rules,
                                       const AppendPlace& place) {
  if (batches_.size() > 1 || batches_.front().magic != kMagic) [[unlikely]]
    return refuse_batches();
  const BatchView batch = BatchView::whole(records.as_span());
  if (!keeps_header_rules(batch, place.origin)) [[unlikely]]
    return std::unexpected(refuse_header(batch, place.origin));
  auto findings = check(batch, rules, place);
  if (!findings) [[unlikely]]
    return std::unexpected(std::move(findings).error());

  BatchSummary& summary = batches_.front();
  const auto last_offset = place.next_offset.checked_add(batch.last_offset_delta());
  if (!last_offset.ok()) [[unlikely]]
    return refuse(RejectReason::invalid_record, "the log has no offsets left");
  const bool rebuilt = !stays(batch, *findings, rules);
  if (rebuilt) [[unlikely]] {
    auto built = rebuild(batch, *findings, rules);
    if (!built) return std::unexpected(std::move(built).error());
    records = ExclusiveBytes(*std::move(built));
    summary.size = records.size();
    summary.compression = BatchView::whole(records.as_span()).attributes().compression();
  }
  const bool broker_time = rules.timestamp_type == TimestampType::log_append_time;
  summary.base_offset = place.next_offset;
  summary.last_offset = *last_offset;
  summary.max_timestamp = broker_time ? place.now_ms : findings->max_timestamp;
  summary.leader_epoch = place.leader_epoch.raw();
  place_batch(records.span(), rules.timestamp_type, summary.max_timestamp, place);

  Verdict verdict;
  verdict->rebuilt = rebuilt;
  if (broker_time) verdict->log_append_time = place.now_ms;
  finish(*verdict, std::move(records).freeze());
  return verdict;
}

Validator::Verdict Validator::refuse_batches() const {
  if (batches_.front().magic != kMagic) {
    return refuse(RejectReason::invalid_record,
                  fmt::format("batches of magic {} are no longer written", batches_.front().magic),
                  RejectMeter::magic);
  }
  return refuse(RejectReason::invalid_record,
                fmt::format("{} batches for one partition, one may be written at a time", batches_.size()));
}

std::expected<RecordFindings, Rejection> Validator::check(const BatchView& batch, const AppendRules& rules,
                                                          const AppendPlace& place) {
  const Compression codec = batch.attributes().compression();
  if (codec == Compression::none) {
    RecordWalker walker(batch.records(), batch.count());
    return check_records(batch, walker, rules, place);
  }
  auto decompressor =
      Decompressor::open(codecs_, codec, batch.records(),
                         {.max_output = static_cast<std::uint64_t>(rules.max_unpacked_bytes())});
  if (!decompressor.ok()) return refuse(RejectReason::undecodable, decompressor.error().to_string());
  UnpackedRuns runs(*std::move(decompressor));
  RecordWalker walker(runs, batch.count(), rules.max_record_bytes);
  return check_records(batch, walker, rules, place);
}

std::expected<Slice, Rejection> Validator::rebuild(const BatchView& batch, const RecordFindings& findings,
                                                   const AppendRules& rules) {
  auto built = rebuild_batch(batch, findings, rules, codecs_, source_);
  if (!built.ok()) {
    const bool too_large = built.error() == Errc::too_large;
    return refuse(too_large ? RejectReason::too_large : RejectReason::undecodable, built.error().to_string());
  }
  if (built->size() > static_cast<std::size_t>(rules.max_message_bytes)) {
    return refuse(RejectReason::too_large,
                  fmt::format("a batch of {} bytes once it was compressed as the topic demands, "
                              "max.message.bytes is {}",
                              built->size(), rules.max_message_bytes),
                  RejectMeter::bytes, static_cast<std::int64_t>(batch.size()));
  }
  return *std::move(built);
}

}  // namespace ottla::record
