// Promises of "no allocation", counted by replacing the process's operator new. Not under ThreadSanitizer, which
// replaces it itself.
#if !__has_feature(thread_sanitizer)

  #include <gtest/gtest.h>

  #include <array>
  #include <cstdint>
  #include <cstdlib>
  #include <new>
  #include <utility>

  #include "base/byte_reader.h"
  #include "base/byte_writer.h"
  #include "base/chain.h"
  #include "base/slice.h"

namespace {

std::size_t g_allocations = 0;

void* count_and_allocate(std::size_t size) noexcept {
  ++g_allocations;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = count_and_allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) {
  return ::operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace ottla {
namespace {

template <typename Work>
std::size_t allocations_of(Work work) {
  const std::size_t before = g_allocations;
  work();
  return g_allocations - before;
}

TEST(Allocation, ACopiedSliceTakesOne) {
  EXPECT_EQ(allocations_of([] { EXPECT_EQ(Slice::copy_of("a block and its header").size(), 22U); }), 1U);
}

TEST(Allocation, SlicingTakesNone) {
  const Slice slice = Slice::copy_of("base offset, length, epoch");
  EXPECT_EQ(allocations_of([&slice] {
              Slice rest = slice;
              const Slice front = rest.split_front(11);
              const Slice part = front.subslice(5, 6);
              const Slice moved = std::move(rest);
              EXPECT_EQ(part, Slice::from_static("offset"));
            }),
            0U);
}

TEST(Allocation, SmallChainsTakeNone) {
  const Slice slice = Slice::copy_of("0123456789");
  EXPECT_EQ(allocations_of([&slice] {
              Chain chain(slice.subslice(0, 2));
              chain.append(Chain(slice.subslice(4, 2)));
              chain.append(slice.subslice(8, 2));
              chain.prepend(Slice::from_static("head"));
              Chain front = chain.split_front(5);
              front.append(std::move(chain));
              EXPECT_TRUE(front.holds("head014589"));
            }),
            0U);
}

TEST(Allocation, RefusedReadsTakeNone) {
  const std::array<std::byte, 2> bytes{std::byte{0x80}, std::byte{0}};
  EXPECT_EQ(allocations_of([&bytes] {
              ByteReader reader{std::span(bytes)};
              EXPECT_FALSE(reader.read_i64().ok());
              EXPECT_FALSE(reader.read_varint().ok());
              EXPECT_FALSE(reader.read_count(4).ok());
            }),
            0U);
}

TEST(Allocation, AnExactWriterTakesOne) {
  EXPECT_EQ(allocations_of([] {
              ByteWriter writer = ByteWriter::exact(1000);
              for (int i = 0; i < 250; ++i) writer.write_i32(i);
              EXPECT_EQ(std::move(writer).finish_slice().size(), 1000U);
            }),
            1U);
}

}  // namespace
}  // namespace ottla

#endif
