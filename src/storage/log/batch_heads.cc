#include "storage/log/batch_heads.h"

#include <algorithm>
#include <utility>

namespace ottla::storage {

void BatchHeads::keep(Number segment, const StoredBatch& batch) {
  if (find(segment, batch.position) != nullptr) return;
  // Half empty at least, as long as it may grow: places that are full are rare then.
  if (size_ * 2 >= heads_.size() && heads_.size() < limit_) grow();
  const std::uint64_t hashed = hash(segment, batch.position);
  const std::size_t first = first_of(hashed);
  std::size_t at = first;
  while (at < first + kWays && tags_[at] != 0) ++at;
  if (at == first + kWays) {
    at = first + next_out_++ % kWays;
    --size_;
  }
  tags_[at] = tag_of(hashed);
  heads_[at] = {.segment = segment, .batch = batch};
  ++size_;
}

void BatchHeads::grow() {
  const std::size_t capacity = std::max(kFirstCapacity, heads_.size() * 2);
  const std::vector<Head> old = std::exchange(heads_, std::vector<Head>(capacity));
  const std::vector<std::uint16_t> tags = std::exchange(tags_, std::vector<std::uint16_t>(capacity));
  size_ = 0;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (tags[i] != 0) keep(old[i].segment, old[i].batch);
  }
}

}  // namespace ottla::storage
