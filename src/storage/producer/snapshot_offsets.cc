#include "storage/producer/snapshot_offsets.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/offset.h"

namespace ottla::storage {
namespace {

template <typename Predicate>
std::vector<Offset> take_if(std::vector<Offset>& from, Predicate predicate) {
  std::vector<Offset> taken;
  std::erase_if(from, [&](Offset each) {
    if (!predicate(each)) return false;
    taken.push_back(each);
    return true;
  });
  return taken;
}

}  // namespace

void SnapshotOffsets::add(Offset offset) {
  const auto at = std::ranges::lower_bound(offsets_, offset);
  if (at == offsets_.end() || *at != offset) offsets_.insert(at, offset);
}

bool SnapshotOffsets::remove(Offset offset) {
  const auto at = std::ranges::lower_bound(offsets_, offset);
  if (at == offsets_.end() || *at != offset) return false;
  offsets_.erase(at);
  return true;
}

bool SnapshotOffsets::contains(Offset offset) const {
  return std::ranges::binary_search(offsets_, offset);
}

std::optional<Offset> SnapshotOffsets::earliest() const {
  return empty() ? std::nullopt : std::optional(offsets_.front());
}

std::optional<Offset> SnapshotOffsets::latest() const {
  return empty() ? std::nullopt : std::optional(offsets_.back());
}

std::vector<Offset> SnapshotOffsets::take_outside(Offset start, Offset end) {
  return take_if(offsets_, [&](Offset each) { return each > end || each <= start; });
}

std::vector<Offset> SnapshotOffsets::take_before(Offset offset) {
  return take_if(offsets_, [&](Offset each) { return each < offset; });
}

std::vector<Offset> SnapshotOffsets::take_all() {
  return std::exchange(offsets_, {});
}

std::vector<Offset> SnapshotOffsets::take_stray(std::span<const Offset> segments) {
  std::optional<Offset> kept;  // the latest that has no segment
  for (const Offset each : offsets_) {
    if (!std::ranges::binary_search(segments, each)) kept = each;
  }
  if (kept && !segments.empty() && *kept < segments.back()) kept.reset();
  return take_if(offsets_,
                 [&](Offset each) { return each != kept && !std::ranges::binary_search(segments, each); });
}

}  // namespace ottla::storage
