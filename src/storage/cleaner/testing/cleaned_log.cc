#include "storage/cleaner/testing/cleaned_log.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "record/record_view.h"
#include "record/testing/made_batch.h"
#include "storage/cleaner/batch_cleaner.h"
#include "storage/cleaner/cleaned_transactions.h"
#include "storage/cleaner/key_hash.h"
#include "storage/cleaner/map_builder.h"
#include "storage/format/index_entry.h"

namespace ottla::storage::testing {
namespace {

std::vector<std::byte> bytes_of(const Slice& slice) {
  return {slice.as_span().begin(), slice.as_span().end()};
}

std::string text_of(const std::optional<std::span<const std::byte>>& bytes) {
  if (!bytes) return "-";
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

std::string name_of_marker(const record::RecordView& record) {
  const auto type = record::read_control_type(record);
  return type.ok() && *type == record::ControlType::commit ? "commit" : "abort";
}

// What follows the front batch.
std::span<const std::byte> behind_first(std::span<const std::byte> batches) {
  const auto front = record::read_front(batches);
  OTTLA_INVARIANT(front.ok(), "the cleaner wrote what is no batch");
  return batches.subspan(static_cast<std::size_t>(front->size));
}

}  // namespace

CleanedLog& CleanedLog::append(std::initializer_list<std::string_view> records, record::BatchOptions options,
                               record::Compression codec) {
  options.base_offset = end_;
  record::testing::MadeBatch batch(records, options);
  if (codec != record::Compression::none) batch.compress(codec);
  return append_bytes(bytes_of(batch.slice()));
}

CleanedLog& CleanedLog::begin(std::int64_t producer) {
  const auto is_of = [producer](const auto& open) { return open.first == producer; };
  if (std::ranges::none_of(open_, is_of)) open_.emplace_back(producer, end_);
  return *this;
}

CleanedLog& CleanedLog::write(std::int64_t producer, std::initializer_list<std::string_view> records) {
  return begin(producer).append(
      records, {.producer_id = producer, .producer_epoch = 0, .base_sequence = 0, .transactional = true});
}

CleanedLog& CleanedLog::end(std::int64_t producer, bool committed) {
  const auto is_of = [producer](const auto& open) { return open.first == producer; };
  const auto open = std::ranges::find_if(open_, is_of);
  if (open != open_.end()) {
    if (!committed) {
      aborted.push_back({.producer_id = producer,
                         .first_offset = open->second,
                         .last_offset = end_,
                         .last_stable_offset = end_ + 1});
    }
    open_.erase(open);
  }
  return append_bytes(bytes_of(record::end_marker_batch(
      {.offset = end_, .producer_id = producer, .producer_epoch = 0}, {.committed = committed})));
}

CleanedLog& CleanedLog::append_bytes(std::vector<std::byte> batch) {
  if (batch[record::kMagicAt] == std::byte{record::kMagic}) {
    const auto view = record::BatchView::first_of(batch);
    OTTLA_INVARIANT(view.ok(), "a test appends what is no batch");
    end_ = view->base_offset() + view->last_offset_delta() + 1;
  } else {
    end_ = record::read_front(batch)->base_offset + 1;
  }
  batches_.push_back(std::move(batch));
  return *this;
}

CleanedLog& CleanedLog::go_to(std::int64_t offset) {
  end_ = Offset(offset);
  return *this;
}

Offset CleanedLog::stable_end() const {
  Offset end = end_;
  for (const auto& [producer, first] : open_) end = std::min(end, first);
  return end;
}

Result<Offset> CleanedLog::try_clean(std::int64_t now, std::int64_t dirty) {
  stats = {};
  const KeyHasher hash(1, 2);
  const Offset end = stable_end();
  OTTLA_TRY(OffsetMap offsets,
            OffsetMap::make(map, Offset(dirty),
                            static_cast<std::uint64_t>(std::max<std::int64_t>(0, end.raw() - dirty))));
  const auto stable = static_cast<std::size_t>(
      std::ranges::find_if(
          batches_, [end](const auto& batch) { return record::read_front(batch)->base_offset >= end; }) -
      batches_.begin());
  CleanedTransactions first_reading;
  for (const AbortedTransaction& one : aborted) {
    if (one.last_offset >= Offset(dirty)) first_reading.add_aborted({&one, 1});
  }
  MapBuilder builder(offsets, hash, Offset(dirty), first_reading, codecs_);
  bool full = false;
  for (std::size_t i = 0; i < stable && !full; ++i) {
    const auto front = record::read_front(batches_[i]);
    const bool is_clean =
        i + 1 < batches_.size() && record::read_front(batches_[i + 1])->base_offset <= Offset(dirty);
    if (!front.ok() || is_clean) continue;
    OTTLA_TRY(const bool has_room, builder.add(batches_[i], limits, stats));
    full = !has_room;
  }
  if (!full) builder.skip_to(end);

  CleanedTransactions transactions;
  transactions.add_aborted(aborted);
  BatchCleaner cleaner(offsets, hash,
                       {.now_millis = now,
                        .delete_retention_millis = delete_retention,
                        .high_watermark = end,
                        .latest_mapped = builder.latest(),
                        .limits = limits,
                        .max_rebuild_bytes = max_rebuild_bytes},
                       producers, transactions, codecs_);
  cleaner.begin({}, keep_legacy_tombstones);
  std::vector<std::byte> out;
  for (const auto& batch : std::span(batches_).first(stable)) OTTLA_CHECK(cleaner.clean(batch, out, stats));
  std::vector<std::vector<std::byte>> rest(batches_.begin() + static_cast<std::ptrdiff_t>(stable),
                                           batches_.end());
  batches_.clear();
  for (std::span<const std::byte> left(out); !left.empty(); left = behind_first(left)) {
    const auto behind = behind_first(left);
    batches_.emplace_back(left.begin(), left.end() - std::ssize(behind));
  }
  for (auto& batch : rest) batches_.push_back(std::move(batch));
  // Those behind what was cleaned have not come by.
  std::erase_if(aborted, [end](const AbortedTransaction& one) { return one.last_offset < end; });
  for (const AbortedTransaction& one : transactions.take_retained()) aborted.push_back(one);
  return builder.latest() + 1;
}

Offset CleanedLog::clean(std::int64_t now, std::int64_t dirty) {
  const auto end = try_clean(now, dirty);
  OTTLA_INVARIANT(end.ok(), end.ok() ? std::string_view() : end.error().text());
  return *end;
}

std::vector<std::string> CleanedLog::shown() const {
  std::vector<std::string> all;
  for (const auto& bytes : batches_) {
    const auto batch = record::BatchView::first_of(bytes);
    OTTLA_INVARIANT(batch.ok() && batch->crc_holds(), "the cleaner wrote what is no batch");
    auto records = record::BatchRecords::of(*batch, codecs_, {});
    if (batch->count() == 0) all.push_back(batch->base_offset().to_string() + " empty");
    while (true) {
      const auto next = records->next();
      OTTLA_INVARIANT(next.ok(), "the cleaner wrote what is no batch");
      if (!*next) break;
      const record::RecordView* record = &**next;
      all.push_back((batch->base_offset() + record->offset_delta).to_string() + " " +
                    (batch->attributes().is_control() ? name_of_marker(*record)
                                                      : text_of(record->key) + "=" + text_of(record->value)));
    }
  }
  return all;
}

std::string CleanedLog::bytes() const {
  std::string all;
  for (const auto& batch : batches_) all.append(reinterpret_cast<const char*>(batch.data()), batch.size());
  return all;
}

}  // namespace ottla::storage::testing
