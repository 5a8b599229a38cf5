#include "base/slice.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/mutable_buffer.h"

namespace ottla {
namespace {

// A block that tells when it is released and can be used again, as pooled ones are.
class CountedBlock final : public Block {
 public:
  CountedBlock() : Block(sizeof(bytes), &note_release) { bytes.fill(std::byte{'x'}); }

  Claim<Block> adopt() { return Claim<Block>::adopt(this); }
  void revive_now() { revive(); }

  std::array<std::byte, 64> bytes;
  int releases = 0;

 private:
  static void note_release(Block* block) noexcept { ++static_cast<CountedBlock*>(block)->releases; }
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(Slice, CopyOfHoldsTheBytes) {
  std::string text = "broker";
  const Slice slice = Slice::copy_of(text);
  text = "vanish";
  EXPECT_EQ(slice.as_string_view(), "broker");
  EXPECT_EQ(slice.pinned_capacity(), 6U);
}

TEST(Slice, StaticBytesPinNothing) {
  const Slice slice = Slice::from_static("leader");
  EXPECT_EQ(slice.as_string_view(), "leader");
  EXPECT_FALSE(slice.owner());
  EXPECT_EQ(slice.pinned_capacity(), 0U);
}

TEST(Slice, EmptyCopyClaimsNothing) {
  const Slice slice = Slice::copy_of("");
  EXPECT_TRUE(slice.empty());
  EXPECT_FALSE(slice.owner());
  EXPECT_EQ(slice, Slice());
}

TEST(Slice, SubsliceSharesTheBlock) {
  const Slice whole = Slice::copy_of("high watermark");
  const Slice part = whole.subslice(5, 5);
  EXPECT_EQ(part.as_string_view(), "water");
  EXPECT_EQ(part.data(), whole.data() + 5);
  EXPECT_EQ(part.owner()->claims(), 2U);
  EXPECT_EQ(part.pinned_capacity(), 14U);
}

TEST(Slice, SplitFrontLeavesTheRest) {
  Slice rest = Slice::copy_of("isr:hw");
  const Slice front = rest.split_front(4);
  EXPECT_EQ(front.as_string_view(), "isr:");
  EXPECT_EQ(rest.as_string_view(), "hw");
}

TEST(Slice, TruncateAndRemoveFront) {
  Slice slice = Slice::copy_of("0123456789");
  slice.truncate(8);
  slice.remove_front(2);
  EXPECT_EQ(slice.as_string_view(), "234567");
}

TEST(Slice, MovedFromIsEmpty) {
  Slice from = Slice::copy_of("gone");
  const Slice to = std::move(from);
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(from.data(), nullptr);
  EXPECT_EQ(to.owner()->claims(), 1U);
}

TEST(Slice, SelfAssignmentKeepsTheBytes) {
  Slice slice = Slice::copy_of("same");
  Slice& alias = slice;
  slice = alias;
  slice = std::move(alias);
  EXPECT_EQ(slice.as_string_view(), "same");
  EXPECT_EQ(slice.owner()->claims(), 1U);
}

TEST(Slice, ComparesByContent) {
  EXPECT_EQ(Slice::copy_of("a"), Slice::from_static("a"));
  EXPECT_NE(Slice::from_static("a"), Slice::from_static("b"));
  EXPECT_LT(Slice::from_static("a"), Slice::from_static("ab"));
  EXPECT_GT(Slice::from_static("\xff"), Slice::from_static("\x01"));
}

TEST(Slice, JoinsOnlyItsVeryContinuation) {
  Slice rest = Slice::copy_of("abcdef");
  Slice front = rest.split_front(2);
  const Slice later = rest.subslice(1, 3);
  EXPECT_FALSE(front.join(later));
  EXPECT_FALSE(front.join(Slice::copy_of("cdef")));
  EXPECT_TRUE(front.join(rest));
  EXPECT_EQ(front.as_string_view(), "abcdef");
}

TEST(Slice, StaticBytesNeverJoin) {
  Slice rest = Slice::from_static("abcdef");
  Slice front = rest.split_front(2);
  EXPECT_FALSE(front.join(rest));
}

TEST(Block, IsReleasedOnceWithTheLastClaim) {
  CountedBlock block;
  {
    Slice first(block.adopt(), block.bytes);
    const Slice second = first;
    first = Slice();
    EXPECT_EQ(block.releases, 0);
    EXPECT_EQ(second.pinned_capacity(), 64U);
  }
  EXPECT_EQ(block.releases, 1);
}

TEST(Block, LivesAgainAfterRevive) {
  CountedBlock block;
  block.adopt() = nullptr;
  block.revive_now();
  block.adopt() = nullptr;
  EXPECT_EQ(block.releases, 2);
}

TEST(BlockDeathTest, OneClaimTooFew) {
  CountedBlock block;
  block.give_back();
  EXPECT_DEATH(block.give_back(), "given back more often");
}

TEST(BlockDeathTest, ReviveWhileClaimed) {
  CountedBlock block;
  EXPECT_DEATH(block.revive_now(), "still claimed");
}

TEST(SliceDeathTest, BeyondTheBytes) {
  Slice slice = Slice::copy_of("four");
  EXPECT_DEATH(static_cast<void>(slice.subslice(5, 0)), "subslice beyond");
  EXPECT_DEATH(static_cast<void>(slice.subslice(1, 4)), "subslice beyond");
  EXPECT_DEATH(static_cast<void>(slice.subslice(1, SIZE_MAX)), "subslice beyond");
  EXPECT_DEATH(static_cast<void>(slice[4]), "index beyond");
  EXPECT_DEATH(slice.remove_front(5), "remove_front beyond");
  EXPECT_DEATH(slice.truncate(5), "truncate beyond");
}

TEST(MutableBuffer, FramesOfOneReadShareABlock) {
  MutableBuffer buffer = heap_buffers().allocate(16);
  EXPECT_EQ(buffer.append(bytes_of("frame1frame2par")), 15U);
  const Slice first = buffer.take_front(6);
  const Slice second = buffer.take_front(6);
  EXPECT_EQ(first.as_string_view(), "frame1");
  EXPECT_EQ(second.as_string_view(), "frame2");
  EXPECT_EQ(first.owner(), second.owner());
  EXPECT_EQ(buffer.size(), 3U);
  EXPECT_EQ(buffer.spare().size(), 1U);
}

TEST(MutableBuffer, AppendStopsWhenFull) {
  MutableBuffer buffer = MutableBuffer::on_heap(4);
  EXPECT_EQ(buffer.append(bytes_of("offset")), 4U);
  EXPECT_EQ(buffer.append(bytes_of("s")), 0U);
  EXPECT_EQ(std::move(buffer).freeze().as_string_view(), "offs");
}

TEST(MutableBuffer, CommitsWhatWasReadIntoSpare) {
  MutableBuffer buffer = MutableBuffer::on_heap(8);
  std::memcpy(buffer.spare().data(), "abc", 3);
  buffer.commit(2);
  EXPECT_EQ(std::move(buffer).freeze(3).as_string_view(), "abc");
}

TEST(MutableBuffer, FreezeGivesUpTheWindow) {
  MutableBuffer buffer = MutableBuffer::on_heap(8);
  const Slice slice = std::move(buffer).freeze(8);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_FALSE(buffer.owner());
  EXPECT_EQ(slice.owner()->claims(), 1U);
}

TEST(MutableBufferDeathTest, BeyondTheWindow) {
  MutableBuffer buffer = MutableBuffer::on_heap(4);
  EXPECT_DEATH(buffer.commit(5), "commit beyond");
  EXPECT_DEATH(static_cast<void>(buffer.take_front(1)), "take_front beyond");
  EXPECT_DEATH(static_cast<void>(std::move(buffer).freeze(5)), "freeze beyond");
}

}  // namespace
}  // namespace ottla
