// Open files of the real disk when it misbehaves: short writes, full disks, failed syncs, stalls.
#include "runtime/linux/linux_file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "runtime/file_system.h"
#include "runtime/linux/file_world.h"
#include "runtime/linux/linux_file_source.h"
#include "runtime/sleep.h"

namespace ottla {
namespace {

constexpr std::size_t kLarge = WriteQueue::kMaxInline + 1;

class LinuxFiles : public testing::Test {
 protected:
  static Chain text(std::string_view bytes) { return Chain(Slice::copy_of(bytes)); }
  static std::string name(const auto& result) {
    return result.ok() ? "ok" : std::string(name_of(result.error().code()));
  }
  static Task<void> until(auto condition) {
    while (!condition()) co_await yield();
  }
  // Runs `story` with a new file, and closes it.
  void with_file(auto story) {
    world.run([&]() -> Task<void> {
      const auto file = (co_await world.files().open(world.at("f"), kOpenOrCreate)).value();
      co_await story(*file);
      co_await file->close();
    });
  }
  // Starts an append whose outcome comes later.
  void start_append(TaskGroup& group, File& file, std::string bytes, std::string& outcome_of_it) {
    group.spawn([&file, bytes = std::move(bytes), &outcome_of_it](Cancel) -> Task<void> {
      outcome_of_it = name(co_await file.append(text(bytes)));
    });
  }
  static Task<std::string> content(File& file) {
    std::string out(file.size() + 1, '?');
    out.resize((co_await file.read_at(0, std::as_writable_bytes(std::span(out)))).value());
    co_return out;
  }
  // A write that waits on a helper until calls.writes.let_go().
  Task<void> block_with_large_append(TaskGroup& group, File& file, std::string& outcome_of_it) {
    calls.writes.hold();
    start_append(group, file, std::string(kLarge, 'L'), outcome_of_it);
    co_await until([this] { return calls.writes.waiting() == 1; });
  }

  FileWorld world;
  PlannedCalls& calls = world.calls;
  const std::thread::id here = std::this_thread::get_id();
};

// --- Where writes run --------------------------------------------------------------------------------------

TEST_F(LinuxFiles, SmallWritesRunOnTheShard) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    (co_await file.write_at(1, text("B"))).value();
  });
  EXPECT_EQ(calls.writes.calls_on(here), 2);
}

TEST_F(LinuxFiles, LargeWritesRunOnAHelper) {
  with_file(
      [&](File& file) -> Task<void> { (co_await file.append(text(std::string(kLarge, 'x')))).value(); });
  EXPECT_EQ(calls.writes.calls(), 1);
  EXPECT_EQ(calls.writes.calls_on(here), 0);
}

TEST_F(LinuxFiles, AfterAStallWritesRunOnHelpersUntilTheyAreFastAgain) {
  with_file([&](File& file) -> Task<void> {
    calls.write_nanoseconds = 20'000'000;
    (co_await file.append(text("slow"))).value();
    EXPECT_EQ(calls.writes.calls_on(here), 1);
    (co_await file.append(text("slow, but elsewhere"))).value();
    calls.write_nanoseconds = 1000;
    for (int i = 0; i < WriteHealth::kFastRunThatHeals; ++i) (co_await file.append(text("fast"))).value();
    EXPECT_EQ(calls.writes.calls_on(here), 1);
    (co_await file.append(text("healthy"))).value();
    EXPECT_EQ(calls.writes.calls_on(here), 2);
  });
}

TEST_F(LinuxFiles, ManySlightlySlowWritesAreAsBadAsAStall) {
  with_file([&](File& file) -> Task<void> {
    calls.write_nanoseconds = 3'000'000;
    for (int i = 0; i < 20; ++i) (co_await file.append(text("slow"))).value();
  });
  EXPECT_LT(calls.writes.calls_on(here), 10);
}

// --- Order and merging -------------------------------------------------------------------------------------

