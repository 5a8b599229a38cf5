// The records of one batch, plain or compressed, of any message format.
//
// Use:         BatchRecords records(codecs);
//              OTTLA_CHECK(records.each(facts, bytes, [&](const FoundRecord& record) { …; return Result<>(); }));
// Lifetime:    a record is borrowed for the call.
// Concurrency: confined to the shard of its pool.
// Invariants:  memory: the decompressor's window and one record; of a compressed message of format 0 or 1 all that is
//              in it. Each of these is bounded by kMost, whatever the bytes claim.
// Errors:      malformed, truncated, corrupt, too_large; each with the offset of the batch. Records before the fault
//              have been given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/result.h"
#include "cli/dump_log/report.h"
#include "record/compression/codec_pool.h"
#include "record/record_view.h"

namespace ottla::cli {

struct FoundRecord {
  RecordFacts facts;  // but for what is shown of it, and its control
  std::optional<std::span<const std::byte>> key;
  std::optional<std::span<const std::byte>> value;
};

class BatchRecords {
 public:
  static constexpr std::size_t kMost = std::size_t{256} << 20;
  // As much as a broker decompresses by default.
  static constexpr std::uint64_t kMostPlain = 2'147'483'639;

  using Take = std::function<Result<>(const FoundRecord&)>;

  // `bytes`: the whole batch.
  Result<> each(const BatchFacts& batch, std::span<const std::byte> bytes, const Take& take);

 private:
  Result<> each_modern(const BatchFacts& batch, std::span<const std::byte> records, const Take& take);
  Result<> each_legacy(std::span<const std::byte> bytes, const Take& take);

  record::CodecPool codecs_;
};

}  // namespace ottla::cli
