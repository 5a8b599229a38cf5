// Zeroed memory for large tables that are looked into at random: in large pages where the machine has them, so that a
// look costs one miss and not two. Pages that nobody touches are never taken.
//
// Lifetime:    an owner, to be moved.
// Concurrency: none of its own.
// Errors:      empty when there is no such memory.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace ottla {

struct FreeMemory {
  void operator()(std::byte* memory) const { std::free(memory); }
};
using LargeMemory = std::unique_ptr<std::byte[], FreeMemory>;

LargeMemory make_large_memory(std::size_t size);

}  // namespace ottla