TEST_F(LinuxFiles, WhatQueuesUpIsWrittenTogether) {
  std::string large;
  std::vector<std::string> small(10);
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    co_await block_with_large_append(group, file, large);
    for (std::size_t i = 0; i < small.size(); ++i) start_append(group, file, std::to_string(i), small[i]);
    co_await until([&] { return file.size() == kLarge + small.size(); });
    calls.writes.let_go();
    co_await group.wait();
    EXPECT_EQ(co_await content(file), std::string(kLarge, 'L') + "0123456789");
  });
  EXPECT_EQ(calls.writes.calls(), 2);
}

TEST_F(LinuxFiles, OneWriteIsUnderWayAtATime) {
  std::vector<std::string> outcomes(50);
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    for (std::string& one : outcomes) start_append(group, file, std::string(kLarge, 'x'), one);
    co_await group.wait();
    EXPECT_EQ(file.size(), outcomes.size() * kLarge);
  });
  EXPECT_EQ(calls.writes.most_at_once(), 1);
}

// A shard that worked off a backlog itself would do nothing else for that long.
TEST_F(LinuxFiles, ABacklogIsTheHelpersAffair) {
  std::string large;
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    co_await block_with_large_append(group, file, large);
    for (std::uint64_t i = 0; i < 10; ++i) {
      group.spawn([&file, i](Cancel) -> Task<void> {
        (co_await file.write_at(kLarge + 2 * i + 1, text("x"))).value();
      });
    }
    co_await until([&] { return file.size() == kLarge + 20; });
    calls.writes.let_go();
    co_await group.wait();
  });
  EXPECT_EQ(calls.writes.calls(), 11);
  EXPECT_LE(calls.writes.calls_on(here), 1);  // the last one
}

TEST_F(LinuxFiles, TruncationWaitsForTheWriteUnderWay) {
  std::string large;
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    co_await block_with_large_append(group, file, large);
    group.spawn([&](Cancel) -> Task<void> { (co_await file.truncate(3)).value(); });
    co_await until([&] { return file.size() == 3; });
    EXPECT_EQ(calls.truncations.calls(), 0);
    calls.writes.let_go();
    co_await group.wait();
    EXPECT_EQ(co_await content(file), "LLL");
  });
}

// --- Writes that fail --------------------------------------------------------------------------------------

TEST_F(LinuxFiles, ShortAndInterruptedWritesAreContinued) {
  with_file([&](File& file) -> Task<void> {
    calls.writes.next({1, -EINTR, 2, 1});
    Chain chain = text("ab");
    chain.append(text("cdef"));
    chain.append(text("ghi"));
    (co_await file.append(std::move(chain))).value();
    EXPECT_EQ(co_await content(file), "abcdefghi");
  });
  EXPECT_EQ(calls.writes.calls(), 5);
}

TEST_F(LinuxFiles, TheNextAppendOverwritesAFailedOne) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("kept "))).value();
    calls.writes.next({2, -ENOSPC});
    EXPECT_EQ(name(co_await file.append(text("failed"))), "no_space");
    EXPECT_EQ(file.size(), 5U);
    EXPECT_EQ((co_await file.append(text("next"))).value(), 5U);
    EXPECT_EQ(co_await content(file), "kept next");
  });
}

TEST_F(LinuxFiles, ErrorsAreTypedAndNameTheFile) {
  with_file([&](File& file) -> Task<void> {
    calls.writes.next({-EIO, -EROFS, -EFBIG, 0});
    const auto broken = co_await file.append(text("x"));
    EXPECT_EQ(name(broken), "io_error");
    EXPECT_NE(broken.error().text().find(world.at("f")), std::string_view::npos);
    EXPECT_EQ(name(co_await file.append(text("x"))), "read_only");
    EXPECT_EQ(name(co_await file.append(text("x"))), "too_large");
    EXPECT_EQ(name(co_await file.append(text("x"))), "io_error");  // nothing was taken
  });
}

