// When a node makes its next snapshot: after so many bytes of records, or after so long (the reference's
// metadata.log.max.record.bytes.between.snapshots and metadata.log.max.snapshot.interval.ms).
//
// Concurrency: pure; times are passed in.
#pragma once

#include <chrono>
#include <cstdint>

#include "runtime/clock.h"

namespace ottla::quorum {

struct SnapshotRules {
  std::int64_t max_bytes = 20 * 1024 * 1024;
  Duration max_interval = std::chrono::hours(1);  // zero: as long as it takes
};

class SnapshotTrigger {
 public:
  SnapshotTrigger(SnapshotRules rules, Instant now) : rules_(rules), since_(now) {}

  void add(std::int64_t bytes) { bytes_ += bytes; }
  // Asked when something was committed.
  bool due(Instant now) const {
    if (bytes_ >= rules_.max_bytes) return true;
    return rules_.max_interval != Duration::zero() && now - since_ >= rules_.max_interval;
  }
  // A snapshot begins, or was loaded.
  void reset(Instant now) {
    bytes_ = 0;
    since_ = now;
  }

 private:
  SnapshotRules rules_;
  std::int64_t bytes_ = 0;  // of batches since the last snapshot
  Instant since_;
};

}  // namespace ottla::quorum
