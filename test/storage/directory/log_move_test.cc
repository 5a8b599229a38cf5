// A log goes from one log directory to another while it is written to, cut and deleted.
#include "storage/directory/log_move.h"

#include <chrono>

#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "test/storage/directory/node_language.h"

namespace ottla::storage {
namespace {

using std::chrono::milliseconds;

// Partition 0, in "a" and on its way to "b".
class MoveUnderTest {
 public:
  explicit MoveUnderTest(const Place& place) : node(place) {
    const auto one = static_cast<std::int32_t>(make_batch(Offset(0), {}).size());
    node.config = {.segment_bytes = 4 * one, .file_delete_delay_ms = milliseconds(0)};
  }

  Task<void> start(int batches) {
    co_await node.start();
    co_await node.create(0);
    co_await append(batches);
    co_await node.create(0, true, "b");
  }
  Log& source() { return *node.logs->find(tp(0)); }
  Log& target() { return *node.logs->find_future(tp(0)); }
  LogMove& move() {
    if (!move_) move_ = std::make_unique<LogMove>(*node.logs, tp(0), pace, options);
    return *move_;
  }
  Task<void> append(int count, std::int32_t epoch = 0, std::int32_t records = 1) {
    co_await node.append(source(), count, {.records = records, .epoch = epoch});
  }
  Task<std::string> run() { co_return std::string(name_of((co_await move().run({})).end)); }
  // "same", or both logs' batches.
  Task<std::string> finish() {
    const MoveOutcome outcome = co_await move().finish({});
    if (outcome.end != MoveEnd::caught_up) co_return std::string(name_of(outcome.end));
    co_return co_await compare();
  }
  Task<std::string> compare() {
    if (source().log_start() != target().log_start()) co_return "another start";
    if (source().log_end() != target().log_end()) co_return "another end";
    if (source().high_watermark() != target().high_watermark()) co_return "another high watermark";
    if (!std::ranges::equal(source().epochs().entries(), target().epochs().entries()))
      co_return "other epochs";
    if (co_await node.bytes(source()) == co_await node.bytes(target())) co_return "same";
    co_return co_await node.batches(source()) + " but " + co_await node.batches(target());
  }
  // Runs until so many portions were copied, then calls it off.
  Task<void> run_for(std::uint64_t bytes) {
    TaskGroup group;
    MoveEnd end = MoveEnd::failed;
    group.spawn([&](Cancel cancel) -> Task<void> { end = (co_await move().run(cancel)).end; });
    while (move().copied_bytes() < bytes) co_await yield();
    co_await group.stop();
    EXPECT_EQ(end, MoveEnd::cancelled);
  }
  // What becomes of a move that stands still while `meddle` is done.
  Task<std::string> meanwhile(std::function<Task<void>()> meddle) {
    MoveOutcome outcome;
    TaskGroup group;
    group.spawn([&](Cancel cancel) -> Task<void> { outcome = co_await move().run(cancel); });
    while (move().copied_bytes() == 0) co_await yield();
    co_await meddle();
    pace.set_rate(IoPace::kNoLimit);
    co_await group.wait();
    co_return std::string(name_of(outcome.end));
  }
  Task<void> restart() {
    move_.reset();
    co_await node.restart();
  }
  Task<void> end() { co_await node.end(); }

  NodeUnderTest node;
  IoPace pace;
  MoveOptions options;