TEST_F(LinuxFiles, AFailureTakesAlongWhatWasQueuedBehindIt) {
  std::string large, second, third;
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    co_await block_with_large_append(group, file, large);
    start_append(group, file, "second", second);
    group.spawn(
        [&](Cancel) -> Task<void> { third = name(co_await file.write_at(kLarge + 6, text("third"))); });
    co_await until([&] { return file.size() == kLarge + 11; });
    calls.writes.next({-EIO});
    calls.writes.let_go();
    co_await group.wait();
    EXPECT_EQ(file.size(), 0U);
    EXPECT_EQ((co_await file.append(text("fresh"))).value(), 0U);
    EXPECT_EQ(co_await content(file), "fresh");
  });
  EXPECT_EQ(large + ' ' + second + ' ' + third, "io_error io_error io_error");
  EXPECT_EQ(calls.writes.calls(), 2);  // what was queued never reached the disk
}

TEST_F(LinuxFiles, OfWhatWasWrittenTogetherTheWholeOnesSucceed) {
  std::string large, one, two, three;
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    co_await block_with_large_append(group, file, large);
    start_append(group, file, "one", one);
    start_append(group, file, "two", two);
    start_append(group, file, "", three);
    co_await until([&] { return file.size() == kLarge + 6; });
    calls.writes.next({Plan::kNormal, 4, -ENOSPC});
    calls.writes.let_go();
    co_await group.wait();
    EXPECT_EQ(file.size(), kLarge + 3);
  });
  EXPECT_EQ(large + ' ' + one + ' ' + two + ' ' + three, "ok ok no_space no_space");
}

TEST_F(LinuxFiles, AFailedTruncationLeavesTheSize) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abcdef"))).value();
    calls.truncations.next({-EIO});
    EXPECT_EQ(name(co_await file.truncate(2)), "io_error");
    EXPECT_EQ(file.size(), 6U);
    EXPECT_EQ(co_await content(file), "abcdef");
  });
}

TEST_F(LinuxFiles, AFailedReservationHurtsNobodyElse) {
  std::string large, after;
  with_file([&](File& file) -> Task<void> {
    TaskGroup group;
    co_await block_with_large_append(group, file, large);
    calls.reservations.next({-ENOSPC});
    group.spawn(
        [&](Cancel) -> Task<void> { EXPECT_EQ(name(co_await file.preallocate(1 << 20)), "no_space"); });
    start_append(group, file, "after", after);
    co_await until([&] { return file.size() == kLarge + 5; });
    calls.writes.let_go();
    co_await group.wait();
  });
  EXPECT_EQ(after, "ok");
}

// --- Sync --------------------------------------------------------------------------------------------------

TEST_F(LinuxFiles, WhoAsksDuringASyncSharesTheNext) {
  int synced = 0;
  with_file([&](File& file) -> Task<void> {
    const auto sync = [&](Cancel) -> Task<void> {
      (co_await file.sync()).value();
      ++synced;
    };
    calls.file_syncs.hold();
    TaskGroup group;
    group.spawn(sync);
    co_await until([&] { return calls.file_syncs.waiting() == 1; });
    for (int i = 0; i < 5; ++i) group.spawn(sync);
    co_await yield();
    co_await yield();
    calls.file_syncs.let_go();
    co_await group.wait();
  });
  EXPECT_EQ(synced, 6);
  EXPECT_EQ(calls.file_syncs.calls(), 2);
}

TEST_F(LinuxFiles, AFailedSyncIsNeverMadeGood) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    calls.file_syncs.next({-EIO});
    EXPECT_EQ(name(co_await file.sync()), "io_error");
    EXPECT_EQ(name(co_await file.sync()), "sync_failed");
    (co_await file.append(text("def"))).value();
    EXPECT_EQ(name(co_await file.sync()), "sync_failed");
  });
  EXPECT_EQ(calls.file_syncs.calls(), 1);
}

