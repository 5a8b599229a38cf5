#include "storage/producer/producer_states.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_view.h"
#include "storage/format/producer_snapshot.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/verification.h"

namespace ottla::storage {
namespace {

using record::AppendOrigin;
using record::BatchView;

constexpr std::int64_t kLateTransactionGraceMs = std::int64_t{5} * 60 * 1000;

std::string old_epoch(std::int64_t id, std::int16_t epoch, std::int16_t known) {
  return fmt::format("epoch {} of producer {} is over: the partition has seen epoch {}", epoch, id, known);
}

template <typename Each>
Offset first_offset(const Each& each) {
  if constexpr (requires { each.transaction; }) {
    return each.transaction.first_offset;
  } else {
    return each.first_offset;
  }
}

// In the place of the one with its first offset, if there is one.
template <typename Each>
void put(std::vector<Each>& all, const Each& each) {
  const auto at = std::ranges::lower_bound(all, first_offset(each), {}, first_offset<Each>);
  if (at != all.end() && first_offset(*at) == first_offset(each)) {
    *at = each;
  } else {
    all.insert(at, each);
  }
}

// The one with that first offset, taken out.
template <typename Each>
std::optional<Each> take(std::vector<Each>& all, Offset first) {
  const auto at = std::ranges::lower_bound(all, first, {}, first_offset<Each>);
  if (at == all.end() || first_offset(*at) != first) return std::nullopt;
  Each taken = *at;
  all.erase(at);
  return taken;
}

}  // namespace

void ProducerUndo::clear() {
  producers.clear();
  started.clear();
  completed.clear();
  map_end.reset();
}

ProducerStates::ProducerStates(ProducerOptions options, VerificationGuards& guards, std::uint64_t hash_seed)
    : options_(options), producers_(hash_seed), verifications_(guards) {}

Verdict ProducerStates::prepare(ProducerAppend& append, const BatchView& batch) {
  if (!batch.has_producer()) return {};
  const std::int64_t id = batch.producer_id();
  Verdict verdict = prepare_on_leader(append, batch);
  if (!verdict.is_fresh()) return verdict;
  ProducerAppend::Pending& pending = pending_for(append, id);
  verdict =
      batch.attributes().is_control() ? append.add_marker(pending, batch) : append.add_data(pending, batch);
  if (!verdict.is_fresh() || !batch.attributes().is_transactional()) return verdict;
  const Verification* const verification = verifications_.find(id);
  if (verification == nullptr) return verdict;
  // Its transaction is open now, or has ended. Only a marker with the epoch that is being verified is no end of it:
  // the epoch was raised for the next transaction already.
  const bool of_next = verification->raises_epoch && batch.attributes().is_control() &&
                       batch.producer_epoch() == verification->epoch;
  if (!of_next) verifications_.end(id);
  return verdict;
}

Verdict ProducerStates::prepare_on_leader(const ProducerAppend& append, const BatchView& batch) const {
  const AppendOrigin origin = append.terms().origin;
  if (origin != AppendOrigin::client && origin != AppendOrigin::coordinator) return {};
  const std::int64_t id = batch.producer_id();
  const std::int16_t epoch = batch.producer_epoch();
  const ProducerState* const state = producers_.find(id);
  if (origin == AppendOrigin::client && state != nullptr) {
    if (const auto duplicate = state->find_duplicate(epoch, batch.base_sequence(), batch.last_sequence())) {
      return {.kind = Verdict::Kind::duplicate, .fault = {}, .text = {}, .duplicate = *duplicate};
    }
  }
  if (!batch.attributes().is_transactional() || has_open_transaction(id, epoch)) return {};
  if (state != nullptr && epoch < state->facts().epoch) {
    return {.kind = Verdict::Kind::rejected,
            .fault = ProducerFault::invalid_epoch,
            .text = old_epoch(id, epoch, state->facts().epoch),
            .duplicate = {}};
  }
  if (!options_.verifies_transactions || batch.attributes().is_control()) return {};
  const Verification* const verification = verifications_.find(id);
  if (verification != nullptr && verification->guard == append.terms().guard) return {};
  return {.kind = Verdict::Kind::rejected,
          .fault = ProducerFault::invalid_transaction,
          .text = fmt::format("producer {} has no transaction open here, and none was verified", id),
          .duplicate = {}};
}

ProducerAppend::Pending& ProducerStates::pending_for(ProducerAppend& append, std::int64_t producer_id) const {
  bool is_new = false;
  ProducerAppend::Pending& pending = append.pending_for(producer_id, is_new);
  if (!is_new) return pending;
  if (const ProducerState* const state = producers_.find(producer_id)) {
    pending.next.facts = state->facts();
    pending.old_epoch = state->facts().epoch;
    pending.old_sequence = state->newest().last_sequence;
    pending.had_batches = state->has_batches();
  }
  if (const Verification* const verification = verifications_.find(producer_id)) {
    pending.verification = *verification;
  }
  return pending;
}

void ProducerStates::apply(ProducerAppend& append, Offset end, ProducerUndo* undo) {
  if (undo != nullptr && !undo->map_end) undo->map_end = map_end_;
  for (const auto& pending : append.pending_) {
    const std::int64_t id = pending.next.facts.id;
    ProducerState* state = producers_.find(id);
    if (undo != nullptr) {
      undo->producers.push_back(
          {.image = state != nullptr ? state->image() : ProducerImage{.facts = {.id = id}, .batches = {}},
           .existed = state != nullptr});
    }
    if (state == nullptr) state = &producers_.put(ProducerState(id));
    state->update(pending.next);
  }
  for (const OpenTransaction& each : append.started_) put(open_, each);
  for (CompletedTransaction& each : append.completed_) complete(each);
  map_end_ = end;
  if (undo == nullptr) return;
  undo->started.insert(undo->started.end(), append.started_.begin(), append.started_.end());
  undo->completed.insert(undo->completed.end(), append.completed_.begin(), append.completed_.end());
}

void ProducerStates::complete(CompletedTransaction& transaction) {
  const auto other = std::ranges::find_if(
      open_, [&](const OpenTransaction& each) { return each.producer_id != transaction.producer_id; });
  transaction.last_stable_offset = other == open_.end() ? transaction.last_offset + 1 : other->first_offset;
  // One that is not there was open according to a snapshot that contradicts itself; it has ended all the same.
  static_cast<void>(take(open_, transaction.first_offset));
  put(unreplicated_,
      {.transaction = {.first_offset = transaction.first_offset, .producer_id = transaction.producer_id},
       .last_offset = transaction.last_offset});
}

void ProducerStates::undo(ProducerUndo& undo) {
  for (const CompletedTransaction& each : undo.completed) {
    static_cast<void>(take(unreplicated_, each.first_offset));
    put(open_, {.first_offset = each.first_offset, .producer_id = each.producer_id});
  }
  for (const OpenTransaction& each : undo.started) static_cast<void>(take(open_, each.first_offset));
  for (auto before = undo.producers.rbegin(); before != undo.producers.rend(); ++before) {
    const std::int64_t id = before->image.facts.id;
    if (!before->existed) {
      producers_.remove(id);
      continue;
    }
    ProducerState* const state = producers_.find(id);
    (state != nullptr ? *state : producers_.put(ProducerState(id))).restore(before->image);
  }
  if (undo.map_end) map_end_ = *undo.map_end;
  undo.clear();
}

ProducerStates::VerificationStart ProducerStates::start_verification(std::int64_t producer_id,
                                                                     std::int32_t sequence,
                                                                     std::int16_t epoch, bool raises_epoch,
                                                                     std::int64_t now_ms) {
  const ProducerState* const state = producers_.find(producer_id);
  if (state != nullptr && epoch < state->facts().epoch) {
    return {.fault = ProducerFault::invalid_epoch,
            .text = old_epoch(producer_id, epoch, state->facts().epoch),
            .guard = kNoGuard};
  }
  if (has_open_transaction(producer_id, epoch)) return {};
  return {.fault = ProducerFault::none,
          .text = {},
          .guard = verifications_.begin(producer_id, sequence, epoch, raises_epoch, now_ms).guard};
}

bool ProducerStates::has_open_transaction(std::int64_t producer_id, std::int16_t epoch) const {
  const ProducerState* const state = producers_.find(producer_id);
  return state != nullptr && state->facts().in_transaction() && state->facts().epoch == epoch;
}

std::optional<Offset> ProducerStates::first_unstable_offset() const {
  std::optional<Offset> first = first_undecided_offset();
  const auto consider = [&first](Offset offset) { first = first ? std::min(*first, offset) : offset; };
  if (!unreplicated_.empty()) consider(unreplicated_.front().transaction.first_offset);
  if (suspicion_) consider(suspicion_->first);
  return first;
}

std::optional<Offset> ProducerStates::first_undecided_offset() const {
  return open_.empty() ? std::nullopt : std::optional(open_.front().first_offset);
}

Offset ProducerStates::last_stable_offset(Offset high_watermark, Offset log_start) const {
  const std::optional<Offset> unstable = first_unstable_offset();
  return unstable ? std::min(high_watermark, std::max(*unstable, log_start)) : high_watermark;
}

void ProducerStates::on_high_watermark(Offset high_watermark) {
  if (suspicion_ && suspicion_->end <= high_watermark) suspicion_.reset();
  if (unreplicated_.empty()) return;
  std::erase_if(unreplicated_, [&](const Unreplicated& each) { return each.last_offset < high_watermark; });
}

bool ProducerStates::has_late_transaction(std::int64_t now_ms) const {
  if (open_.empty()) return false;
  const ProducerState* const state = producers_.find(open_.front().producer_id);
  const std::int64_t last = state != nullptr ? state->facts().last_timestamp : -1;
  return last > 0 && now_ms - last > options_.max_transaction_timeout_ms + kLateTransactionGraceMs;
}

void ProducerStates::expire(std::int64_t now_ms) {
  producers_.remove_if([&](const ProducerState& each) { return is_expired(each.facts(), now_ms); });
  verifications_.expire(now_ms, options_.expiration_ms);
}

bool ProducerStates::is_expired(const ProducerFacts& facts, std::int64_t now_ms) const {
  // Times come from clients; the difference wraps around as the reference's does.
  const auto silent = static_cast<std::int64_t>(static_cast<std::uint64_t>(now_ms) -
                                                static_cast<std::uint64_t>(facts.last_timestamp));
  return !facts.in_transaction() && silent >= options_.expiration_ms;
}

Slice ProducerStates::encode_snapshot(BufferSource& source) const {
  std::vector<const ProducerState*> all;
  all.reserve(producers_.size());
  producers_.for_each([&](const ProducerState& each) { all.push_back(&each); });
  const auto by_id = [](const ProducerState* each) { return each->facts().id; };
  if (!std::ranges::is_sorted(all, {}, by_id)) std::ranges::sort(all, {}, by_id);
  SnapshotWriter writer(all.size(), source);
  for (const ProducerState* each : all) writer.add(each->snapshot());
  return std::move(writer).finish();
}

void ProducerStates::forget_from(Offset end) {
  producers_.clear();
  open_.clear();
  std::erase_if(unreplicated_, [&](const Unreplicated& each) { return each.last_offset >= end; });
  if (!suspicion_) return;
  suspicion_->end = std::min(suspicion_->end, end);
  if (suspicion_->first >= end) suspicion_.reset();
}

void ProducerStates::suspect(Offset first, Offset end) {
  if (!suspicion_) {
    suspicion_ = {.first = first, .end = end};
  } else {
    suspicion_ = {.first = std::min(first, suspicion_->first), .end = std::max(end, suspicion_->end)};
  }
}

Result<> ProducerStates::load(std::span<const std::byte> snapshot, Offset offset, std::int64_t now_ms) {
  OTTLA_TRY(SnapshotReader reader, SnapshotReader::open(snapshot));
  producers_.reserve(reader.size());
  while (const auto entry = reader.next()) {
    ProducerState state(*entry);
    if (is_expired(state.facts(), now_ms)) continue;
    const ProducerFacts& facts = producers_.put(std::move(state)).facts();
    if (facts.in_transaction())
      put(open_, {.first_offset = facts.transaction_start, .producer_id = facts.id});
  }
  last_snapshot_ = offset;
  map_end_ = offset;
  return {};
}

void ProducerStates::start_at(Offset log_start) {
  last_snapshot_ = log_start;
  map_end_ = log_start;
}

void ProducerStates::truncate_fully_and_start_at(Offset offset) {
  forget();
  last_snapshot_ = Offset(0);
  map_end_ = offset;
}

void ProducerStates::advance_log_start(Offset log_start, std::optional<Offset> latest_snapshot) {
  on_high_watermark(log_start);
  map_end_ = std::max(map_end_, log_start);
  last_snapshot_ = latest_snapshot.value_or(log_start);
}

std::vector<ActiveProducer> ProducerStates::active() const {
  std::vector<ActiveProducer> all;
  all.reserve(producers_.size());
  producers_.for_each([&](const ProducerState& each) {
    all.push_back({.facts = each.facts(),
                   .last_sequence = each.newest().last_sequence,
                   .last_data_offset = each.newest().last_offset});
  });
  return all;
}

std::size_t ProducerStates::memory_bytes() const {
  return sizeof(*this) + producers_.memory_bytes() + verifications_.memory_bytes() +
         open_.capacity() * sizeof(OpenTransaction) + unreplicated_.capacity() * sizeof(Unreplicated);
}

}  // namespace ottla::storage
