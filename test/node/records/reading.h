// The records of a fetch response, one after the other, checked as far as they can be without knowing what was written.
//
// Concurrency: pure, but for the codecs.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "record/compression/codec_pool.h"
#include "test/node/records/partition_book.h"

namespace ottla::server {

struct ReadBatch {
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t producer_id = -1;
  std::int32_t base_sequence = -1;
  std::int32_t last_sequence = -1;
  std::vector<ScannedRecord> records = {};
};

// Whole batches; what is cut off at the end is left out. `accuse` is told of batches that are broken (D16).
std::vector<ReadBatch> read_batches(std::span<const std::byte> bytes, record::CodecPool& codecs,
                                    const std::function<void(std::string)>& accuse);

}  // namespace ottla::server
