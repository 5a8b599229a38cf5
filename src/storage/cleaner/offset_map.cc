#include "storage/cleaner/offset_map.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "storage/cleaner/key_hash.h"

namespace ottla::storage {
namespace {

constexpr std::size_t kFewestSlots = 16;
constexpr std::size_t kShareOfBits = 16;

// Room to spare beyond the keys makes searches short.
std::size_t comfortable_slots(std::uint64_t keys) {
  return static_cast<std::size_t>(keys + keys / 2) + kFewestSlots;
}

}  // namespace

Result<OffsetMap> OffsetMap::make(const OffsetMapLimits& limits, Offset start, std::uint64_t offsets) {
  const std::size_t allowed = limits.memory / kEntrySize;
  const double wanted = static_cast<double>(allowed) * std::clamp(limits.load_factor, 0.0, 1.0);
  auto capacity = static_cast<std::size_t>(wanted);
  if (capacity == 0 || allowed < 2) {
    return Error(Errc::invalid_argument,
                 "log.cleaner.dedupe.buffer.size leaves " + std::to_string(limits.memory) +
                     " bytes for a cleaner, which holds no key: raise it, or lower log.cleaner.threads");
  }
  capacity = std::min(capacity, allowed - 1);
  // Offsets may have gaps, and be too many to multiply.
  const std::uint64_t keys = std::min<std::uint64_t>(offsets, capacity);
  const std::size_t slots = std::min(allowed, comfortable_slots(keys));
  OffsetMap map(slots, std::min(capacity, slots - 1), allowed);
  map.start_ = start;
  map.bits_ = std::min<std::uint64_t>(offsets, limits.memory / kShareOfBits * 8);
  map.entries_memory_ = make_large_memory(slots * sizeof(Entry));
  map.superseded_memory_ = make_large_memory(words_of(map.bits_) * sizeof(std::uint64_t));
  if (map.entries_memory_ == nullptr || map.superseded_memory_ == nullptr) {
    return Error(Errc::out_of_budget,
                 "no memory for a cleaner's map of " + std::to_string(map.memory()) + " bytes");
  }
  map.entries_ = reinterpret_cast<Entry*>(map.entries_memory_.get());
  map.superseded_ = reinterpret_cast<std::uint64_t*>(map.superseded_memory_.get());
  return map;
}

void OffsetMap::supersede(Offset offset) {
  if (!has_bits(offset, offset)) return;
  superseded_[bit_of(offset) / 64] |= std::uint64_t{1} << (bit_of(offset) % 64);
}

bool OffsetMap::all_superseded(Offset first, Offset last) const {
  std::uint64_t bit = bit_of(first);
  const std::uint64_t end = bit_of(last) + 1;
  while (bit < end) {
    const std::uint64_t in_word = std::min<std::uint64_t>(64 - bit % 64, end - bit);
    const std::uint64_t wanted = (~std::uint64_t{0} >> (64 - in_word)) << (bit % 64);
    if ((superseded_[bit / 64] & wanted) != wanted) return false;
    bit += in_word;
  }
  return true;
}

bool OffsetMap::put(const KeyHash& key, Offset offset) {
  OTTLA_INVARIANT(offset.raw() >= 0 && offset != Offset::max(), "no offset of a record", offset);
  Entry moving{.key = key, .offset_and_one = offset.raw() + 1};
  std::size_t slot = home_of(key);
  bool placed = false;  // `moving` is then someone whose place was taken
  for (std::size_t steps = 0;; ++steps, slot = next(slot)) {
    Entry& entry = entries_[slot];
    if (!placed && !entry.empty() && entry.key == key) {
      const auto [older, later] = std::minmax(entry.offset_and_one, moving.offset_and_one);
      if (older != later) supersede(Offset(older - 1));
      entry.offset_and_one = later;
      return true;
    }
    const bool is_free = entry.empty();
    const std::size_t entry_steps = is_free ? 0 : distance(slot, entry);
    if (!is_free && entry_steps >= steps) continue;
    // From here on the key is known to be new.
    if (!placed) {
      if (size_ == capacity_) return false;
      ++size_;
      placed = true;
    }
    std::swap(entry, moving);
    if (is_free) return true;
    steps = entry_steps;
  }
}

std::optional<Offset> OffsetMap::find(const KeyHash& key) const {
  std::size_t slot = home_of(key);
  for (std::size_t steps = 0;; ++steps, slot = next(slot)) {
    const Entry& entry = entries_[slot];
    if (entry.empty()) return {};
    if (entry.key == key) return Offset(entry.offset_and_one - 1);
    if (distance(slot, entry) < steps) return {};
  }
}

}  // namespace ottla::storage
