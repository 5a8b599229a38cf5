// Plain bytes of records as they come: all at once out of a batch, or run by run out of a decompressor.
//
// Lifetime:    a run is valid until the next one is asked for; nothing is kept of what was read.
// Concurrency: confined to its reader.
// Errors:      as the source has them; after an error no run is asked for.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "base/result.h"

namespace ottla::record {

class RecordRuns {
 public:
  RecordRuns() = default;
  RecordRuns(const RecordRuns&) = delete;
  RecordRuns& operator=(const RecordRuns&) = delete;
  virtual ~RecordRuns() = default;

  // Empty at the end, and from then on.
  virtual Result<std::span<const std::byte>> next() = 0;
};

// The records of a batch that is not compressed.
class PlainRun final : public RecordRuns {
 public:
  explicit PlainRun(std::span<const std::byte> bytes) : bytes_(bytes) {}
  Result<std::span<const std::byte>> next() override {
    return std::exchange(bytes_, std::span<const std::byte>());
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace ottla::record
