// A log in memory for tests of the cleaner: batches one behind the other, cleaned without files or segments.
//
// Use:         log.append({"a=1@5", "b=2@6"});  log.abort(7);  log.clean();  EXPECT_EQ(log.shown(), …);
// Text:        record/testing/made_batch.h; a record is shown as "OFFSET KEY=VALUE", a batch without records as
//              "OFFSET empty", a marker as "OFFSET commit" or "OFFSET abort".
// Lifetime:    owns its bytes.
// Concurrency: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_builder.h"
#include "record/compression/codec_pool.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/offset_map.h"
#include "storage/format/index_entry.h"

namespace ottla::storage::testing {

class CleanedLog {
 public:
  // At the end; offsets are given. What `options` says of offsets does not count.
  CleanedLog& append(std::initializer_list<std::string_view> records, record::BatchOptions options = {},
                     record::Compression codec = record::Compression::none);
  // Of a transaction of that producer.
  CleanedLog& write(std::int64_t producer, std::initializer_list<std::string_view> records);
  CleanedLog& commit(std::int64_t producer) { return end(producer, true); }
  CleanedLog& abort(std::int64_t producer) { return end(producer, false); }
  // A transaction of that producer is open from here on, unless one is already.
  CleanedLog& begin(std::int64_t producer);
  CleanedLog& append_bytes(std::vector<std::byte> batch);
  CleanedLog& go_to(std::int64_t offset);

  // One cleaning of all that is stable from `dirty` on (what lies before is clean) at that time. Up to which offset it
  // went.
  Result<Offset> try_clean(std::int64_t now = 0, std::int64_t dirty = 0);
  Offset clean(std::int64_t now = 0, std::int64_t dirty = 0);

  std::vector<std::string> shown() const;
  std::string bytes() const;
  Offset end_offset() const { return end_; }
  // No transaction is open below.
  Offset stable_end() const;
  const std::vector<std::vector<std::byte>>& batches() const { return batches_; }

  // What a cleaning goes by.
  OffsetMapLimits map;
  record::RecordLimits limits;
  std::int64_t delete_retention = 100;
  std::uint64_t max_rebuild_bytes = std::uint64_t{1} << 20;
  bool keep_legacy_tombstones = true;
  ActiveProducers producers;
  // Of transactions whose data is still there.
  std::vector<AbortedTransaction> aborted;
  CleaningStats stats;  // of the last cleaning

 private:
  CleanedLog& end(std::int64_t producer, bool committed);

  mutable record::CodecPool codecs_;
  std::vector<std::vector<std::byte>> batches_;
  std::vector<std::pair<std::int64_t, Offset>> open_;  // first offset of a producer's transaction
  Offset end_;
};

}  // namespace ottla::storage::testing
