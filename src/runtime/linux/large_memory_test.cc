#include "runtime/large_memory.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace ottla {
namespace {

TEST(LargeMemory, IsZeroedFromEndToEnd) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, (std::size_t{5} << 20) + 3}) {
    const LargeMemory memory = make_large_memory(size);
    ASSERT_NE(memory, nullptr);
    for (std::size_t at = 0; at < size; at += 4096) EXPECT_EQ(memory[at], std::byte{0});
    memory[size - 1] = std::byte{1};
  }
}

}  // namespace
}  // namespace ottla
