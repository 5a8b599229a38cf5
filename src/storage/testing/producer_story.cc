#include "storage/testing/producer_story.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/producer_states.h"
#include "storage/producer/verification.h"

namespace ottla::storage::testing {

Slice data_batch(const DataSpec& spec, Offset first) {
  record::BatchBuilder builder({.base_offset = first,
                                .leader_epoch = 0,
                                .producer_id = spec.id,
                                .producer_epoch = spec.epoch,
                                .base_sequence = spec.sequence,
                                .transactional = spec.transactional});
  for (std::int32_t each = 0; each < spec.count; ++each) builder.append({.timestamp = spec.timestamp});
  return std::move(builder).finish();
}

Slice marker_batch(const MarkerSpec& spec, Offset at) {
  return record::end_marker_batch({.offset = at,
                                   .leader_epoch = 0,
                                   .timestamp = spec.timestamp,
                                   .producer_id = spec.id,
                                   .producer_epoch = spec.epoch},
                                  {.committed = spec.committed, .coordinator_epoch = spec.coordinator_epoch});
}

ProducerStory::ProducerStory(ProducerOptions options) : states_(options, guards_, 42) {}

ProducerStory& ProducerStory::as(record::AppendOrigin origin) {
  terms_.origin = origin;
  return *this;
}
ProducerStory& ProducerStory::with(VerificationGuard guard) {
  terms_.guard = guard;
  return *this;
}
ProducerStory& ProducerStory::of_version(std::int16_t transaction_version) {
  terms_.transaction_version = transaction_version;
  return *this;
}

std::string ProducerStory::append(const DataSpec& spec) {
  return append_bytes({data_batch(spec, end_)});
}

std::string ProducerStory::mark(const MarkerSpec& spec) {
  return append_bytes({marker_batch(spec, end_)});
}

std::string ProducerStory::append_all(const std::vector<DataSpec>& specs) {
  std::vector<Slice> batches;
  Offset at = end_;
  for (const DataSpec& each : specs) {
    batches.push_back(data_batch(each, at));
    at += each.count;
  }
  return append_bytes(batches);
}

std::string ProducerStory::append_bytes(const std::vector<Slice>& batches) {
  append_.begin(terms_);
  Offset end = end_;
  for (const Slice& bytes : batches) {
    const record::BatchView batch = record::BatchView::first_of(bytes.as_span()).value();
    const Verdict verdict = states_.prepare(append_, batch);
    if (verdict.kind == Verdict::Kind::duplicate) {
      return fmt::format("again {}-{}", verdict.duplicate.first_offset().raw(),
                         verdict.duplicate.last_offset.raw());
    }
    if (!verdict.is_fresh()) return std::string(name_of(verdict.fault));
    end = batch.last_offset().value() + 1;
  }
  if (undo_.producers.empty()) undo_end_ = end_;
  states_.apply(append_, end, keeps_undo_ ? &undo_ : nullptr);
  return fmt::format("{}-{}", std::exchange(end_, end).raw(), end.raw() - 1);
}

std::string ProducerStory::completed() const {
  std::string text;
  for (const CompletedTransaction& each : append_.completed()) {
    text += fmt::format("{}{}: {}-{} {}, stable {}", text.empty() ? "" : "; ", each.producer_id,
                        each.first_offset.raw(), each.last_offset.raw(),
                        each.aborted ? "aborted" : "committed", each.last_stable_offset.raw());
  }
  return text;
}

std::string ProducerStory::shown(std::int64_t id) const {
  const ProducerState* const state = states_.find(id);
  if (state == nullptr) return "none";
  const ProducerImage image = state->image();
  std::string sequences;
  std::string offsets;
  for (const RecentBatch& each : image.batches) {
    sequences += fmt::format(" {}-{}", each.first_sequence(), each.last_sequence);
    offsets += fmt::format(" {}-{}", each.first_offset().raw(), each.last_offset.raw());
  }
  return fmt::format("{}: epoch {}, sequences{}, offsets{}, open since {}, coordinator {}, at {}", id,
                     image.facts.epoch, sequences, offsets, image.facts.transaction_start.raw(),
                     image.facts.coordinator_epoch, image.facts.last_timestamp);
}

std::string ProducerStory::unstable() const {
  const auto offset = states_.first_unstable_offset();
  return offset ? offset->to_string() : "none";
}

void ProducerStory::undo() {
  states_.undo(undo_);
  end_ = undo_end_;
}

}  // namespace ottla::storage::testing
