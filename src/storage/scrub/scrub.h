// Reads what nobody reads: every segment that is no longer written to, from time to time, so that rot is found while
// another replica still has the bytes.
//
// It only looks and tells. Readers get a rotten batch as it lies there, with the checksum that tells them.
//
// Use:         group.spawn([&](Cancel cancel) { return scrub.run(cancel); });
// Lifetime:    outlived by the set of logs, and by what the shard lends. Logs and segments may go at any time.
// Concurrency: confined to the shard of its logs; one run() or round() at a time.
// Invariants:  1. nothing is written to the log directories: a new process begins at the first segment
//              2. what it tells of stood in a segment that was there, and not cut since, when it was told
// Errors:      none. A segment that cannot be read is told of like one that rotted; one that goes away is left out.
// Limits:      what the disk's cache holds is read from there: rot below it shows once the cache has let go.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/metric.h"
#include "base/metric_registry.h"
#include "base/offset.h"
#include "base/topic_partition.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "storage/directory/log_set.h"
#include "storage/io_pace.h"
#include "storage/scrub/segment_check.h"

namespace ottla::storage {

struct ScrubOptions {
  std::uint64_t bytes_per_second = std::uint64_t{8} << 20;  // ottla.scrub.bytes.per.second; 0: it rests
  Duration period = std::chrono::hours(24 * 7);  // ottla.scrub.period.ms: from one round's beginning on
};

// What is bad in one segment.
struct ScrubFinding {
  TopicPartition partition;
  std::string path;
  Offset segment;
  BadBatch batch;
};

class Scrub {
 public:
  // So many are told of in one segment; the others are counted only.
  static constexpr std::size_t kMostTold = 100;

  Scrub(LogSet& logs, ScrubOptions options, Logger logger = {});
  Scrub(const Scrub&) = delete;
  Scrub& operator=(const Scrub&) = delete;

  // Besides the log line and the metric.
  std::function<void(const ScrubFinding&)> on_finding;

  // Round after round, until it is cancelled. Background work.
  Task<void> run(Cancel cancel);
  // Once to the end, from where the last one was cancelled. True when it came to the end.
  Task<bool> round(Cancel cancel);
  // From now on.
  void configure(const ScrubOptions& options);

  std::uint64_t checked_bytes() const { return checked_bytes_; }
  std::uint64_t checked_segments() const { return checked_segments_; }
  // Where each segment's last check found them, and where the segment is still there.
  std::uint64_t bad_batches() const;

 private:
  using Key = std::pair<TopicPartition, Offset>;
  // The one that is being checked, as it was when that began.
  struct Current {
    Key key;
    const Log* log = nullptr;
    std::uint64_t cuts = 0;
    const Segment* segment = nullptr;
    std::uint64_t size = 0;
    Offset end;  // where the next segment begins
    std::string path;
  };
  struct Resting {
    Key key;
    std::uint64_t size = 0;
    SegmentCheck::Place place;
  };
  struct Known {
    std::uint64_t bad = 0;
    std::uint64_t round = 0;  // in which it was last looked at
  };

  // The first cold segment at or behind the place where it stands.
  std::optional<Current> find_next();
  bool still_there(const Current& current) const;
  Task<Result<Range>> range_of(const Current& current);
  // False when it was cancelled.
  Task<bool> check(Current current, Cancel cancel);
  Task<bool> read(const Current& current, SegmentCheck& check, Cancel cancel);
  void tell(const Current& current, std::vector<BadBatch>& bad, std::uint64_t& told);
  void forget_gone();

  LogSet& logs_;
  ScrubOptions options_;
  Logger logger_;
  IoPace pace_;
  Event reconfigured_;
  std::optional<Key> next_;         // the least that is still to be checked in this round; nothing: all
  std::optional<Resting> resting_;  // the one within which the last round was cancelled
  std::map<Key, Known> known_;
  std::uint64_t rounds_ = 0;
  std::uint64_t checked_bytes_ = 0;
  std::uint64_t checked_segments_ = 0;
  Metric<Counter> bytes_;
  Metric<Counter> segments_;
  Metric<Gauge> bad_;
};

}  // namespace ottla::storage
