// Random logs, cleaned again and again, against a list of all that was ever written: D14.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/record_filter.h"
#include "record/record_view.h"
#include "storage/cleaner/offset_map.h"
#include "storage/cleaner/testing/cleaned_log.h"

namespace ottla::storage {
namespace {

using testing::CleanedLog;

struct Written {
  std::string key;  // empty: none
  std::optional<std::string> value = {};
  std::int64_t timestamp = 0;
  std::int64_t producer = -1;
  std::optional<bool> committed = {};  // nothing while its transaction is open
  std::optional<std::int64_t> first_cleaned = {};
};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {
    log_.delete_retention = 50;
    log_.map = {.memory = OffsetMap::kEntrySize * (2 + below(60)), .load_factor = 0.9};
  }

  void run() {
    for (int step = 0; step < 50 && !::testing::Test::HasFatalFailure(); ++step) {
      now_ += static_cast<std::int64_t>(below(20));
      switch (below(8)) {
        case 0:
          end_transaction();
          break;
        case 1:
          clean();
          break;
        case 2:
          log_.go_to(log_.end_offset().raw() + static_cast<std::int64_t>(below(3)));
          break;
        default:
          append();
      }
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  void append() {
    // Producers 0 to 2 write in transactions, 3 and 4 without, 5 is none.
    const auto who = static_cast<std::int64_t>(below(6));
    const bool transactional = who < 3;
    record::BatchOptions options{.base_offset = log_.end_offset(), .transactional = transactional};
    if (who < 5) {
      options.producer_id = who;
      options.producer_epoch = 0;
      options.base_sequence = static_cast<std::int32_t>(log_.end_offset().raw());
    }
    record::BatchBuilder builder(options);
    const std::size_t count = 1 + below(40);
    for (std::size_t i = 0; i < count; ++i) {
      Written record{.key = below(20) == 0 ? "" : "key" + std::to_string(below(30)),
                     .timestamp = now_ + static_cast<std::int64_t>(below(5)),
                     .producer = who};
      if (below(5) != 0) record.value = "v" + std::to_string(random_());
      if (!transactional) record.committed = true;
      record::NewRecord made{.timestamp = record.timestamp};
      if (!record.key.empty()) made.key = bytes_of(record.key);
      if (record.value) made.value = bytes_of(*record.value);
      builder.append(made);
      written_[log_.end_offset().raw() + static_cast<std::int64_t>(i)] = std::move(record);
    }
    const Slice batch = std::move(builder).finish();
    if (transactional) log_.begin(who);
    std::vector<std::byte> packed;
    ASSERT_TRUE(packer_
                    .write_packed(*record::BatchView::first_of(batch.as_span()),
                                  static_cast<record::Compression>(below(5)), packed)
                    .ok());
    log_.append_bytes(std::move(packed));
    if (who < 5) log_.producers[who] = {.last_data_offset = log_.end_offset() - 1, .epoch = 0};
  }

  void end_transaction() {
    const auto who = static_cast<std::int64_t>(below(3));
    const bool committed = below(2) == 0;
    for (auto& [offset, record] : written_) {
      if (record.producer == who && !record.committed) record.committed = committed;
    }
    committed ? log_.commit(who) : log_.abort(who);
    log_.producers[who].epoch = 0;
  }

  void clean() {
    const Offset end = log_.stable_end();
    const Offset cleaned = log_.clean(now_, dirty_);
    ASSERT_GE(cleaned.raw(), std::min(dirty_, end.raw()));
    if (cleaned.raw() > 0) dirty_ = std::max(dirty_, cleaned.raw());
    check(end);
    for (auto& [offset, record] : written_) {
      if (offset < dirty_ && !record.first_cleaned) record.first_cleaned = now_;
    }
  }

  // The last record of a key that was committed or stands alone, of those below.
  std::map<std::string, std::int64_t> last_of_keys(std::int64_t below) const {
    std::map<std::string, std::int64_t> last;
    for (const auto& [offset, record] : written_) {
      if (offset < below && !record.key.empty() && record.committed == true) last[record.key] = offset;
    }
    return last;
  }

  void read_log() {
    present_.clear();
    headers_.clear();
    std::int64_t previous = -1;
    for (const auto& bytes : log_.batches()) {
      const auto batch = record::BatchView::first_of(bytes);
      ASSERT_TRUE(batch.ok() && batch->crc_holds());
      ASSERT_GT(batch->base_offset().raw(), previous);
      previous = batch->last_offset()->raw();
      headers_.emplace(batch->producer_id(), previous);
      if (batch->attributes().is_control()) continue;
      auto records = record::BatchRecords::of(*batch, codecs_, {});
      ASSERT_TRUE(records.ok());
      for (;;) {
        const auto next = records->next();
        ASSERT_TRUE(next.ok());
        if (!*next) break;
        const record::RecordView* record = &**next;
        const std::int64_t offset = (batch->base_offset() + record->offset_delta).raw();
        const auto original = written_.find(offset);
        ASSERT_NE(original, written_.end()) << offset << " was never written";
        ASSERT_TRUE(present_.insert(offset).second);
        ASSERT_EQ(original->second.key, record->key ? text_of(*record->key) : "");
        ASSERT_EQ(original->second.value,
                  record->value ? std::optional(text_of(*record->value)) : std::nullopt);
        ASSERT_EQ(original->second.timestamp, batch->timestamp_at(record->timestamp_delta));
      }
    }
  }

  void check(Offset stable_end) {
    read_log();
    if (::testing::Test::HasFatalFailure()) return;
    const auto last_ever = last_of_keys(stable_end.raw());
    const auto last_cleaned = last_of_keys(dirty_);
    for (const auto& [offset, record] : written_) {
      SCOPED_TRACE(std::to_string(offset) + " " + record.key);
      const bool is_there = present_.contains(offset);
      if (offset >= stable_end.raw() || (offset >= dirty_ && record.committed == true)) {
        ASSERT_TRUE(is_there) << "was not to be cleaned";
      } else if (record.committed == false || record.key.empty()) {
        ASSERT_FALSE(is_there) << "aborted, or without a key";
      } else if (last_ever.at(record.key) == offset && record.value) {
        ASSERT_TRUE(is_there) << "the last value";
      } else if (last_cleaned.at(record.key) != offset) {
        ASSERT_FALSE(is_there) << "not the last value";
      } else if (last_ever.at(record.key) == offset) {
        const bool may_go = record.first_cleaned && *record.first_cleaned + log_.delete_retention <= now_;
        ASSERT_TRUE(is_there || may_go) << "a young tombstone";
      }
    }
    for (const auto& [producer, last] : log_.producers) {
      if (!last.last_data_offset || *last.last_data_offset >= stable_end) continue;
      ASSERT_TRUE(headers_.contains({producer, last.last_data_offset->raw()}))
          << "the last batch of " << producer;
    }
  }

  std::mt19937_64 random_;
  record::CodecPool codecs_;
  record::RecordFilter packer_{codecs_, {}};
  CleanedLog log_;
  std::map<std::int64_t, Written> written_;                  // by offset
  std::set<std::int64_t> present_;                           // offsets of records that the log has now
  std::set<std::pair<std::int64_t, std::int64_t>> headers_;  // producer and last offset of each batch
  std::int64_t now_ = 0;
  std::int64_t dirty_ = 0;
};

class CleanerModel : public ::testing::TestWithParam<int> {};

TEST_P(CleanerModel, KeepsLastValuesAndOffsets) {
  constexpr int kSeeds = 25;
  for (int i = 0; i < kSeeds && !HasFatalFailure(); ++i) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * kSeeds + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).run();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CleanerModel, ::testing::Range(0, 4));

}  // namespace
}  // namespace ottla::storage
