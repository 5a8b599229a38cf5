#include "storage/producer/producer_state.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/offset.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::storage {

std::int32_t RecentBatch::first_sequence() const {
  // Sequences begin again at 0 behind 2^31 - 1; of a batch without one the result is of no use, as in the reference.
  const std::int64_t first = std::int64_t{last_sequence} - offset_delta;
  return static_cast<std::int32_t>(last_sequence < offset_delta ? first + INT32_MAX + 1 : first);
}

void ProducerImage::set_epoch(std::int16_t epoch) {
  if (facts.epoch != epoch) batches.clear();
  facts.epoch = epoch;
}

void ProducerImage::add(const RecentBatch& batch) {
  if (batches.full()) batches.erase(batches.begin());
  batches.push_back(batch);
}

ProducerState::ProducerState(const ProducerSnapshotEntry& entry) {
  facts_ = {.id = entry.producer_id,
            .last_timestamp = entry.timestamp,
            .transaction_start =
                entry.transaction_first_offset >= 0 ? Offset(entry.transaction_first_offset) : kUnknownOffset,
            .coordinator_epoch = entry.coordinator_epoch,
            .epoch = entry.epoch};
  if (entry.last_offset < 0) return;
  newest_ = {.last_offset = Offset(entry.last_offset),
             .timestamp = entry.timestamp,
             .last_sequence = entry.last_sequence,
             .offset_delta = entry.offset_delta};
}

std::optional<RecentBatch> ProducerState::find_duplicate(std::int16_t epoch, std::int32_t first_sequence,
                                                         std::int32_t last_sequence) const {
  if (epoch != facts_.epoch || !has_batches()) return std::nullopt;
  const auto is_same = [&](const RecentBatch& each) {
    return each.last_sequence == last_sequence && each.first_sequence() == first_sequence;
  };
  if (older_) {
    const auto older = std::span(older_->batches).first(older_->count);
    if (const auto found = std::ranges::find_if(older, is_same); found != older.end()) return *found;
  }
  return is_same(newest_) ? std::optional(newest_) : std::nullopt;
}

void ProducerState::update(const ProducerImage& next) {
  set_epoch(next.facts.epoch);
  for (const RecentBatch& each : next.batches) add(each);
  facts_ = next.facts;
}

void ProducerState::restore(const ProducerImage& image) {
  newest_ = {};
  if (older_) older_->count = 0;
  facts_ = image.facts;
  for (const RecentBatch& each : image.batches) add(each);
}

ProducerImage ProducerState::image() const {
  ProducerImage image{.facts = facts_, .batches = {}};
  if (older_) {
    for (const RecentBatch& each : std::span(older_->batches).first(older_->count))
      image.batches.push_back(each);
  }
  if (has_batches()) image.batches.push_back(newest_);
  return image;
}

ProducerSnapshotEntry ProducerState::snapshot() const {
  return {.producer_id = facts_.id,
          .epoch = facts_.epoch,
          .last_sequence = newest_.last_sequence,
          .last_offset = newest_.last_offset.raw(),
          .offset_delta = newest_.offset_delta,
          .timestamp = facts_.last_timestamp,
          .coordinator_epoch = facts_.coordinator_epoch,
          .transaction_first_offset = facts_.transaction_start.raw()};
}

void ProducerState::set_epoch(std::int16_t epoch) {
  if (facts_.epoch != epoch) {
    newest_ = {};
    if (older_) older_->count = 0;
  }
  facts_.epoch = epoch;
}

void ProducerState::add(const RecentBatch& batch) {
  if (has_batches()) {
    if (!older_) older_ = std::make_unique<Older>();
    auto& older = older_->batches;
    if (older_->count == older.size()) {
      std::ranges::move(std::span(older).subspan(1), older.begin());
      --older_->count;
    }
    older[older_->count++] = newest_;
  }
  newest_ = batch;
}

}  // namespace ottla::storage
