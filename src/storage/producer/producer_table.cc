#include "storage/producer/producer_table.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "storage/producer/producer_state.h"

namespace ottla::storage {

std::optional<std::size_t> ProducerTable::place_of(std::int64_t id) const {
  if (slots_.empty()) {
    for (std::size_t index = 0; index < size_; ++index) {
      if (at(index).facts().id == id) return index;
    }
    return std::nullopt;
  }
  const std::uint64_t hashed = hash(id);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hashed & mask; slots_[slot] != kFree; slot = (slot + 1) & mask) {
    const std::size_t index = index_of(slots_[slot]);
    if (slots_[slot] == slot_value(hashed, index) && at(index).facts().id == id) return index;
  }
  return std::nullopt;
}

void ProducerTable::reserve(std::size_t producers) {
  const std::size_t slots = std::bit_ceil(producers + producers / 3 + 1);
  if (producers > kScanned && slots > slots_.size()) build_index(slots);
}

ProducerState& ProducerTable::put(ProducerState state) {
  const std::int64_t id = state.facts().id;
  if (ProducerState* const known = find(id)) return *known = std::move(state);
  OTTLA_INVARIANT(size_ < kMost, "more producers in a partition than can be counted", size_);
  if (size_ % kChunk == 0) {
    chunks_.emplace_back();
    if (size_ != 0) chunks_.back().reserve(kChunk);
  }
  chunks_.back().push_back(std::move(state));
  ++size_;
  if (slots_.size() * 3 < size_ * 4 && size_ > kScanned) {
    build_index(slots_.empty() ? 4 * kScanned : 2 * slots_.size());
  } else if (!slots_.empty()) {
    const std::uint64_t hashed = hash(id);
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hashed & mask;
    while (slots_[slot] != kFree) slot = (slot + 1) & mask;
    slots_[slot] = slot_value(hashed, size_ - 1);
  }
  return chunks_.back().back();
}

void ProducerTable::remove(std::int64_t id) {
  if (const auto index = place_of(id)) remove_at(*index);
}

void ProducerTable::clear() {
  chunks_ = std::vector<std::vector<ProducerState>>();
  slots_ = std::vector<std::uint32_t>();
  size_ = 0;
}

std::size_t ProducerTable::memory_bytes() const {
  std::size_t bytes =
      chunks_.capacity() * sizeof(chunks_.front()) + slots_.capacity() * sizeof(slots_.front());
  for (const auto& chunk : chunks_) bytes += chunk.capacity() * sizeof(ProducerState);
  for_each([&](const ProducerState& each) { bytes += each.memory_bytes(); });
  return bytes;
}

// Each bit of the id and the seed changes half of the bits.
std::uint64_t ProducerTable::hash(std::int64_t id) const {
  std::uint64_t mixed = static_cast<std::uint64_t>(id) ^ seed_;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27 ^ seed_) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

std::size_t ProducerTable::find_slot(std::size_t index) {
  const std::uint64_t hashed = hash(at(index).facts().id);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hashed & mask;
  while (slots_[slot] != slot_value(hashed, index)) slot = (slot + 1) & mask;
  return slot;
}

// Those behind it, which a producer in this slot pushed on, move up, so that a walk over slots ends at a free one.
void ProducerTable::free_slot(std::size_t slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = slot;
  for (std::size_t next = (slot + 1) & mask; slots_[next] != kFree; next = (next + 1) & mask) {
    const std::size_t home = hash(at(index_of(slots_[next])).facts().id) & mask;
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
  }
  slots_[hole] = kFree;
}

void ProducerTable::remove_at(std::size_t index) {
  const std::size_t last = size_ - 1;
  if (!slots_.empty()) {
    free_slot(find_slot(index));
    if (index != last) slots_[find_slot(last)] = slot_value(hash(at(last).facts().id), index);
  }
  if (index != last) at(index) = std::move(at(last));
  chunks_.back().pop_back();
  if (chunks_.back().empty()) chunks_.pop_back();
  --size_;
  if (!slots_.empty() && size_ * 8 < slots_.size()) {
    if (size_ <= kScanned) {
      slots_ = std::vector<std::uint32_t>();
    } else {
      build_index(slots_.size() / 2);
    }
  }
}

void ProducerTable::build_index(std::size_t slots) {
  slots_ = std::vector<std::uint32_t>(slots, kFree);
  const std::size_t mask = slots - 1;
  for (std::size_t index = 0; index < size_; ++index) {
    const std::uint64_t hashed = hash(at(index).facts().id);
    std::size_t slot = hashed & mask;
    while (slots_[slot] != kFree) slot = (slot + 1) & mask;
    slots_[slot] = slot_value(hashed, index);
  }
}

}  // namespace ottla::storage