 private:
  std::unique_ptr<LogMove> move_;
};

// Portions of one batch, and no second one before the rate is raised.
void one_by_one(MoveUnderTest& story) {
  story.options.portion_bytes = 1;
  story.pace.set_rate(0);
}

CONTRACT_TEST(LogMove, AllIsCopiedAndTakesThePlace) {
  MoveUnderTest story(place);
  co_await story.start(3);
  co_await story.append(3, 2, 5);
  story.source().set_high_watermark(Offset(4));
  EXPECT_EQ(story.move().lag(), 18);
  EXPECT_EQ(co_await story.run(), "caught_up");
  co_await story.append(2, 2);
  EXPECT_EQ(co_await story.finish(), "same");
  Log* log = co_await must(story.node.logs->replace_with_future(tp(0)));
  EXPECT_EQ(co_await story.node.batches(*log), "0 1 2 3-7 8-12 13-17 18 19");
  co_await story.node.append(*log, 1, {.epoch = 3});
  co_await story.restart();
  EXPECT_EQ(story.source().log_end(), Offset(21));
  EXPECT_EQ(co_await story.run(), "target_gone");
  co_await story.end();
}

CONTRACT_TEST(LogMove, AnEmptyLogIsCopied) {
  MoveUnderTest story(place);
  co_await story.start(0);
  co_await must(story.source().assign_epoch(LeaderEpoch(3), Offset(0)));
  EXPECT_EQ(co_await story.finish(), "same");
  co_await must(story.source().truncate_fully_and_start_at(Offset(70)));
  EXPECT_EQ(co_await story.finish(), "same");
  co_await story.end();
}

CONTRACT_TEST(LogMove, ItGoesOnAfterARestart) {
  MoveUnderTest story(place);
  co_await story.start(10);
  one_by_one(story);
  co_await story.run_for(1);
  co_await story.restart();
  const Offset before = story.target().log_end();
  EXPECT_EQ(before, Offset(1));
  story.pace.set_rate(IoPace::kNoLimit);
  EXPECT_EQ(co_await story.finish(), "same");
  EXPECT_EQ(story.move().copied_bytes(), 9 * make_batch(Offset(0), {}).size());
  co_await story.end();
}

CONTRACT_TEST(LogMove, WhatIsTakenBackGoesFromTheCopyToo) {
  MoveUnderTest story(place);
  co_await story.start(10);
  EXPECT_EQ(co_await story.run(), "caught_up");
  co_await must(story.source().truncate_to(Offset(6)));
  EXPECT_EQ(co_await story.finish(), "same");
  co_await must(story.source().truncate_to(Offset(3)));
  co_await story.append(9, 1);  // longer than it was
  EXPECT_EQ(co_await story.finish(), "same");
  EXPECT_EQ(story.target().log_end(), Offset(12));
  co_await story.end();
}

CONTRACT_TEST(LogMove, ALogThatIsBegunAnewIsCopiedAnew) {
  MoveUnderTest story(place);
  co_await story.start(10);
  EXPECT_EQ(co_await story.run(), "caught_up");
  co_await must(story.source().truncate_fully_and_start_at(Offset(50)));
  co_await story.append(3, 1);
  EXPECT_EQ(co_await story.finish(), "same");
  co_await must(story.source().truncate_fully_and_start_at(Offset(5)));
  co_await story.append(60, 1);
  EXPECT_EQ(co_await story.finish(), "same");
  EXPECT_EQ(story.target().log_start(), Offset(5));
  co_await story.end();
}

CONTRACT_TEST(LogMove, ALogMayBeCutWhileItIsRead) {
  MoveUnderTest story(place);
  co_await story.start(10);
  one_by_one(story);
  EXPECT_EQ(co_await story.meanwhile([&]() -> Task<void> {
    co_await must(story.source().truncate_to(Offset(0)));
    co_await story.append(4, 1);
  }),
            "caught_up");
  EXPECT_EQ(co_await story.compare(), "same");
  co_await story.end();
}

CONTRACT_TEST(LogMove, DeletedRecordsAreDeletedFromTheCopyToo) {
  MoveUnderTest story(place);
  co_await story.start(2);
  co_await story.append(4, 1, 5);
  story.source().set_high_watermark(Offset(22));
  co_await must(story.source().advance_log_start(Offset(9)));  // within a batch
  co_await must(story.source().delete_old_segments());
  EXPECT_EQ(co_await story.run(), "caught_up");
  EXPECT_EQ(co_await story.compare(), "same");
  co_await must(story.source().advance_log_start(Offset(15)));
  EXPECT_EQ(co_await story.finish(), "same");
  co_await story.end();
}

CONTRACT_TEST(LogMove, EpochsWithoutRecordsAreKept) {
  MoveUnderTest story(place);
  co_await story.start(3);
  co_await must(story.source().assign_epoch(LeaderEpoch(4), Offset(3)));
  co_await story.append(2, 4);
  co_await must(story.source().assign_epoch(LeaderEpoch(7), Offset(5)));
  EXPECT_EQ(co_await story.finish(), "same");
  co_await story.end();
}

CONTRACT_TEST(LogMove, AnEndWithoutRecordsIsKept) {
  MoveUnderTest story(place);
  story.node.config.compacts = true;
  co_await story.start(3);
  co_await must(story.source().skip_to(Offset(8)));
  EXPECT_EQ(co_await story.finish(), "same");
  EXPECT_EQ(story.target().log_end(), Offset(8));
  co_await story.append(1);
  EXPECT_EQ(co_await story.finish(), "same");
  co_await story.end();
}

CONTRACT_TEST(LogMove, WhatWasDurableIsSoInTheCopy) {
  MoveUnderTest story(place);
  co_await story.start(6);
  co_await must(story.source().flush_until(Offset(5)));
  EXPECT_EQ(co_await story.finish(), "same");
  EXPECT_GE(story.target().recovery_point(), story.source().recovery_point());
  co_await story.end();
}

CONTRACT_TEST(LogMove, ADeletedLogEndsIt) {
  MoveUnderTest story(place);
  co_await story.start(10);
  one_by_one(story);
  EXPECT_EQ(co_await story.meanwhile([&] { return must(story.node.logs->remove(tp(0))); }), "source_gone");
  co_await story.end();
}

CONTRACT_TEST(LogMove, ItMayBeCalledOff) {
  MoveUnderTest story(place);
  co_await story.start(10);
  one_by_one(story);
  EXPECT_EQ(co_await story.meanwhile([&] { return must(story.node.logs->remove_future(tp(0))); }),
            "target_gone");
  EXPECT_EQ(story.source().log_end(), Offset(10));
  co_await story.end();
}

CONTRACT_TEST(LogMove, BadBytesAreNotCopied) {
  MoveUnderTest story(place);
  co_await story.start(10);
  co_await must(story.source().flush());
  const std::string path = story.source().segments()[1]->log_path();
  const std::unique_ptr<File> file = co_await must(files().open(path, kReadWrite));
  co_await must(file->write_at(file->size() - 5, contract::text("?")));
  co_await file->close();
  story.source().forget_recent();
  EXPECT_EQ(co_await story.run(), "source_rotten");
  EXPECT_EQ(co_await story.node.batches(story.target()), "0 1 2 3");
  EXPECT_FALSE(story.source().offline());
  co_await story.end();
}

CONTRACT_TEST(LogMove, ItKeepsToItsPace) {
  MoveUnderTest story(place);
  co_await story.start(20);
  const std::uint64_t one = make_batch(Offset(0), {}).size();
  story.options.portion_bytes = 1;
  story.pace.set_rate(1000 * one);
  const Instant before = this_shard().exact_now();
  EXPECT_EQ(co_await story.run(), "caught_up");
  EXPECT_GE(this_shard().exact_now() - before, milliseconds(19));
  co_await story.end();
}

}  // namespace
}  // namespace ottla::storage
