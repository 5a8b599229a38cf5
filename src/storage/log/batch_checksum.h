// The checksum of a stored batch whose bytes come piece by piece: a length that rotted may say anything, and nobody
// should make room for it before the checksum has held.
//
// Use:         BatchChecksum sum(header.magic, head);  for (each piece from the batch's first byte on) sum.add(piece);
// Lifetime:    a value.
// Concurrency: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ottla::storage {

class BatchChecksum {
 public:
  // Of a batch's first bytes, at least so many tell what the checksum has to be.
  static constexpr std::size_t kHead = 21;

  BatchChecksum(std::int8_t magic, std::span<const std::byte> head);

  void add(std::span<const std::byte> bytes);
  // When all was added.
  bool holds() const { return sum_ == expected_; }

 private:
  bool legacy_;
  std::uint32_t expected_;
  std::uint32_t sum_ = 0;
  std::size_t uncovered_;  // bytes that are to come before those that it covers
};

}  // namespace ottla::storage
