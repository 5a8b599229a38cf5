// Rot in segments that nobody reads is found, and nothing else is.
#include "storage/scrub/scrub.h"

#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "test/storage/directory/node_language.h"

namespace ottla::storage {
namespace {

// Partitions with segments of four batches.
class ScrubUnderTest {
 public:
  explicit ScrubUnderTest(const Place& place) : node(place) {
    node.config = {.segment_bytes = static_cast<std::int32_t>(4 * one()),
                   .file_delete_delay_ms = std::chrono::milliseconds(0)};
  }
  static std::uint64_t one() { return make_batch(Offset(0), {}).size(); }

  Task<void> start(int partitions, int batches) {
    co_await node.start();
    for (int i = 0; i < partitions; ++i) co_await node.append(*co_await node.create(i), batches);
    scrub_ = std::make_unique<Scrub>(*node.logs, ScrubOptions{.bytes_per_second = IoPace::kNoLimit});
    scrub_->on_finding = [this](const ScrubFinding& found) { note(found); };
  }
  Scrub& scrub() { return *scrub_; }
  Log& log(std::int32_t partition = 0) { return *node.logs->find(tp(partition)); }
  // Flips a bit of the batch with that number in a segment, so many bytes behind its beginning.
  Task<void> rot(std::int32_t partition, std::size_t segment, std::uint64_t batch, std::uint64_t at) {
    const std::unique_ptr<File> file =
        co_await must(files().open(log(partition).segments()[segment]->log_path(), kReadWrite));
    const std::uint64_t position = batch * one() + at;
    std::string byte = co_await contract::read(*file, position, 1);
    byte[0] = static_cast<char>(byte[0] ^ 4);
    co_await must(file->write_at(position, contract::text(byte)));
    co_await file->close();
  }
  Task<std::string> round() {
    found_.clear();
    EXPECT_TRUE(co_await scrub_->round({}));
    co_return found_;
  }
  // Reads on until so many bytes were checked, does that, and lets it come to its end.
  Task<std::string> meanwhile(std::uint64_t bytes, std::function<Task<void>()> meddle) {
    found_.clear();
    scrub_->configure({.bytes_per_second = 0});
    TaskGroup group;
    group.spawn([&](Cancel cancel) -> Task<void> { EXPECT_TRUE(co_await scrub_->round(cancel)); });
    while (scrub_->checked_bytes() < bytes) co_await yield();
    co_await meddle();
    scrub_->configure({.bytes_per_second = IoPace::kNoLimit});
    co_await group.wait();
    co_return found_;
  }
  Task<void> end() {
    scrub_.reset();
    co_await node.end();
  }

  NodeUnderTest node;

 private:
  // "t-0/4@1+1 5-5": partition and segment, where and how large in batches, offsets
  void note(const ScrubFinding& found) {
    const BadBatch& bad = found.batch;
    if (!found_.empty()) found_ += ", ";
    found_ += found.partition.to_string() + "/" + found.segment.to_string() + "@" +
              std::to_string(bad.position / one()) + "+" + std::to_string(bad.size / one()) + " " +
              bad.first_offset.to_string() + "-" + bad.last_offset.to_string();
  }

