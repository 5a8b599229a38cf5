// What we write for the reference to read: a log for each way in which batches come to lie on a disk.
//
// Lifetime:    of the log and the codecs, for the call.
// Concurrency: confined to the log's shard.
// Errors:      of an append that was refused or failed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "runtime/task.h"
#include "storage/log/log.h"

namespace ottla::exchange {

inline constexpr std::int64_t kTime = 1'700'000'000'000;

struct BatchShape {
  std::int32_t records = 1;
  record::Compression codec = record::Compression::none;
  std::int64_t base_offset = 0;
  std::int64_t time = kTime;
  std::size_t value_bytes = 30;
  std::int32_t leader_epoch = 0;
  std::int64_t producer_id = record::kNoProducerId;
  std::int32_t sequence = record::kNoSequence;
  bool transactional = false;
};

inline constexpr std::int16_t kProducerEpoch = 3;

// Keys, values and headers of many kinds; the same shape gives the same bytes.
Result<Slice> make_batch(const BatchShape& shape, record::CodecPool& codecs);

struct Story {
  std::string name;
  storage::LogConfig config = {};
  // A coroutine that takes all by value or outlives its caller's references.
  std::function<Task<Result<void>>(storage::Log&, record::CodecPool&)> write;
};

// In the order of the partitions of the topic "ours" that they go to. `producing_time`: of the idempotent producers'
// records. Who wrote long ago is forgotten at a start.
std::vector<Story> all_stories(std::int64_t producing_time = kTime);
// Into a topic with message.timestamp.type=LogAppendTime.
Story appended_story();

}  // namespace ottla::exchange
