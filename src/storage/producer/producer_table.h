// The producers of a partition by their ids: few as a rule, now and then millions.
//
// Use:         ProducerState* state = table.find(id);
// Lifetime:    what it returns stays where it is until the next add or remove.
// Concurrency: confined to the partition's shard; pure. Order is that of insertion, until something is removed: then
//              the last one takes its place.
// Size:        nothing while empty, 64 bytes a producer up to eight, about 72 beyond; memory goes back when producers go.
// Invariants:  producers lie in chunks without gaps; each has one slot in the index, or there is no index
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "storage/producer/producer_state.h"

namespace ottla::storage {

class ProducerTable {
 public:
  // Ids come from clients: with a seed that nobody else knows they cannot be chosen to collide.
  explicit ProducerTable(std::uint64_t seed = 0) : seed_(seed) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ProducerState* find(std::int64_t id) {
    const auto index = place_of(id);
    return index ? &at(*index) : nullptr;
  }
  const ProducerState* find(std::int64_t id) const {
    const auto index = place_of(id);
    return index ? &at(*index) : nullptr;
  }
  // The index is made for so many at once, and not again and again while they come.
  void reserve(std::size_t producers);
  // In the place of the one with its id, if there is one.
  ProducerState& put(ProducerState state);
  void remove(std::int64_t id);
  void clear();

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& chunk : chunks_) {
      for (const ProducerState& each : chunk) visit(each);
    }
  }
  template <typename Predicate>
  void remove_if(Predicate&& predicate) {
    for (std::size_t index = 0; index < size_;) {
      if (predicate(std::as_const(at(index)))) {
        remove_at(index);
      } else {
        ++index;
      }
    }
  }

  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kChunk = 64;
  static constexpr std::size_t kScanned = 8;  // up to so many are looked through without an index
  // A slot has the producer's place and some bits of its hash, so that a wrong producer is rarely looked at.
  static constexpr std::uint32_t kTagBits = 6;
  static constexpr std::uint32_t kMost = (std::uint32_t{1} << (32 - kTagBits)) - 1;
  static constexpr std::uint32_t kFree = UINT32_MAX;

  ProducerState& at(std::size_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const ProducerState& at(std::size_t index) const { return chunks_[index / kChunk][index % kChunk]; }
  std::optional<std::size_t> place_of(std::int64_t id) const;
  std::uint64_t hash(std::int64_t id) const;
  static std::uint32_t slot_value(std::uint64_t hash, std::size_t index) {
    return static_cast<std::uint32_t>(index << kTagBits | hash >> (64 - kTagBits));
  }
  static std::size_t index_of(std::uint32_t slot) { return slot >> kTagBits; }
  // Of the producer at a place.
  std::size_t find_slot(std::size_t index);
  void free_slot(std::size_t slot);
  void remove_at(std::size_t index);
  void build_index(std::size_t slots);

  std::vector<std::vector<ProducerState>> chunks_;  // all full but the last
  std::vector<std::uint32_t> slots_;                // a power of two of them
  std::size_t size_ = 0;
  std::uint64_t seed_;
};

}  // namespace ottla::storage
