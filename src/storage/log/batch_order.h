// Which offsets the next batch of a segment can have. No checksum covers where a batch begins, so that one whose first
// offset rotted reads well: it is told by those around it, and by where its segment begins and ends.
//
// Use:         BatchOrder order(segment's base, base of the next one);  for (each batch in order) {
//                OTTLA_CHECK(order.check(first, last));  order.pass(last); }
// Lifetime:    a value.
// Concurrency: pure.
// Invariants:  batches that all pass have offsets that rise from one to the next and lie in the segment
// Errors:      corrupt.
#pragma once

#include <string>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"

namespace ottla::storage {

class BatchOrder {
 public:
  // Of a log whose segments are not known.
  BatchOrder() : BatchOrder(Offset(0), Offset::max()) {}
  // From `next` on; none reaches `end`.
  BatchOrder(Offset next, Offset end) : next_(next), end_(end) {}

  // The least offset that may come.
  Offset next() const { return next_; }
  Offset end() const { return end_; }

  // Of a message of magic 0 or 1 that is compressed, `first` is its last one until it has been unpacked.
  bool fits(Offset first, Offset last) const { return first >= next_ && first <= last && last < end_; }
  // What is wrong with a batch that does not fit.
  std::string damage(Offset first, Offset last) const;
  Result<void> check(Offset first, Offset last) const {
    if (fits(first, last)) return {};
    return Error(Errc::corrupt, damage(first, last));
  }
  // It has come by. One that reaches beyond the end changes nothing: what follows it may be right.
  void pass(Offset last) {
    if (last < end_) next_ = last + 1;
  }

 private:
  Offset next_;
  Offset end_;
};

}  // namespace ottla::storage
