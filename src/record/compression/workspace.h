// Memory that a codec works in: grows on demand, never filled in advance.
//
// Lifetime:    as its codec's.
// Concurrency: confined to one shard.
// Invariants:  only pages that were written cost memory: large spaces come from the system untouched
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace ottla::record {

class Workspace {
 public:
  // At least `size` bytes; what was in it may be gone.
  std::span<std::byte> room(std::size_t size) {
    if (size > size_) {
      bytes_.reset();
      size_ = 0;
      bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
      size_ = size;
    }
    return {bytes_.get(), size_};
  }
  // At least `size` bytes, the first `kept` of which stay what they are; doubles, so that a codec may ask often.
  std::span<std::byte> grow(std::size_t size, std::size_t kept) {
    if (size > size_) {
      const std::size_t larger = std::max(size, 2 * size_);
      auto bytes = std::make_unique_for_overwrite<std::byte[]>(larger);
      if (kept != 0) std::memcpy(bytes.get(), bytes_.get(), kept);
      bytes_ = std::move(bytes);
      size_ = larger;
    }
    return {bytes_.get(), size_};
  }

  std::span<std::byte> all() { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace ottla::record
