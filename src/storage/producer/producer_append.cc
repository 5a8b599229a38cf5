#include "storage/producer/producer_append.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/offset.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "record/record_view.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/verification.h"

namespace ottla::storage {
namespace {

using record::AppendOrigin;
using record::BatchView;
using record::ControlType;
using record::EndMarker;
using record::RecordReader;
using record::RecordView;

constexpr std::int16_t kRaisesEpochs = 2;  // the version of transactions
constexpr std::int16_t kLastEpoch = std::numeric_limits<std::int16_t>::max();

Verdict rejected(ProducerFault fault, std::string text) {
  return {.kind = Verdict::Kind::rejected, .fault = fault, .text = std::move(text), .duplicate = {}};
}

Verdict out_of_order(std::int64_t id, Offset offset, std::int32_t sequence, std::string_view why) {
  return rejected(ProducerFault::out_of_order_sequence,
                  fmt::format("sequence {} of producer {} at offset {} is out of order: {}", sequence, id,
                              offset.raw(), why));
}

// What the first record of a control batch is.
struct Marker {
  EndMarker end;
  std::int64_t timestamp = 0;
};

// Nothing for a batch whose records were all cleaned away.
Result<std::optional<Marker>> read_marker(const BatchView& batch) {
  if (batch.attributes().compression_id() != 0) return Error(Errc::malformed, "it is compressed");
  RecordReader reader(batch.records(), batch.count());
  if (reader.at_end()) return std::optional<Marker>();
  OTTLA_TRY(const RecordView record, reader.next());
  OTTLA_TRY(const auto type, read_control_type(record));
  if (!type) return Error(Errc::malformed, "it is of an unknown type");
  OTTLA_TRY(const EndMarker end, read_end_marker(*type, record));
  return std::optional(Marker{.end = end, .timestamp = batch.timestamp_at(record.timestamp_delta)});
}

bool follows(std::int32_t sequence, std::int32_t last) {
  return sequence == std::int64_t{last} + 1 || (sequence == 0 && last == INT32_MAX);
}

}  // namespace

std::string_view name_of(ProducerFault fault) {
  constexpr std::string_view kNames[] = {
      "none",          "invalid_epoch", "out_of_order_sequence", "invalid_transaction", "coordinator_fenced",
      "invalid_marker"};
  return kNames[static_cast<std::size_t>(fault)];
}

void ProducerAppend::begin(const AppendTerms& terms) {
  terms_ = terms;
  pending_.clear();
  places_.clear();
  started_.clear();
  completed_.clear();
}

ProducerAppend::Pending& ProducerAppend::pending_for(std::int64_t producer_id, bool& is_new) {
  constexpr std::size_t kScanned = 16;
  const auto id_of = [](const Pending& each) { return each.next.facts.id; };
  is_new = false;
  if (pending_.size() <= kScanned) {
    if (const auto found = std::ranges::find(pending_, producer_id, id_of); found != pending_.end())
      return *found;
  } else {
    if (places_.empty()) {
      for (std::size_t place = 0; place < pending_.size(); ++place)
        places_.emplace(id_of(pending_[place]), place);
    }
    const auto [found, added] = places_.emplace(producer_id, pending_.size());
    if (!added) return pending_[found->second];
  }
  is_new = true;
  pending_.emplace_back().next.facts.id = producer_id;
  return pending_.back();
}

Verdict ProducerAppend::check_epoch(const Pending& pending, std::int16_t epoch, Offset offset,
                                    std::int16_t version) const {
  const std::int16_t known = pending.next.facts.epoch;
  const bool is_old = version >= kRaisesEpochs ? epoch <= known : epoch < known;
  if (!is_old) return {};
  // The coordinator says again what it said already: the transaction has ended, or its epochs have.
  const bool again = version >= kRaisesEpochs && epoch == known &&
                     (!pending.next.facts.in_transaction() || epoch == kLastEpoch);
  if (again || !checks_all()) return {};
  return rejected(ProducerFault::invalid_epoch,
                  fmt::format("epoch {} of producer {} at offset {} is over: the partition has seen epoch {}",
                              epoch, pending.next.facts.id, offset.raw(), known));
}

Verdict ProducerAppend::check_sequence(const Pending& pending, std::int16_t epoch, std::int32_t sequence,
                                       Offset offset) const {
  const ProducerImage& next = pending.next;
  const std::int64_t id = next.facts.id;
  if (const auto& verification = pending.verification) {
    if (verification->raises_epoch && sequence != 0 && !pending.had_batches) {
      return out_of_order(id, offset, sequence, "its transaction begins with 0, and nothing of it is here");
    }
    if (sequence > verification->lowest_sequence) {
      return out_of_order(id, offset, sequence,
                          fmt::format("{} came first and is not written yet", verification->lowest_sequence));
    }
  }
  if (epoch != next.facts.epoch) {
    if (sequence == 0 || next.facts.epoch == record::kNoProducerEpoch) return {};
    return out_of_order(id, offset, sequence, fmt::format("epoch {} has to begin with 0", epoch));
  }
  const std::int32_t last = !next.batches.empty()        ? next.batches.back().last_sequence
                            : epoch == pending.old_epoch ? pending.old_sequence
                                                         : record::kNoSequence;
  // Of a producer whose records have all been deleted any sequence is the next.
  if (pending.old_epoch == record::kNoProducerEpoch || follows(sequence, last)) return {};
  return out_of_order(id, offset, sequence, fmt::format("the last one is {}", last));
}

Verdict ProducerAppend::add_data(Pending& pending, const BatchView& batch) {
  const Offset first = batch.base_offset();
  const auto last = batch.last_offset();
  if (!last.ok())
    return rejected(ProducerFault::invalid_marker, "the offsets of a batch are beyond all numbers");
  Verdict verdict = check_epoch(pending, batch.producer_epoch(), first, -1);
  if (verdict.is_fresh() && terms_.origin == AppendOrigin::client) {
    verdict = check_sequence(pending, batch.producer_epoch(), batch.base_sequence(), first);
  }
  if (!verdict.is_fresh()) return verdict;

  ProducerFacts& facts = pending.next.facts;
  const bool transactional = batch.attributes().is_transactional();
  if (facts.in_transaction() && !transactional) {
    return rejected(ProducerFault::invalid_transaction,
                    fmt::format("producer {} writes at offset {} outside of its transaction, which is open",
                                facts.id, first.raw()));
  }
  pending.next.set_epoch(batch.producer_epoch());
  pending.next.add({.last_offset = *last,
                    .timestamp = batch.max_timestamp(),
                    .last_sequence = batch.last_sequence(),
                    .offset_delta = batch.last_offset_delta()});
  facts.last_timestamp = batch.max_timestamp();
  if (transactional && !facts.in_transaction()) {
    facts.transaction_start = first;
    started_.push_back({.first_offset = first, .producer_id = facts.id});
  }
  return {};
}

Verdict ProducerAppend::add_marker(Pending& pending, const BatchView& batch) {
  const auto marker = read_marker(batch);
  if (!marker.ok()) {
    return rejected(
        ProducerFault::invalid_marker,
        fmt::format("the control batch of producer {} at offset {} ends no transaction: {}",
                    pending.next.facts.id, batch.base_offset().raw(), marker.error().to_string()));
  }
  if (!*marker) return {};
  return end_transaction(pending, (*marker)->end, batch.producer_epoch(), batch.base_offset(),
                         (*marker)->timestamp);
}

Verdict ProducerAppend::end_transaction(Pending& pending, const EndMarker& marker, std::int16_t epoch,
                                        Offset offset, std::int64_t timestamp) {
  Verdict verdict = check_epoch(pending, epoch, offset, terms_.transaction_version);
  if (!verdict.is_fresh()) return verdict;
  ProducerFacts& facts = pending.next.facts;
  if (facts.coordinator_epoch > marker.coordinator_epoch && checks_all()) {
    return rejected(
        ProducerFault::coordinator_fenced,
        fmt::format("a coordinator of epoch {} ends the transaction of producer {} at offset {}, and one "
                    "of epoch {} has been here",
                    marker.coordinator_epoch, facts.id, offset.raw(), facts.coordinator_epoch));
  }
  // A marker for a transaction that wrote nothing here changes no offset that readers see.
  if (facts.in_transaction()) {
    completed_.push_back({.producer_id = facts.id,
                          .first_offset = facts.transaction_start,
                          .last_offset = offset,
                          .aborted = !marker.committed});
  }
  pending.next.set_epoch(epoch);
  facts.coordinator_epoch = marker.coordinator_epoch;
  facts.last_timestamp = timestamp;
  facts.transaction_start = kUnknownOffset;
  return {};
}

}  // namespace ottla::storage
