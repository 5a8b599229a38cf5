#include "runtime/large_memory.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace ottla {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;

}  // namespace

LargeMemory make_large_memory(std::size_t size) {
  LargeMemory memory(static_cast<std::byte*>(std::calloc(size, 1)));
  const auto begin = reinterpret_cast<std::uintptr_t>(memory.get());
  const std::uintptr_t first_page = (begin + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t last_page = (begin + size) / kLargePage * kLargePage;
  if (memory != nullptr && first_page < last_page) {
    // A machine without them says no, and small pages serve.
    [[maybe_unused]] const int advised =
        ::madvise(memory.get() + (first_page - begin), last_page - first_page, MADV_HUGEPAGE);
  }
  return memory;
}

}  // namespace ottla
