#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/producer_states.h"
#include "storage/producer/snapshot_offsets.h"
#include "storage/producer/verification.h"
#include "storage/testing/producer_story.h"
#include "test/storage/states/script.h"

namespace ottla::storage::states {
namespace {

using record::AppendOrigin;
using record::BatchView;
using testing::DataSpec;
using testing::MarkerSpec;

constexpr std::int64_t kProducers = 10;
constexpr ProducerOptions kOptions{
    .expiration_ms = 1000, .max_transaction_timeout_ms = 1000, .verifies_transactions = true};

std::string_view name_of(AppendOrigin origin) {
  constexpr std::string_view kNames[] = {"client", "coordinator", "raft_leader", "replication"};
  return kNames[static_cast<std::size_t>(origin)];
}

// A partition with its snapshots, of which each step is told.
class Partition {
 public:
  Partition(Script& script, Dice& dice, Plant plant)
      : script_(script), dice_(dice), plant_(plant), states_(kOptions, guards_, 7) {}

  void step();

 private:
  void tell(std::string step, const std::string& outcome) {
    script_.add(std::move(step), outcome + " | " + shown());
  }
  std::string shown() const;
  static std::string shown(const ProducerState& state);

  void append_data();
  void append_marker();
  void append_replicated();
  void append(AppendOrigin origin, std::int16_t version, const std::vector<Slice>& sent,
              const std::vector<Slice>& placed);
  std::string taken_in(AppendOrigin origin, std::int16_t version, std::int64_t id,
                       const std::vector<Slice>& batches);
  void take_back();
  void verify(std::int64_t id, std::int32_t sequence, std::int16_t epoch);
  void snapshot();
  void reload(Offset start, Offset end);
  void corrupt();
  void stray();
  void remove(const std::vector<Offset>& offsets);

  ProducerFacts facts(std::int64_t id) const;
  std::int32_t likely_sequence(std::int64_t id, std::int16_t epoch);
  std::int16_t likely_epoch(std::int64_t id);
  DataSpec random_data(std::int64_t id);
  MarkerSpec random_marker(std::int64_t id);

