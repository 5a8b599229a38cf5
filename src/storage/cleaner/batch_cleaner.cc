#include "storage/cleaner/batch_cleaner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/legacy_records.h"
#include "record/legacy_view.h"
#include "record/record_filter.h"
#include "record/record_view.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/keyed_records.h"
#include "storage/cleaner/stored_batches.h"

namespace ottla::storage {

using record::BatchView;
using record::FilterOptions;

BatchCleaner::BatchCleaner(const OffsetMap& map, const KeyHasher& hash, const CleaningRules& rules,
                           const ActiveProducers& producers, CleanedTransactions& transactions,
                           record::CodecPool& codecs)
    : map_(map),
      hash_(hash),
      rules_(rules),
      producers_(producers),
      transactions_(transactions),
      codecs_(codecs),
      filter_(codecs, rules.limits, rules.max_rebuild_bytes) {
  for (const auto& [producer, last] : producers) {
    if (last.last_data_offset) last_of_producers_.push_back(*last.last_data_offset);
  }
  std::ranges::sort(last_of_producers_);
}

bool BatchCleaner::may_drop(const PlainStretch& stretch) const {
  if (!are_superseded(stretch.first, stretch.last)) return false;
  // Such a batch has to stay as a header. That of the last committed record is never superseded: nothing later is mapped.
  const auto last = std::ranges::lower_bound(last_of_producers_, stretch.first);
  return last == last_of_producers_.end() || *last > stretch.last;
}

Result<void> BatchCleaner::drop(const PlainStretch& stretch, CleaningStats& stats) {
  OTTLA_CHECK(order_.check(stretch.first, stretch.last));
  order_.pass(stretch.last);
  stats.read_bytes += stretch.end - stretch.begin;
  stats.read_records += stretch.records;
  return {};
}

Result<void> BatchCleaner::clean(std::span<const std::byte> batch, std::vector<std::byte>& out,
                                 CleaningStats& stats) {
  stats.read_bytes += batch.size();
  if (magic_of(batch) != record::kMagic) {
    OTTLA_TRY(const record::LegacyView message, checked_message(batch));
    OTTLA_CHECK(order_.check(message.offset(), message.offset()));
    OTTLA_CHECK(clean_message(message, out, stats));
    order_.pass(message.offset());
    return {};
  }
  OTTLA_TRY(const BatchView view, measured_batch(batch));
  OTTLA_CHECK(order_.check(view.base_offset(), *view.last_offset()));
  order_.pass(*view.last_offset());
  return clean_batch(view, out, stats);
}

bool BatchCleaner::are_superseded(Offset first, Offset last) const {
  return map_.has_bits(first, last) && map_.all_superseded(first, last);
}

bool BatchCleaner::is_last_of_producer(const BatchView& batch) const {
  if (!batch.has_producer()) return false;
  const auto producer = producers_.find(batch.producer_id());
  if (producer == producers_.end()) return false;
  if (producer->second.last_data_offset) return *batch.last_offset() == *producer->second.last_data_offset;
  // The last thing in the log is a marker: it has the epoch, which fences those before it.
  return batch.attributes().is_control() && batch.producer_epoch() == producer->second.epoch;
}

Result<void> BatchCleaner::clean_batch(const BatchView& batch, std::vector<std::byte>& out,
                                       CleaningStats& stats) {
  const bool control = batch.attributes().is_control();
  FilterOptions options{.keep_empty =
                            is_last_of_producer(batch) || *batch.last_offset() + 1 == rules_.high_watermark};
  // Such a batch passed its checksum when the map was made.
  const bool superseded =
      !control && !options.keep_empty && are_superseded(batch.base_offset(), *batch.last_offset());
  if (!superseded) OTTLA_CHECK(check_sum(batch));
  bool done_with = false;  // of an aborted transaction, or a marker of one without data
  if (control) {
    OTTLA_TRY(done_with, transactions_.on_control_batch(batch));
  } else {
    done_with = transactions_.on_data_batch(batch);
  }
  const std::optional<std::int64_t> horizon =
      batch.attributes().has_delete_horizon() ? std::optional(batch.base_timestamp()) : std::nullopt;
  const bool horizon_passed = horizon && *horizon <= rules_.now_millis;
  const bool drop_records = done_with && (!control || horizon_passed);
  // Nothing of it will be looked at.
  if (drop_records && !options.keep_empty) return {};
  if (superseded) {
    stats.read_records += static_cast<std::uint64_t>(batch.count());
    return {};
  }
  if (drop_records) {
    stats.read_records += static_cast<std::uint64_t>(batch.count());
    stats.written_bytes += filter_.write_empty(batch, out).size;
    return {};
  }
  bool keeps_tombstone = false;
  if (control) {
    verdicts_.clear();
    for (std::int32_t i = 0; i < batch.count(); ++i) verdicts_.add(true);
    stats.read_records += static_cast<std::uint64_t>(batch.count());
  } else {
    OTTLA_TRY(KeyedRecords records, KeyedRecords::of(batch, codecs_, rules_.limits));
    OTTLA_TRY(keeps_tombstone, judge(std::move(records), !horizon_passed, stats));
  }
  // As long as older values of a tombstone's key may be there, its time does not run.
  const bool starts_tombstones = keeps_tombstone && *batch.last_offset() <= rules_.latest_mapped;
  if (!horizon && (starts_tombstones || (control && done_with))) {
    options.new_delete_horizon = rules_.now_millis + rules_.delete_retention_millis;
  }
  return write(batch, options, out, stats);
}

Result<void> BatchCleaner::write(const BatchView& batch, const FilterOptions& options,
                                 std::vector<std::byte>& out, CleaningStats& stats) {
  auto left = filter_.write(batch, verdicts_, options, out);
  if (!left.ok() && left.error() == Errc::too_large) {
    // What is kept too long does no harm, other than in taking space.
    ++stats.oversized_batches;
    const auto bytes = batch.bytes();
    out.insert(out.end(), bytes.begin(), bytes.end());
    left = record::FilteredBatch{.records = verdicts_.size(), .size = bytes.size()};
  }
  if (!left.ok()) return std::move(left).error();
  stats.written_records += left->records;
  stats.written_bytes += left->size;
  return {};
}

Result<bool> BatchCleaner::judge(KeyedRecords records, bool keep_tombstones, CleaningStats& stats) {
  verdicts_.clear();
  waiting_count_ = 0;
  keep_tombstones_ = keep_tombstones;
  bool keeps_tombstone = false;
  KeyedRecord record;
  while (true) {
    OTTLA_TRY(const bool more, records.next(record));
    if (!more) return judge_waiting() || keeps_tombstone;
    ++stats.read_records;
    Waiting waiting;
    waiting.offset = record.offset;
    waiting.tombstone = !record.has_value;
    if (record.offset > rules_.latest_mapped) {
      waiting.known = waiting.keep = true;
    } else if (!record.key) {
      ++stats.records_without_key;
      waiting.known = true;
    } else if (map_.has_bits(record.offset, record.offset)) {
      waiting.known = true;
      waiting.keep = !map_.is_superseded(record.offset) && (!waiting.tombstone || keep_tombstones);
    } else {
      waiting.key = hash_(*record.key);
      map_.prefetch(waiting.key);
    }
    waiting_[waiting_count_++] = waiting;
    if (waiting_count_ == kWindow) keeps_tombstone |= judge_waiting();
  }
}

// Whether a tombstone stays.
bool BatchCleaner::judge_waiting() {
  bool keeps_tombstone = false;
  for (const Waiting& waiting : std::span(waiting_).first(std::exchange(waiting_count_, 0))) {
    bool keep = waiting.keep;
    if (!waiting.known) {
      const std::optional<Offset> latest = map_.find(waiting.key);
      keep = (!latest || waiting.offset >= *latest) && (!waiting.tombstone || keep_tombstones_);
    }
    verdicts_.add(keep);
    keeps_tombstone |= keep && waiting.tombstone;
  }
  return keeps_tombstone;
}

// --- Magic 0 and 1 ------------------------------------------------------------------------------------------

Result<void> BatchCleaner::clean_message(const record::LegacyView& message, std::vector<std::byte>& out,
                                         CleaningStats& stats) {
  const record::DecompressionLimits limits{.max_output = rules_.max_rebuild_bytes};
  OTTLA_TRY(KeyedRecords keyed,
            KeyedRecords::of(message, codecs_, {.max_batch_bytes = limits.max_output}, order_.next()));
  OTTLA_TRY(const bool keeps_tombstone, judge(std::move(keyed), keep_legacy_tombstones_, stats));
  const bool keep_empty = message.offset() + 1 == rules_.high_watermark;
  if (verdicts_.kept() == 0 && !keep_empty) return {};

  OTTLA_TRY(record::LegacyRecords records, record::LegacyRecords::of(message, codecs_, limits));
  std::optional<record::BatchBuilder> builder;
  Offset base;
  for (std::size_t i = 0; !records.at_end(); ++i) {
    OTTLA_TRY(const record::LegacyRecord legacy, records.next());
    if (!verdicts_.keeps(i)) continue;
    if (!builder) {
      record::BatchOptions options{.base_offset = legacy.offset, .timestamp_type = message.timestamp_type()};
      if (keeps_tombstone && message.offset() <= rules_.latest_mapped) {
        options.delete_horizon = rules_.now_millis + rules_.delete_retention_millis;
      }
      builder.emplace(options);
      base = legacy.offset;
    }
    if (legacy.offset - base > INT32_MAX) {
      return Error(Errc::corrupt, "a message with records from offset " + base.to_string() + " to " +
                                      legacy.offset.to_string());
    }
    builder->append_at(
        legacy.offset,
        {.timestamp = legacy.timestamp, .key = legacy.message.key(), .value = legacy.message.value()});
  }
  if (!builder) builder.emplace(record::BatchOptions{.base_offset = message.offset()});
  const Slice plain =
      std::move(*builder).finish(verdicts_.kept() == 0 ? std::optional(message.offset()) : std::nullopt);
  OTTLA_TRY(const BatchView batch, BatchView::first_of(plain.as_span()));
  const std::size_t before = out.size();
  OTTLA_CHECK(filter_.write_packed(batch, message.compression(), out));
  stats.written_records += verdicts_.kept();
  stats.written_bytes += out.size() - before;
  return {};
}

}  // namespace ottla::storage
