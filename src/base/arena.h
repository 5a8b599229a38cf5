// Memory for things that end together (the parts of one decoded request): taken by moving a pointer, given
// back at once, charged to a budget chunk by chunk.
//
// Lifetime:    what it hands out lives until reset() or the arena's end. No destructors run, so that only
// trivially
//              destructible things may live here.
// Concurrency: confined to one shard, like its Budget.
// Invariants:  1. every chunk is charged in full while the arena holds it
//              2. a budget that is spent shows as null or Errc::out_of_budget; nothing is half allocated
// Growth:      chunks double from `first_chunk` to `largest_chunk`; what does not fit well into one of those
// gets a
//              chunk of its own size. reset() keeps chunks up to `kept` bytes for the next use.
// Mistakes:    under AddressSanitizer, use after reset() and reads past an allocation are reported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/budget.h"
#include "base/error.h"
#include "base/result.h"

namespace ottla {

struct ArenaShape {
  std::size_t first_chunk = 4096;
  std::size_t largest_chunk = std::size_t{128} * 1024;
  std::size_t kept = 4096;
};

class Arena {
 public:
  explicit Arena(Budget& budget, ArenaShape shape = {});
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // Null when the budget is spent. `alignment` is a power of two, at most that of std::max_align_t.
  [[nodiscard, gnu::always_inline]] void* allocate(std::size_t size,
                                                   std::size_t alignment = alignof(std::max_align_t)) {
    if (size == 0) size = 1;  // an address of its own, and never null
    const std::size_t padding = -reinterpret_cast<std::uintptr_t>(next_) & (alignment - 1);
    const auto left = static_cast<std::size_t>(end_ - next_);
    if (left < padding + kGap || size > left - padding - kGap) [[unlikely]]
      return allocate_slowly(size, alignment);
    return hand_out(next_ + padding, size);
  }

  // One T; null when the budget is spent.
  template <typename T, typename... Arguments>
    requires std::is_trivially_destructible_v<T>
  [[nodiscard]] T* make(Arguments&&... arguments) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    void* place = allocate(sizeof(T), alignof(T));
    return place != nullptr ? ::new (place) T(std::forward<Arguments>(arguments)...) : nullptr;
  }

  // `count` value-initialised Ts. A count from outside is safe here, but check it against the bytes left
  // first: a large one is refused by the budget only after it was believed.
  template <typename T>
    requires std::is_trivially_destructible_v<T>
  Result<std::span<T>> make_span(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    if (count > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(T)) return Errc::out_of_budget;
    void* place = allocate(count * sizeof(T), alignof(T));
    if (place == nullptr) return Errc::out_of_budget;
    T* first = static_cast<T*>(place);
    std::uninitialized_value_construct_n(first, count);
    return std::span<T>(first, count);
  }

  Result<std::string_view> copy(std::string_view text) {
    OTTLA_TRY(const std::span<const std::byte> bytes, copy(std::as_bytes(std::span(text))));
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  Result<std::span<const std::byte>> copy(std::span<const std::byte> bytes) {
    void* place = allocate(bytes.size(), 1);
    if (place == nullptr) return Errc::out_of_budget;
    if (!bytes.empty()) std::memcpy(place, bytes.data(), bytes.size());
    return std::span(static_cast<const std::byte*>(place), bytes.size());
  }

  // Ends everything that was handed out.
  void reset();

  // What the budget is charged for this arena.
  std::size_t held() const { return held_; }

 private:
  struct Chunk;  // a header before the bytes that it announces

#if __has_feature(address_sanitizer)
  static constexpr std::size_t kGap = 8;  // poisoned, after every allocation
#else
  static constexpr std::size_t kGap = 0;
#endif

  void* hand_out(std::byte* start, std::size_t size) {
    next_ = start + size;
    if constexpr (kGap > 0) mark_handed_out(start, size);
    return start;
  }
  void mark_handed_out(std::byte* start, std::size_t size);
  void* allocate_slowly(std::size_t size, std::size_t alignment);
  Chunk* add_chunk(std::size_t size);
  void free_chunk(Chunk* chunk);
  void open(Chunk& chunk);

  Budget& budget_;
  const ArenaShape shape_;
  std::byte* next_ = nullptr;  // free bytes of the open chunk: [next_, end_)
  std::byte* end_ = nullptr;
  Chunk* used_ = nullptr;   // filled, own-size and open chunks
  Chunk* spare_ = nullptr;  // kept by reset() for the next use
  std::size_t next_chunk_;  // size of the next ordinary chunk
  std::size_t held_ = 0;
};

}  // namespace ottla
