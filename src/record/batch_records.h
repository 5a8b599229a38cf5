// The records of a batch, one after the other, compressed or not: no more of a compressed batch is in memory than its
// codec's window and one record.
//
// Use:         OTTLA_TRY(auto records, BatchRecords::of(batch, codecs, limits));
//              for (;;) { OTTLA_TRY(auto record, records.next()); if (!record) break; … }
// Lifetime:    points into the batch; a record is valid until the next one is asked for.
// Concurrency: confined to the codecs' shard.
// Invariants:  those of RecordStream
// Errors:      those of RecordStream and Decompressor; corrupt for a codec that there is not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/decompressor.h"
#include "record/record_runs.h"
#include "record/record_stream.h"
#include "record/record_view.h"

namespace ottla::record {

struct RecordLimits {
  std::int32_t max_record_bytes = INT32_MAX;  // of what follows a record's size
  std::uint64_t max_batch_bytes = INT32_MAX;  // of all records of a batch, without compression
};

class BatchRecords {
 public:
  static Result<BatchRecords> of(const BatchView& batch, CodecPool& codecs, const RecordLimits& limits);

  // Nothing at the end.
  Result<std::optional<RecordView>> next() { return source_->stream.next(); }

 private:
  class Runs final : public RecordRuns {
   public:
    explicit Runs(Decompressor plain) : plain_(std::move(plain)) {}
    Result<std::span<const std::byte>> next() override { return plain_.next(); }

   private:
    Decompressor plain_;
  };
  // The stream points to the runs, so that both stay where they are.
  struct Source {
    Source(Decompressor plain, std::int32_t count, std::int32_t max_record_bytes)
        : runs(std::move(plain)), stream(runs, count, static_cast<std::size_t>(max_record_bytes)) {}
    Runs runs;
    RecordStream stream;
  };

  explicit BatchRecords(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  std::unique_ptr<Source> source_;
};

}  // namespace ottla::record