TEST_F(LinuxFiles, AFailedSyncFailsAllWhoWaitForIt) {
  std::string shared, next;
  with_file([&](File& file) -> Task<void> {
    calls.file_syncs.hold();
    calls.file_syncs.next({-ENOSPC});
    TaskGroup group;
    group.spawn([&](Cancel) -> Task<void> { shared = name(co_await file.sync()); });
    co_await until([&] { return calls.file_syncs.waiting() == 1; });
    group.spawn([&](Cancel) -> Task<void> { next = name(co_await file.sync()); });
    co_await yield();
    co_await yield();
    calls.file_syncs.let_go();
    co_await group.wait();
  });
  EXPECT_EQ(shared + ' ' + next, "no_space sync_failed");
}

TEST_F(LinuxFiles, AFailedSyncIsKnownToAllFilesOfTheInode) {
  with_file([&](File& file) -> Task<void> {
    const auto other = (co_await world.files().open(world.at("f"), kReadWrite)).value();
    const auto mapping = (co_await other->map(8)).value();
    calls.file_syncs.next({-EIO});
    EXPECT_EQ(name(co_await file.sync()), "io_error");
    EXPECT_EQ(name(co_await other->sync()), "sync_failed");
    EXPECT_EQ(name(co_await mapping->flush()), "sync_failed");
    co_await mapping->close();
    co_await other->close();
  });
}

// --- Reads -------------------------------------------------------------------------------------------------

TEST_F(LinuxFiles, ReadsGoToAHelperWhenTheyWouldWait) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    calls.reads.next({-EAGAIN});
    EXPECT_EQ(co_await content(file), "abc");
    EXPECT_EQ(calls.reads.calls(), 3);  // refused here, read by a helper, the end seen here
    EXPECT_EQ(calls.reads.calls_on(here), 2);
  });
}

TEST_F(LinuxFiles, ReadsGoToHelpersWhereTheyCannotBeTriedFirst) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    calls.reads.next({-EOPNOTSUPP});
    EXPECT_EQ(co_await content(file), "abc");
    EXPECT_EQ(co_await content(file), "abc");
    EXPECT_EQ(calls.reads.calls_on(here), 1);  // refused once, never tried again
  });
}

TEST_F(LinuxFiles, AnUnreadableSectorIsAnError) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    std::string into(3, '?');
    calls.reads.next({-EINTR, -EAGAIN, -EINTR, -EIO});
    EXPECT_EQ(name(co_await file.read_at(0, std::as_writable_bytes(std::span(into)))), "io_error");
    calls.warmings.next({-EINTR, -EIO});
    EXPECT_EQ(name(co_await file.warm(0, 3)), "io_error");
  });
}

