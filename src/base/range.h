// Bytes that are not in memory yet: a run of a file (sent with sendfile) or of a remote object.
//
// Lifetime:    a range claims its source. The source decides what happens when the last claim is given
//              back; it must not close a file there, since no destructor does I/O.
// Concurrency: confined to the source's shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/claim.h"
#include "base/invariant.h"

namespace ottla {

class RangeSource {
 public:
  enum class Kind : std::uint8_t { file, remote };

  RangeSource(const RangeSource&) = delete;
  RangeSource& operator=(const RangeSource&) = delete;

  Kind kind() const { return kind_; }

  void claim() noexcept { ++claims_; }
  void give_back() noexcept {
    OTTLA_INVARIANT(claims_ != 0, "a range source was given back more often than it was claimed");
    if (--claims_ == 0) unclaimed();
  }
  std::size_t claims() const { return claims_; }

 protected:
  // Born with one claim, the maker's.
  explicit RangeSource(Kind kind) : kind_(kind) {}
  virtual ~RangeSource() = default;

 private:
  // The last claim is gone.
  virtual void unclaimed() noexcept = 0;

  std::size_t claims_ = 1;
  const Kind kind_;
};

class Range {
 public:
  Range(Claim<RangeSource> source, std::uint64_t offset, std::uint64_t length)
      : source_(std::move(source)), offset_(offset), length_(length) {
    OTTLA_INVARIANT(source_, "a range needs a source");
    OTTLA_INVARIANT(length <= UINT64_MAX - offset, "a range ends beyond 64 bits", offset, length);
  }

  RangeSource& source() const { return *source_; }
  const Claim<RangeSource>& claim() const { return source_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t size() const { return length_; }
  bool empty() const { return length_ == 0; }

  // Takes the first `length` bytes out of this range.
  Range split_front(std::uint64_t length) {
    Range front(source_, offset_, length);
    remove_front(length);
    return front;
  }
  void remove_front(std::uint64_t length) {
    OTTLA_INVARIANT(length <= length_, "remove_front beyond the range", length, length_);
    offset_ += length;
    length_ -= length;
  }
  // Grows by `next` and returns true if that is the very continuation of this range.
  bool join(const Range& next) {
    if (source_ != next.source_ || offset_ + length_ != next.offset_) return false;
    length_ += next.length_;
    return true;
  }

  // The same run of the same source.
  friend bool operator==(const Range& a, const Range& b) = default;

 private:
  Claim<RangeSource> source_;
  std::uint64_t offset_;
  std::uint64_t length_;
};

}  // namespace ottla
