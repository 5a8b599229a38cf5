// How far a node is with opening its logs, as a line a second.
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "replica/log_loading.h"
#include "runtime/clock.h"

namespace ottla::cli {

class RecoveryReport {
 public:
  explicit RecoveryReport(Instant began) : began_(began), told_(began) {}

  // "opened 12 of 40 logs; recovered 30 % of 10.0 GB, 812 MB/s, 9 s left", or nothing when the last line is fresh.
  // Where there is nothing to recover, the first half of it.
  std::optional<std::string> line(Instant now, const replica::LoadingProgress& progress);

 private:
  const Instant began_;
  Instant told_;
};

}  // namespace ottla::cli