TEST_F(LinuxFiles, AreReadIntoTheCacheAlsoWhereTheKernelCannotSendThem) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text(std::string(100'000, 'x')))).value();
    EXPECT_EQ(name(co_await file.warm(0, 100'000)), "ok");
    EXPECT_EQ(calls.reads.calls(), 0);
    calls.warmings.next({-EINVAL, -EINVAL, -EINVAL});
    EXPECT_EQ(name(co_await file.warm(0, 100'000)), "ok");
    EXPECT_EQ(calls.reads.calls(), 2);
    calls.warmings.next({-EINVAL});
    calls.reads.next({-EIO});
    EXPECT_EQ(name(co_await file.warm(0, 100'000)), "io_error");
  });
}

TEST_F(LinuxFiles, WouldBlockAsksThePageCache) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text(std::string(20'000, 'x')))).value();
    EXPECT_FALSE(file.would_block(0, 20'000));
    calls.cache_questions.next({-ENOSYS});
    EXPECT_FALSE(file.would_block(0, 20'000));  // by mincore from here on
    EXPECT_FALSE(file.would_block(5000, 1));
    EXPECT_EQ(calls.cache_questions.calls(), 2);
  });
}

// The kernel counts a page as cached from the moment on when it is asked of the disk.
TEST_F(LinuxFiles, PagesOnTheirWayAreNotSent) {
  with_file([&](File& file) -> Task<void> {
    constexpr std::uint64_t kWhole = 1 << 20;
    (co_await file.append(text(std::string(kWhole, 'x')))).value();
    const Range range = file.range(0, kWhole);
    const auto sent_at_once = [&range](std::uint64_t offset) {
      return LinuxFileSource::of(range).find_resident(offset, kWhole - offset, this_shard().now());
    };
    EXPECT_EQ(sent_at_once(0), kWhole);
    EXPECT_EQ(calls.reads.calls(), 1);
    calls.reads.next({-EAGAIN, Plan::kNormal, Plan::kNormal, -EAGAIN});
    EXPECT_EQ(sent_at_once(0), kWhole / 2);
    calls.reads.next({-EAGAIN, -EAGAIN});
    EXPECT_EQ(sent_at_once(kWhole / 2), 0U);
    calls.reads.next({-EOPNOTSUPP});  // who cannot tell is believed
    EXPECT_EQ(sent_at_once(0), kWhole);
  });
}

// --- Mappings, ends ----------------------------------------------------------------------------------------

TEST_F(LinuxFiles, AFullDiskShowsWhenTheMapIsMade) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    calls.reservations.next({-ENOSPC});
    EXPECT_EQ(name(co_await file.map(1 << 20)), "no_space");
    EXPECT_EQ(file.size(), 3U);
    EXPECT_EQ(std::filesystem::file_size(world.at("f")), 3U);
  });
}

TEST_F(LinuxFiles, AReservationThatCameHalfWayIsTakenBack) {
  with_file([&](File& file) -> Task<void> {
    (co_await file.append(text("abc"))).value();
    calls.reservations_come_half_way = true;
    EXPECT_EQ(name(co_await file.map(1 << 20)), "no_space");
    EXPECT_EQ(std::filesystem::file_size(world.at("f")), 3U);
  });
}

TEST_F(LinuxFiles, AMapNeedsNoReservationsToGrowTheFile) {
  with_file([&](File& file) -> Task<void> {
    calls.reservations.next({-EOPNOTSUPP});
    const auto mapping = (co_await file.map(1 << 20)).value();
    EXPECT_EQ(file.size(), std::uint64_t{1} << 20);
    co_await mapping->close();
  });
}

TEST_F(LinuxFiles, NoOtherFileOfTheInodeShrinksItBelowAMap) {
  with_file([&](File& file) -> Task<void> {
    const auto mapping = (co_await file.map(100)).value();
    const auto other = (co_await world.files().open(world.at("f"), kReadWrite)).value();
    EXPECT_EQ(name(co_await other->truncate(50)), "busy");
    co_await other->close();
    const OpenOptions emptied{.access = Access::read_write, .truncate = true};
    EXPECT_EQ(name(co_await world.files().open(world.at("f"), emptied)), "busy");
    co_await mapping->close();
  });
}

using LinuxFilesDeathTest = LinuxFiles;

TEST_F(LinuxFilesDeathTest, ForgettingToCloseBreaksAnInvariant) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(world.run([&]() -> Task<void> {
    (void)(co_await world.files().open(world.at("f"), kOpenOrCreate)).value();
  }),
               "a file died before it was closed");
  EXPECT_DEATH(with_file([&](File& file) -> Task<void> { (void)(co_await file.map(10)).value(); }),
               "a mapping died before it was closed");
  EXPECT_DEATH(world.run([&]() -> Task<void> { (void)(co_await world.files().lock(world.at("f"))).value(); }),
               "a lock died before it was released");
}

TEST_F(LinuxFiles, OnAKilledShardDestructionIsSilent) {
  std::unique_ptr<File> file;
  Chain out;
  const Shard::Scope scope(world.shard());
  bool opened = false;
  world.shard().root().spawn([&](Cancel) -> Task<void> {
    file = (co_await world.files().open(world.at("f"), kOpenOrCreate)).value();
    out.append(file->range(0, 3));
    opened = true;
  });
  while (!opened) {
    world.shard().poll();
    world.shard().run_slice();
  }
  world.shard().go_inert();
  file.reset();
  out.clear();  // the source outlived its file
}

}  // namespace
}  // namespace ottla
