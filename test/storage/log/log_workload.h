// Does random things to one log, life after life, and holds what it shows against a model.
//
// Lifetime:    outlives the world whose process runs main().
// Concurrency: confined to the world's one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "runtime/process.h"
#include "runtime/random.h"
#include "test/storage/log/broken_doors.h"
#include "test/storage/log/log_language.h"
#include "test/storage/log/log_model.h"

namespace ottla::storage {

struct WorkloadCounts {
  std::uint64_t lives = 0;
  std::uint64_t appended = 0;
  std::uint64_t truncations = 0;
  std::uint64_t recovered = 0;  // batches found after deaths
  std::uint64_t lost = 0;       // batches that a death took, as it may
  std::uint64_t refused = 0;    // by a full or broken disk
};

class LogWorkload {
 public:
  // With a bug planted, whatever runs is wrong in that one way.
  explicit LogWorkload(std::uint64_t seed, Plant plant = Plant::none);

  // One life: opens, looks at what is there, works until it is asked to stop, and closes.
  Task<int> main(Process& process, Cancel cancel);
  // Appends of this life come side by side: then it cannot be told which of them a full disk would refuse.
  bool side_by_side() const { return side_by_side_; }
  // The life before ended as a broker that stops.
  bool left_clean() const { return clean_; }
  // How the life before ended. Of two deaths in a row the worse one counts.
  void died(LogModel::Death death) { death_ = std::max(death_, death); }

  // The last few things that happened go with what is found.
  void note(std::string what);
  const std::vector<std::string>& findings() const { return findings_; }
  const WorkloadCounts& counts() const { return counts_; }

 private:
  Task<void> check(LogUnderTest& log);
  Task<void> check_batches(LogUnderTest& log);
  Task<void> check_lookups(LogUnderTest& log);
  Task<void> check_indexes(LogUnderTest& log);
  Task<void> check_transactions(LogUnderTest& log);
  // False when the log takes no more changes.
  Task<bool> act(LogUnderTest& log);
  Task<bool> append_some(LogUnderTest& log);
  Task<bool> append_one(LogUnderTest& log, ModelBatch batch, AppendTerms terms);
  Task<bool> truncate(LogUnderTest& log);
  Task<bool> shorten(LogUnderTest& log);
  ModelBatch draw_batch();
  ModelBatch draw_marker(std::int64_t producer);
  LogConfig draw_config();
  bool fine(const Result<void>& result);
  void find(std::string what);

  const std::uint64_t seed_;
  const Plant plant_;
  Random random_;
  LogConfig config_;
  LogModel model_;
  LogModel::Death death_ = LogModel::Death::none;
  bool just_opened_ = false;
  bool side_by_side_ = false;
  std::int32_t epoch_ = 0;
  // What a broker's checkpoints say; they are durable when they are written.
  Offset saved_recovery_;
  Offset saved_start_;
  bool clean_ = false;
  std::vector<std::string> findings_;
  std::deque<std::string> notes_;
  WorkloadCounts counts_;
};

}  // namespace ottla::storage
