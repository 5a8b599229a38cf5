// A number that tells whether two things are the same, of all that is added to it.
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <span>

#include "base/crc32c.h"

namespace ottla::storage {

class Fingerprint {
 public:
  void add(std::int64_t value) {
    value_ = (value_ ^ static_cast<std::uint64_t>(value)) * 0x9fb21c651e98df25ULL;
    value_ ^= value_ >> 29;
  }
  void add(std::span<const std::byte> bytes) {
    add(static_cast<std::int64_t>(bytes.size()));
    add(crc32c(bytes));
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0x243f6a8885a308d3ULL;
};

}  // namespace ottla::storage
