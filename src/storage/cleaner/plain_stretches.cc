#include "storage/cleaner/plain_stretches.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/offset.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "storage/cleaner/stored_batches.h"

namespace ottla::storage {

void PlainStretches::note(std::span<const std::byte> batch, std::uint64_t position) {
  if (magic_of(batch) != record::kMagic) return end_chunk();
  const auto view = measured_batch(batch);
  if (!view.ok() || view->attributes().is_control() || view->attributes().is_transactional()) {
    return end_chunk();
  }
  if (!open_)
    open_ = PlainStretch{.begin = position, .end = position, .first = view->base_offset(), .last = {}};
  open_->end = position + batch.size();
  open_->last = *view->last_offset();
  open_->records += static_cast<std::uint64_t>(view->count());
}

void PlainStretches::end_chunk() {
  if (open_ && stretches_.size() < kMost) stretches_.push_back(*open_);
  open_.reset();
}

std::span<const PlainStretch> PlainStretches::of(Offset base, Offset end) const {
  const auto begin = std::ranges::lower_bound(stretches_, base, {}, &PlainStretch::first);
  return {begin, std::ranges::lower_bound(begin, stretches_.end(), end, {}, &PlainStretch::first)};
}

}  // namespace ottla::storage
