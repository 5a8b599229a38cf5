#include "protocol/frame_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endian.h"
#include "base/error.h"
#include "base/slice.h"

namespace ottla::protocol {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string frame(std::string_view body) {
  std::string text(4, '\0');
  store_big_endian(reinterpret_cast<std::byte*>(text.data()), static_cast<std::int32_t>(body.size()));
  return text + std::string(body);
}

// What comes out, when at most `piece` bytes arrive at a time.
class Splitting : public testing::Test {
 protected:
  void arrive(std::string_view text, std::size_t piece = SIZE_MAX) {
    while (!text.empty() && !error_) {
      const auto space = splitter_.space();
      const std::size_t count = std::min({piece, text.size(), space.size()});
      std::ranges::copy(std::as_bytes(std::span(text.substr(0, count))), space.begin());
      splitter_.received(count);
      text.remove_prefix(count);
      take_all();
    }
  }
  void take_all() {
    for (;;) {
      auto next = splitter_.next();
      if (!next.ok()) error_ = next.error().code();
      if (!next.ok() || !*next) return;
      slices_.push_back(**next);
      frames_.emplace_back((*next)->as_string_view());
    }
  }

  FrameSplitter splitter_{100'000};
  std::vector<std::string> frames_;
  std::vector<Slice> slices_;
  std::optional<Errc> error_;
};

TEST_F(Splitting, HoldsNothingBetweenFramesOnceReleased) {
  arrive(frame("a"));
  EXPECT_EQ(slices_[0].owner()->claims(), 2u);
  splitter_.release();
  EXPECT_EQ(slices_[0].owner()->claims(), 1u);
  arrive(frame("b"));
  EXPECT_THAT(frames_, ElementsAre("a", "b"));
}

TEST_F(Splitting, FramesComeOutInOrderHoweverTheyArrive) {
  const std::string large(50'000, 'x');
  const std::string all = frame("one") + frame("") + frame(large) + frame("three");
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{4096}, all.size()}) {
    frames_.clear();
    arrive(all, piece);
    EXPECT_THAT(frames_, ElementsAre("one", "", large, "three")) << piece;
    EXPECT_TRUE(splitter_.at_boundary());
  }
}

TEST_F(Splitting, ManySmallFramesShareABlock) {
  arrive(frame("one") + frame("two"));
  EXPECT_EQ(slices_[0].owner(), slices_[1].owner());
}

TEST_F(Splitting, ALargeFrameHasABlockOfItsOwnSize) {
  arrive(frame(std::string(60'000, 'x')));
  EXPECT_EQ(slices_[0].pinned_capacity(), 60'004u);
}

TEST_F(Splitting, AFrameIsAnnouncedBeforeItIsThere) {
  arrive(frame(std::string(60'000, 'x')).substr(0, 10));
  EXPECT_EQ(splitter_.pending(), 60'004u);
  EXPECT_FALSE(splitter_.at_boundary());
  EXPECT_THAT(frames_, IsEmpty());
}

TEST_F(Splitting, AnAnnouncementAloneTakesNoMemory) {
  arrive(frame(std::string(60'000, 'x')).substr(0, 10));
  EXPECT_EQ(splitter_.claim(), 0u);
  EXPECT_LE(splitter_.space().size(), FrameSplitter::kBlock);
  arrive(std::string(FrameSplitter::kBlock - 11, 'x'), 1000);
  EXPECT_EQ(splitter_.claim(), 0u);
  arrive("x");
  EXPECT_EQ(splitter_.claim(), 60'004u);
  EXPECT_EQ(splitter_.space().size(), 60'004u - FrameSplitter::kBlock);
}

TEST_F(Splitting, ALargeFrameBehindASmallOneTakesABlockFirst) {
  arrive(frame(std::string(16'000, 'a')) + frame(std::string(60'000, 'x')).substr(0, 300));
  EXPECT_EQ(splitter_.claim(), 0u);
  EXPECT_LE(splitter_.space().size(), FrameSplitter::kBlock);
  arrive(frame(std::string(60'000, 'x')).substr(300));
  ASSERT_EQ(frames_.size(), 2u);
  EXPECT_EQ(frames_[1], std::string(60'000, 'x'));
}

TEST_F(Splitting, TheLimitItselfIsAllowed) {
  arrive(frame(std::string(100'000, 'x')), 9'999);
  EXPECT_EQ(frames_.at(0).size(), 100'000u);
}

TEST_F(Splitting, ATooLargeFrameIsRefusedByItsFirstFourBytes) {
  arrive(frame("fine") + std::string("\x00\x01\x86\xa1", 4));
  EXPECT_THAT(frames_, ElementsAre("fine"));
  EXPECT_EQ(error_, Errc::too_large);
}

TEST_F(Splitting, ANegativeSizeIsMalformed) {
  arrive("\xff\xff\xff\xff");
  EXPECT_EQ(error_, Errc::malformed);
}

TEST_F(Splitting, NothingIsPendingAtABoundary) {
  EXPECT_EQ(splitter_.pending(), 0u);
  arrive(frame("one"));
  EXPECT_EQ(splitter_.pending(), 0u);
}

TEST_F(Splitting, GoesOnWithWhatAnotherOneHadNotRead) {
  const std::string large(40'000, 'x');
  const std::string text = frame("a") + frame("b") + frame(large);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{3}, std::size_t{9}, std::size_t{16'500}}) {
    FrameSplitter other(100'000);
    other.go_on_with(std::as_bytes(std::span(std::string_view(text).substr(0, cut))));
    splitter_ = FrameSplitter(100'000);
    splitter_.go_on_with(other.unread());
    frames_.clear();
    take_all();
    arrive(std::string_view(text).substr(cut));
    EXPECT_THAT(frames_, ElementsAre("a", "b", large)) << cut;
  }
}

}  // namespace
}  // namespace ottla::protocol
