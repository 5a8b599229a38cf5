#include "base/arena.h"

#include <algorithm>
#include <bit>
#include <new>

#include "base/invariant.h"

#if __has_feature(address_sanitizer)
  #include <sanitizer/asan_interface.h>
#else
  #define ASAN_POISON_MEMORY_REGION(address, size) (static_cast<void>(address), static_cast<void>(size))
  #define ASAN_UNPOISON_MEMORY_REGION(address, size) (static_cast<void>(address), static_cast<void>(size))
#endif

namespace ottla {

struct alignas(std::max_align_t) Arena::Chunk {
  Chunk* next;
  std::size_t size;  // with this header
  bool ordinary;     // of the growing sizes, and so worth keeping

  std::byte* begin() { return reinterpret_cast<std::byte*>(this) + sizeof(Chunk); }
  std::byte* end() { return reinterpret_cast<std::byte*>(this) + size; }
};

Arena::Arena(Budget& budget, ArenaShape shape)
    : budget_(budget), shape_(shape), next_chunk_(shape.first_chunk) {
  OTTLA_INVARIANT(shape.first_chunk >= 2 * sizeof(Chunk) && shape.first_chunk <= shape.largest_chunk,
                  "arena chunks grow from small to large", shape.first_chunk, shape.largest_chunk);
}

Arena::~Arena() {
  for (Chunk** list : {&used_, &spare_}) {
    while (Chunk* chunk = *list) {
      *list = chunk->next;
      free_chunk(chunk);
    }
  }
  OTTLA_INVARIANT(held_ == 0, "arena lost a chunk", held_);
}

// Every allocation starts on 8 bytes, as the sanitizer's shadow needs, and ends at least a byte before the
// next.
void Arena::mark_handed_out(std::byte* start, std::size_t size) {
  ASAN_UNPOISON_MEMORY_REGION(start, size);
  next_ += 8 - size % 8;
}

Arena::Chunk* Arena::add_chunk(std::size_t size) {
  if (!budget_.try_charge(size)) return nullptr;
  void* memory = ::operator new(size, std::nothrow);
  if (memory == nullptr) {
    budget_.release(size);
    return nullptr;
  }
  held_ += size;
  auto* chunk = ::new (memory) Chunk{.next = nullptr, .size = size, .ordinary = size == next_chunk_};
  next_chunk_ = std::min(next_chunk_ * 2, shape_.largest_chunk);
  ASAN_POISON_MEMORY_REGION(chunk->begin(), size - sizeof(Chunk));
  return chunk;
}

void Arena::free_chunk(Chunk* chunk) {
  const std::size_t size = chunk->size;
  ASAN_UNPOISON_MEMORY_REGION(chunk, size);
  ::operator delete(chunk, size);
  budget_.release(size);
  held_ -= size;
}

void Arena::open(Chunk& chunk) {
  chunk.next = used_;
  used_ = &chunk;
  next_ = chunk.begin();
  end_ = chunk.end();
}

void* Arena::allocate_slowly(std::size_t size, std::size_t alignment) {
  OTTLA_INVARIANT(std::has_single_bit(alignment) && alignment <= alignof(std::max_align_t),
                  "alignment is a power of two that malloc keeps", alignment);
  if (size > std::numeric_limits<std::size_t>::max() / 2) return nullptr;
  const std::size_t needed = sizeof(Chunk) + size + kGap;
  // What would take most of a new chunk does not deserve to close the open one.
  if (used_ != nullptr && needed > next_chunk_ / 2) {
    Chunk* own = add_chunk(needed);
    if (own == nullptr) return nullptr;
    own->ordinary = false;
    own->next = used_->next;  // behind the open one
    used_->next = own;
    ASAN_UNPOISON_MEMORY_REGION(own->begin(), size);
    return own->begin();
  }
  Chunk* chunk = spare_;
  if (chunk != nullptr && chunk->size >= needed) {
    spare_ = chunk->next;
    next_chunk_ = std::min(std::max(next_chunk_, 2 * chunk->size), shape_.largest_chunk);
  } else {
    chunk = add_chunk(std::max(next_chunk_, needed));
    if (chunk == nullptr) return nullptr;
  }
  open(*chunk);
  return hand_out(next_, size);
}

// The chunks used last are the largest and go first; so what is kept are the first, small ones.
void Arena::reset() {
  // Mostly one chunk was enough, and stays open.
  if (used_ != nullptr && used_->next == nullptr && used_->ordinary && held_ <= shape_.kept) [[likely]] {
    ASAN_POISON_MEMORY_REGION(used_->begin(), used_->size - sizeof(Chunk));
    next_ = used_->begin();
    return;
  }
  next_ = end_ = nullptr;
  while (Chunk* chunk = used_) {
    used_ = chunk->next;
    if (chunk->ordinary && held_ <= shape_.kept) {
      ASAN_POISON_MEMORY_REGION(chunk->begin(), chunk->size - sizeof(Chunk));
      chunk->next = spare_;
      spare_ = chunk;
    } else {
      free_chunk(chunk);
    }
  }
  next_chunk_ = shape_.first_chunk;
}

}  // namespace ottla