  std::unique_ptr<Scrub> scrub_;
  std::string found_;
};

CONTRACT_TEST(Scrub, GoodSegmentsAreReadAndTheLastOneIsNot) {
  ScrubUnderTest story(place);
  co_await story.start(3, 10);
  EXPECT_EQ(co_await story.round(), "");
  EXPECT_EQ(story.scrub().checked_segments(), 6U);
  EXPECT_EQ(story.scrub().checked_bytes(), 24 * ScrubUnderTest::one());
  co_await story.end();
}

CONTRACT_TEST(Scrub, WhatRottedIsTold) {
  ScrubUnderTest story(place);
  co_await story.start(2, 10);
  co_await story.rot(0, 1, 2, ScrubUnderTest::one() - 3);  // a value
  co_await story.rot(1, 0, 1, 40);                         // a timestamp
  EXPECT_EQ(co_await story.round(), "t-0/4@2+1 6-6, t-1/0@1+1 1-1");
  EXPECT_EQ(story.scrub().bad_batches(), 2U);
  EXPECT_EQ(co_await story.round(), "t-0/4@2+1 6-6, t-1/0@1+1 1-1");
  EXPECT_EQ(story.scrub().bad_batches(), 2U);
  EXPECT_EQ(co_await story.node.batches(story.log()), "0 1 2 3 4 5 !");  // as it lies there
  co_await story.rot(0, 1, 2, ScrubUnderTest::one() - 3);                // healed
  co_await must(story.node.logs->remove(tp(1)));
  EXPECT_EQ(co_await story.round(), "");
  EXPECT_EQ(story.scrub().bad_batches(), 0U);
  co_await story.end();
}

CONTRACT_TEST(Scrub, WhatTheChecksumDoesNotCoverIsLookedAtToo) {
  ScrubUnderTest story(place);
  co_await story.start(3, 10);
  co_await story.rot(0, 0, 2, 5);   // the base offset
  co_await story.rot(1, 0, 1, 9);   // the length
  co_await story.rot(2, 0, 3, 16);  // the magic
  EXPECT_EQ(co_await story.round(), "t-0/0@2+1 262146-262146, t-1/0@1+3 1-3, t-2/0@3+1 3-3");
  co_await story.end();
}

CONTRACT_TEST(Scrub, BatchesAreLargerThanWhatIsRead) {
  ScrubUnderTest story(place);
  story.node.config.segment_bytes = 1 << 20;
  co_await story.start(1, 0);
  co_await story.node.append(story.log(), 3, {.value_bytes = 300'000});
  co_await must(story.log().roll());
  EXPECT_EQ(co_await story.round(), "");
  co_await story.rot(0, 0, 0, 299'000);
  EXPECT_NE(co_await story.round(), "");
  EXPECT_EQ(story.scrub().bad_batches(), 1U);
  co_await story.end();
}

CONTRACT_TEST(Scrub, ItGoesOnWhereItWasCalledOff) {
  ScrubUnderTest story(place);
  co_await story.start(2, 10);
  co_await story.rot(0, 0, 1, 70);
  co_await story.rot(1, 1, 1, 70);
  story.scrub().configure({.bytes_per_second = 0});
  TaskGroup group;
  group.spawn([&](Cancel cancel) -> Task<void> { EXPECT_FALSE(co_await story.scrub().round(cancel)); });
  while (story.scrub().checked_bytes() == 0) co_await yield();
  co_await group.stop();
  EXPECT_EQ(story.scrub().bad_batches(), 1U);
  story.scrub().configure({.bytes_per_second = IoPace::kNoLimit});
  EXPECT_EQ(co_await story.round(), "t-1/4@1+1 5-5");  // the first segment was read
  EXPECT_EQ(story.scrub().checked_bytes(), 16 * ScrubUnderTest::one());
  co_await story.end();
}

CONTRACT_TEST(Scrub, SegmentsMayGoWhileTheyAreRead) {
  ScrubUnderTest story(place);
  story.node.config.segment_bytes = 1 << 20;
  co_await story.start(2, 0);
  for (const int partition : {0, 1}) {
    co_await story.node.append(story.log(partition), 2, {.value_bytes = 300'000});
    co_await must(story.log(partition).roll());
  }
  EXPECT_EQ(co_await story.meanwhile(1,
                                     [&]() -> Task<void> {
                                       co_await must(story.log().truncate_fully_and_start_at(Offset(50)));
                                       co_await must(story.node.logs->remove(tp(1)));
                                     }),
            "");
  co_await story.end();
}

CONTRACT_TEST(Scrub, WhatIsCutAndWrittenAnewIsNotTakenForRot) {
  ScrubUnderTest story(place);
  story.node.config.segment_bytes = 1 << 20;
  co_await story.start(1, 0);
  co_await story.node.append(story.log(), 2, {.value_bytes = 300'000});
  co_await must(story.log().roll());
  EXPECT_EQ(co_await story.meanwhile(1,
                                     [&]() -> Task<void> {
                                       co_await must(story.log().truncate_to(Offset(1)));
                                       co_await story.node.append(story.log(), 1, {.value_bytes = 299'999});
                                       co_await must(story.log().roll());
                                     }),
            "");
  co_await story.end();
}

CONTRACT_TEST(Scrub, ASegmentThatCannotBeOpenedIsTold) {
  ScrubUnderTest story(place);
  co_await story.start(1, 10);
  co_await story.node.restart();
  ScrubUnderTest* const same = &story;
  Scrub scrub(*story.node.logs, {.bytes_per_second = IoPace::kNoLimit});
  std::string told;
  scrub.on_finding = [&](const ScrubFinding& found) { told += found.batch.last_offset.to_string(); };
  co_await must(files().remove(same->log().segments()[0]->log_path()));
  EXPECT_TRUE(co_await scrub.round({}));
  EXPECT_EQ(told, "3");
  co_await story.end();
}

CONTRACT_TEST(Scrub, ItBeginsAgainAfterItsPeriod) {
  ScrubUnderTest story(place);
  co_await story.start(1, 10);
  story.scrub().configure({.bytes_per_second = IoPace::kNoLimit, .period = std::chrono::milliseconds(5)});
  TaskGroup group;
  group.spawn([&](Cancel cancel) { return story.scrub().run(cancel); });
  while (story.scrub().checked_segments() < 6) co_await yield();
  co_await group.stop();
  co_await story.end();
}

}  // namespace
}  // namespace ottla::storage
