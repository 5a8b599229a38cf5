// A random log as producers of all kinds leave it: keyed records with and without values, every codec, idempotent and
// transactional producers, transactions committed and aborted, batches with log append time, segments of random sizes.
//
// Lifetime:   owns its bytes.
// Invariants: the same seed and time give the same log
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "base/offset.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "record/record_filter.h"
#include "storage/cleaner/cleaning.h"
#include "storage/format/index_entry.h"

namespace ottla::cleaning {

struct RandomSegment {
  Offset base;
  std::vector<std::vector<std::byte>> batches = {};
  std::vector<storage::AbortedTransaction> aborted = {};
};

class RandomLog {
 public:
  RandomLog(std::uint64_t seed, std::int64_t first_time);

  // The last one is empty: the active one.
  const std::vector<RandomSegment>& segments() const { return segments_; }
  // As they are at the log's end.
  const storage::ActiveProducers& producers() const { return producers_; }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  void add_batch();
  void end_transaction(std::int64_t producer);
  void add(std::vector<std::byte> batch, Offset last);

  std::mt19937_64 random_;
  record::CodecPool codecs_;
  record::RecordFilter packer_{codecs_, {}};
  std::vector<RandomSegment> segments_;
  storage::ActiveProducers producers_;
  std::vector<std::pair<std::int64_t, Offset>> open_;
  Offset end_;
  std::int64_t time_;
  std::uint64_t keys_;
};

}  // namespace ottla::cleaning
