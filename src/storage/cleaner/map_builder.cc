#include "storage/cleaner/map_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/legacy_view.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/keyed_records.h"
#include "storage/cleaner/stored_batches.h"

namespace ottla::storage {

Result<bool> MapBuilder::add(std::span<const std::byte> batch, const record::RecordLimits& limits,
                             CleaningStats& stats) {
  stats.mapped_bytes += batch.size();
  if (magic_of(batch) != record::kMagic) {
    OTTLA_TRY(const record::LegacyView message, checked_message(batch));
    OTTLA_CHECK(order_.check(message.offset(), message.offset()));
    OTTLA_TRY(KeyedRecords records, KeyedRecords::of(message, codecs_, limits, order_.next()));
    OTTLA_TRY(const bool has_room, add_records(std::move(records), stats));
    order_.pass(message.offset());
    if (has_room) skip_to(message.offset() + 1);
    return has_room;
  }
  OTTLA_TRY(const record::BatchView view, checked_batch(batch));
  const Offset last = view.base_offset() + view.last_offset_delta();
  OTTLA_CHECK(order_.check(view.base_offset(), last));
  order_.pass(last);
  if (view.attributes().is_control()) {
    OTTLA_TRY([[maybe_unused]] const bool may_go, transactions_.on_control_batch(view));
    ++stats.mapped_records;
  } else if (transactions_.on_data_batch(view)) {
    stats.mapped_records += static_cast<std::uint64_t>(view.count());
  } else {
    OTTLA_TRY(KeyedRecords records, KeyedRecords::of(view, codecs_, limits));
    OTTLA_TRY(const bool has_room, add_records(std::move(records), stats));
    if (!has_room) return false;
  }
  if (last >= start_) latest_ = std::max(latest_, last);
  return true;
}

Result<bool> MapBuilder::add_records(KeyedRecords records, CleaningStats& stats) {
  waiting_count_ = 0;
  KeyedRecord record;
  while (true) {
    OTTLA_TRY(const bool more, records.next(record));
    if (!more) return put_waiting();
    ++stats.mapped_records;
    if (!record.key || record.offset < start_) continue;
    const KeyHash key = hash_(*record.key);
    map_.prefetch(key);
    waiting_[waiting_count_++] = {.key = key, .offset = record.offset};
    if (waiting_count_ == kWindow && !put_waiting()) return false;
  }
}

// False, if the map is full: what lies before the first record that found no place has been mapped.
bool MapBuilder::put_waiting() {
  const std::size_t count = std::exchange(waiting_count_, 0);
  for (const Waiting& waiting : std::span(waiting_).first(count)) {
    if (!map_.put(waiting.key, waiting.offset)) return false;
    latest_ = std::max(latest_, waiting.offset);
  }
  return true;
}

}  // namespace ottla::storage