  Script& script_;
  Dice& dice_;
  Plant plant_;
  VerificationGuards guards_;
  ProducerStates states_;
  ProducerAppend append_;
  std::map<std::int64_t, VerificationGuard> drawn_;
  std::map<Offset, std::string> files_;
  SnapshotOffsets snapshots_;
  std::int64_t now_ = 1'000'000;
  Offset end_;
  Offset watermark_;
  Offset start_;
};

void Partition::step() {
  const std::int64_t choice = dice_.below(100);
  if (choice < 45) {
    append_data();
  } else if (choice < 60) {
    append_marker();
  } else if (choice < 68) {
    append_replicated();
  } else if (choice < 74) {
    const std::int64_t id = dice_.below(kProducers);
    const std::int16_t epoch = likely_epoch(id);
    verify(id, likely_sequence(id, epoch), epoch);
  } else if (choice < 82) {
    watermark_ = std::max(watermark_, end_ - dice_.below(8));
    states_.on_high_watermark(watermark_);
    tell(fmt::format("watermark {}", watermark_.raw()),
         fmt::format("stable {}", states_.last_stable_offset(watermark_, start_).raw()));
  } else if (choice < 86) {
    now_ += dice_.one_in(20) ? 301'000 : dice_.below(400);
    states_.expire(now_);
    tell(fmt::format("expire {}", now_), "done");
  } else if (choice < 91) {
    snapshot();
  } else if (choice < 93) {
    const Offset start = std::max(start_, watermark_ - dice_.below(12));
    if (start > start_) states_.advance_log_start(start, snapshots_.latest());
    start_ = start;
    tell(fmt::format("start {}", start_.raw()), "done");
  } else if (choice < 95) {
    reload(std::min(start_, end_), dice_.one_in(2) ? end_ : std::max(start_, end_ - dice_.below(10)));
  } else if (choice < 96) {
    corrupt();
  } else if (choice < 97) {
    const Offset before = std::max(Offset(0), end_ - dice_.below(30));
    remove(snapshots_.take_before(before));
    tell(fmt::format("drop {}", before.raw()), "done");
  } else if (choice < 98) {
    stray();
  } else if (dice_.one_in(5)) {
    remove(snapshots_.take_all());
    states_.truncate_fully_and_start_at(end_);
    tell(fmt::format("fully {}", end_.raw()), "done");
  }
}

ProducerFacts Partition::facts(std::int64_t id) const {
  const ProducerState* const state = states_.find(id);
  return state != nullptr ? state->facts() : ProducerFacts{.id = id};
}

std::int16_t Partition::likely_epoch(std::int64_t id) {
  const std::int16_t epoch = facts(id).epoch;
  if (dice_.one_in(12)) return static_cast<std::int16_t>(epoch + 1);
  if (dice_.one_in(25)) return INT16_MAX;
  if (epoch > 0 && dice_.one_in(12)) return static_cast<std::int16_t>(epoch - 1);
  return std::max(epoch, std::int16_t{0});
}

std::int32_t Partition::likely_sequence(std::int64_t id, std::int16_t epoch) {
  const ProducerState* const state = states_.find(id);
  if (dice_.one_in(15)) return static_cast<std::int32_t>(dice_.below(6));
  if (state == nullptr) return dice_.one_in(3) ? INT32_MAX - static_cast<std::int32_t>(dice_.below(4)) : 0;
  if (state->facts().epoch != epoch) return 0;
  if (!state->has_batches()) return 0;
  return record::sequence_after(state->newest().last_sequence, 1);
}

DataSpec Partition::random_data(std::int64_t id) {
  const std::int16_t epoch = likely_epoch(id);
  DataSpec spec{.id = id,
                .epoch = epoch,
                .sequence = likely_sequence(id, epoch),
                .count = 1 + static_cast<std::int32_t>(dice_.below(3)),
                .timestamp = now_ - dice_.below(900),
                .transactional = facts(id).in_transaction() ? !dice_.one_in(15) : dice_.one_in(2)};
  // Again what was appended before.
  if (const ProducerState* const state = states_.find(id); state != nullptr && dice_.one_in(6)) {
    const ProducerImage image = state->image();
    if (!image.batches.empty()) {
      const RecentBatch& old =
          image.batches[static_cast<std::size_t>(dice_.below(std::ssize(image.batches)))];
      spec.sequence = old.first_sequence() - static_cast<std::int32_t>(dice_.below(2));
      spec.count = old.offset_delta + 1;
      spec.epoch = image.facts.epoch;
    }
  }
  spec.sequence = std::max(spec.sequence, 0);  // the validator sees to it that a client's is none below
  return spec;
}

MarkerSpec Partition::random_marker(std::int64_t id) {
  const ProducerFacts known = facts(id);
  return {.id = id,
          .epoch = dice_.one_in(2) && known.epoch < INT16_MAX ? static_cast<std::int16_t>(known.epoch + 1)
                                                              : likely_epoch(id),
          .committed = dice_.one_in(2),
          .coordinator_epoch =
              std::max(0, known.coordinator_epoch + static_cast<std::int32_t>(dice_.below(4)) - 1),
          .timestamp = now_ - dice_.below(100)};
}

void Partition::append_data() {
  const std::int64_t id = dice_.below(kProducers);
  DataSpec spec = random_data(id);
  AppendOrigin origin = AppendOrigin::client;
  if (dice_.one_in(10)) {
    origin = AppendOrigin::coordinator;
    spec.sequence = -1;
  }
  if (spec.transactional && !states_.has_open_transaction(id, spec.epoch) && !dice_.one_in(8)) {
    verify(id, spec.sequence, spec.epoch);
  }
  append(origin, 0, {testing::data_batch(spec, Offset(0))}, {testing::data_batch(spec, end_)});
}

void Partition::append_marker() {
  std::int64_t id = dice_.below(kProducers);
  for (std::int64_t each = 0; each < kProducers && !facts(id).in_transaction(); ++each)
    id = (id + 1) % kProducers;
  const MarkerSpec spec = random_marker(id);
  const Slice bytes = testing::marker_batch(spec, end_);
  append(AppendOrigin::coordinator, static_cast<std::int16_t>(dice_.below(3)), {bytes}, {bytes});
}

void Partition::append_replicated() {
  std::vector<Slice> batches;
  Offset at = end_;
  const std::int64_t count = 1 + dice_.below(6);
  const std::int64_t first_id = dice_.below(kProducers);
  for (std::int64_t each = 0; each < count; ++each) {
    const std::int64_t id = (first_id + dice_.below(2)) % kProducers;
    if (dice_.one_in(3)) {
      batches.push_back(testing::marker_batch(random_marker(id), at));
      at += 1;
    } else if (dice_.one_in(15)) {
      record::BatchBuilder cleaned({.base_offset = at,
                                    .leader_epoch = 0,
                                    .producer_id = id,
                                    .producer_epoch = likely_epoch(id),
                                    .transactional = true,
                                    .control = true});
      batches.push_back(std::move(cleaned).finish(at));
      at += 1;
    } else {
      const DataSpec spec = random_data(id);
      batches.push_back(testing::data_batch(spec, at));
      at += spec.count;
    }
  }
  append(AppendOrigin::replication, 0, batches, batches);
}

void Partition::append(AppendOrigin origin, std::int16_t version, const std::vector<Slice>& sent,
                       const std::vector<Slice>& placed) {
  std::string hex;
  for (const Slice& each : sent) hex += hex_encode(each.as_span());
  const std::int64_t id = BatchView::first_of(placed.front().as_span())->producer_id();
  take_back();
  const std::string outcome = taken_in(origin, version, id, placed);
  tell(fmt::format("append {} {} {} {}", name_of(origin), version, id, hex), outcome);
}

std::string Partition::taken_in(AppendOrigin origin, std::int16_t version, std::int64_t id,
                                const std::vector<Slice>& batches) {
  const auto guard = drawn_.find(id);
  append_.begin({.origin = origin,
                 .guard = guard == drawn_.end() ? kNoGuard : guard->second,
                 .transaction_version = plant_ == Plant::marker_epoch ? std::int16_t{0} : version});
  Offset end = end_;
  for (const Slice& bytes : batches) {
    const BatchView batch = BatchView::first_of(bytes.as_span()).value();
    const Verdict verdict = states_.prepare(append_, batch);
    if (verdict.kind == Verdict::Kind::duplicate) {
      return fmt::format("again {}-{}", verdict.duplicate.first_offset().raw(),
                         verdict.duplicate.last_offset.raw());
    }
    if (!verdict.is_fresh()) return std::string(storage::name_of(verdict.fault));
    end = batch.last_offset().value() + 1;
  }
  states_.apply(append_, end);
  std::string outcome = fmt::format("{}-{}", end_.raw(), end.raw() - 1);
  for (const CompletedTransaction& each : append_.completed()) {
    if (!each.aborted) continue;
    outcome += fmt::format(" aborted {}:{}-{}@{}", each.producer_id, each.first_offset.raw(),
                           each.last_offset.raw(), each.last_stable_offset.raw());
  }
  end_ = end;
  return outcome + fmt::format(" stable {}", states_.last_stable_offset(watermark_, start_).raw());
}

// An append that fails when it is written, of which the reference hears nothing: it must leave no trace.
void Partition::take_back() {
  ProducerUndo undo;
  Offset end = end_;
  for (std::int64_t each = dice_.below(4); each > 0; --each) {
    const std::int64_t id = dice_.below(kProducers);
    if (states_.verification(id) != nullptr) continue;  // which would be used up
    const Slice bytes = dice_.one_in(3) ? testing::marker_batch(random_marker(id), end)
                                        : testing::data_batch(random_data(id), end);
    const BatchView batch = BatchView::first_of(bytes.as_span()).value();
    append_.begin({.origin = AppendOrigin::replication});
    if (!states_.prepare(append_, batch).is_fresh()) continue;
    end = batch.last_offset().value() + 1;
    states_.apply(append_, end, &undo);
  }
  states_.undo(undo);
}

void Partition::verify(std::int64_t id, std::int32_t sequence, std::int16_t epoch) {
  const bool raises_epoch = dice_.one_in(2);
  const auto start = states_.start_verification(id, sequence, epoch, raises_epoch, now_);
  if (start.fault == ProducerFault::none) drawn_[id] = start.guard;
  tell(fmt::format("verify {} {} {} {}", id, sequence, epoch, raises_epoch ? 1 : 0),
       start.fault != ProducerFault::none ? std::string(storage::name_of(start.fault))
       : start.guard == kNoGuard          ? "open"
                                          : "guarded");
}

void Partition::snapshot() {
  std::string outcome = "none";
  if (states_.wants_snapshot()) {
    const std::string bytes(states_.encode_snapshot().as_string_view());
    const Offset offset = states_.map_end_offset();
    files_[offset] = bytes;
    snapshots_.add(offset);
    states_.snapshot_written(offset);
    outcome = fmt::format("{} {}", offset.raw(), hex_encode(std::as_bytes(std::span(bytes))));
  }
  tell("snapshot", outcome);
}

void Partition::remove(const std::vector<Offset>& offsets) {
  for (const Offset each : offsets) files_.erase(each);
}

void Partition::reload(Offset start, Offset end) {
  remove(snapshots_.take_outside(start, end));
  if (end == states_.map_end_offset()) {
    states_.advance_log_start(start, snapshots_.latest());
  } else {
    states_.forget();
    for (;;) {
      const auto latest = snapshots_.latest();
      if (!latest) {
        states_.start_at(start);
        break;
      }
      if (states_.load(std::as_bytes(std::span(files_.at(*latest))), *latest, now_).ok()) break;
      snapshots_.remove(*latest);
      files_.erase(*latest);
    }
  }
  tell(fmt::format("reload {} {}", start.raw(), end.raw()), "done");
}

void Partition::corrupt() {
  const auto latest = snapshots_.latest();
  if (!latest) return;
  std::string& file = files_.at(*latest);
  const auto at = static_cast<std::size_t>(dice_.below(std::ssize(file)));
  file[at] = static_cast<char>(file[at] ^ 4);
  tell(fmt::format("corrupt {}", at), "done");
}

void Partition::stray() {
  std::vector<Offset> bases;
  std::string text;
  for (Offset base(0); base <= end_; base += 1 + dice_.below(20)) {
    bases.push_back(base);
    text += fmt::format(" {}", base.raw());
  }
  remove(snapshots_.take_stray(bases));
  tell("stray" + text, "done");
}

std::string Partition::shown(const ProducerState& state) {
  const ProducerImage image = state.image();
  std::string text =
      fmt::format("{}:{},{},{},{}[", image.facts.id, image.facts.epoch, image.facts.coordinator_epoch,
                  image.facts.last_timestamp, image.facts.transaction_start.raw());
  for (const RecentBatch& each : image.batches) {
    text += fmt::format("{}-{}:{}-{}@{} ", each.first_sequence(), each.last_sequence,
                        each.first_offset().raw(), each.last_offset.raw(), each.timestamp);
  }
  return text + "]";
}

std::string Partition::shown() const {
  const auto or_none = [](std::optional<Offset> offset) { return offset.value_or(kUnknownOffset).raw(); };
  std::optional<Offset> unstable = states_.first_unstable_offset();
  if (plant_ == Plant::unstable_offset) unstable = states_.first_undecided_offset();
  std::string text = fmt::format("end {} map {} unstable {} undecided {} empty {} late {} files", end_.raw(),
                                 states_.map_end_offset().raw(), or_none(unstable),
                                 or_none(states_.first_undecided_offset()), states_.empty(),
                                 states_.has_late_transaction(now_));
  for (const auto& [offset, bytes] : files_) text += fmt::format(" {}", offset.raw());
  for (std::int64_t id = 0; id < kProducers; ++id) {
    if (const ProducerState* const state = states_.find(id)) text += " " + shown(*state);
  }
  for (std::int64_t id = 0; id < kProducers; ++id) {
    if (const Verification* const each = states_.verification(id)) {
      text += fmt::format(" v{}:{},{},{},{}", id, each->lowest_sequence, each->epoch, each->raises_epoch,
                          each->started_ms);
    }
  }
  return text;
}

}  // namespace

void producer_script(Script& script, Dice& dice, int steps, Plant plant) {
  Partition partition(script, dice, plant);
  const std::size_t end = script.steps.size() + static_cast<std::size_t>(steps);
  script.add("producers", "ready");
  while (script.steps.size() < end) partition.step();
}

}  // namespace ottla::storage::states
