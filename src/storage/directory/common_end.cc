#include "storage/directory/common_end.h"

#include <algorithm>
#include <span>

namespace ottla::storage {
namespace {

// The last entry that begins before `end`; null when that lies before all of them.
const EpochEntry* entry_before(std::span<const EpochEntry> entries, Offset end) {
  const auto after = std::ranges::lower_bound(entries, end, {}, &EpochEntry::start);
  return after == entries.begin() ? nullptr : &*(after - 1);
}

}  // namespace

std::optional<Offset> common_end(const CopyView& one, const CopyView& other) {
  if (one.epochs.empty() || other.epochs.empty()) return std::nullopt;
  Offset end = std::min(one.end, other.end);
  while (true) {
    const EpochEntry* const here = entry_before(one.epochs.entries(), end);
    const EpochEntry* const there = entry_before(other.epochs.entries(), end);
    // What lies before the entries of one was there before epochs were, or is deleted.
    if (here == nullptr || there == nullptr || here->epoch == there->epoch) return end;
    // None of the later epoch's records can be in the other one.
    end = here->epoch > there->epoch ? here->start : there->start;
  }
}

}  // namespace ottla::storage
