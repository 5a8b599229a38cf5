// What goes on beside a cut, what is left of one that the disk refused in its middle, and disks that cannot be read.
#include <string>
#include <utility>

#include "runtime/event.h"
#include "runtime/task_group.h"
#include "runtime/testing/passing_doors.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

// Holds one call up until it is told, or refuses it. Those that only remove are not counted.
class FickleDoors final : public ottla::testing::PassingFileSystem {
 public:
  using PassingFileSystem::PassingFileSystem;

  int calls = 0;
  int truncations = 0;
  int holds = 0;    // this call
  int refuses = 0;  // and that one
  Errc with = Errc::no_space;
  Event held;
  Event go_on;

  Task<Result<void>> meet(bool may_hold) {
    const int call = ++calls;
    if (call == refuses) co_return Error(with, "refused");
    if (call == holds && may_hold) {
      held.set();
      co_await go_on.wait();
    }
    co_return Result<void>();
  }

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    OTTLA_CO_CHECK(co_await meet(true));
    OTTLA_CO_TRY(std::unique_ptr<File> file, co_await doors().open(std::move(path), options));
    co_return std::unique_ptr<File>(std::make_unique<FickleFile>(std::move(file), *this));
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    OTTLA_CO_CHECK(co_await meet(false));
    co_return co_await doors().rename(std::move(from), std::move(to), durability);
  }
  Task<Result<void>> sync_directory(std::string path) override {
    OTTLA_CO_CHECK(co_await meet(false));
    co_return co_await doors().sync_directory(std::move(path));
  }

 private:
  class FickleFile final : public ottla::testing::PassingFile {
   public:
    FickleFile(std::unique_ptr<File> file, FickleDoors& doors)
        : PassingFile(std::move(file)), doors_(doors) {}

    Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
      OTTLA_CO_CHECK(co_await doors_.meet(true));
      co_return co_await inner().read_at(offset, into);
    }
    Task<Result<std::uint64_t>> append(Chain chain) override {
      OTTLA_CO_CHECK(co_await doors_.meet(false));
      co_return co_await inner().append(std::move(chain));
    }
    Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override {
      OTTLA_CO_CHECK(co_await doors_.meet(false));
      co_return co_await inner().write_at(offset, std::move(chain));
    }
    Task<Result<void>> truncate(std::uint64_t size) override {
      ++doors_.truncations;
      OTTLA_CO_CHECK(co_await doors_.meet(false));
      co_return co_await inner().truncate(size);
    }
    Task<Result<void>> sync() override {
      OTTLA_CO_CHECK(co_await doors_.meet(false));
      co_return co_await inner().sync();
    }

   private:
    FickleDoors& doors_;
  };
};

// What tries every call of a disk does so on one that costs nothing.
void simulated(Task<void> (*story)(Process&, Cancel, const Place&)) {
  contract::make_simulated_world()->run(1, story);
}

// --- Beside a cut -------------------------------------------------------------------------------------------

// What a reader from `start` on is told who is held up at this call of the disk until the log was cut; nothing when he
// makes no so many.
Task<std::optional<std::string>> read_beside_a_cut(const Place& place, int call, std::int64_t start,
                                                   std::int64_t cut, std::uint64_t max_bytes, bool anew) {
  FickleDoors doors(this_shard().files());
  LogConfig config;
  config.index_interval_bytes = 300;
  LogUnderTest log({place.directory + "/" + std::to_string(call)}, config, 64, 1 << 20, &doors);
  co_await log.open();
  co_await log.append_many(30, {.value_bytes = 100});
  co_await log.reopen();  // nothing is in memory
  doors.calls = 0;
  doors.holds = call;
  std::string told;
  TaskGroup tasks;
  bool done = false;
  tasks.spawn([&](Cancel) -> Task<void> {
    const Result<Fetched> fetched = co_await log->read({.start = Offset(start), .max_bytes = max_bytes});
    if (!fetched.ok()) {
      told = std::string(name_of(fetched.error().code()));
    } else {
      const std::string bytes = co_await bytes_of(fetched->records.clone());
      told = describe(std::as_bytes(std::span(bytes))) + " next " + fetched->next.to_string();
    }
    done = true;
    doors.held.set();
  });
  co_await doors.held.wait();
  const bool was_held = !done;
  if (was_held && anew) {
    co_await must(log->truncate_fully_and_start_at(Offset(cut)));
  } else if (was_held) {
    (void)co_await must(log->truncate_to(Offset(cut)));
  }
  doors.go_on.set();
  co_await tasks.wait();
  co_await log.end();
  if (!was_held) co_return std::nullopt;
  co_return told;
}

// The same at each call that he makes.
Task<void> expect_beside_cuts(const Place& place, std::int64_t start, std::int64_t cut,
                              std::uint64_t max_bytes, bool anew, std::string expected) {
  int call = 1;
  for (; const auto told = co_await read_beside_a_cut(place, call, start, cut, max_bytes, anew); ++call) {
    EXPECT_EQ(*told, expected) << "held at call " << call;
  }
  EXPECT_GT(call, 2);
}

TEST(LogCut, AReaderWhoWaitsForTheDiskIsShownNothingOfWhatIsCutOff) {
  simulated([](Process&, Cancel, const Place& place) {
    return expect_beside_cuts(place, 10, 13, 2000, false, "10 11 12 next 13");
  });
}

TEST(LogCut, AReaderOfWhatIsCutOffIsToldThatItIsNotThere) {
  simulated([](Process&, Cancel, const Place& place) {
    return expect_beside_cuts(place, 20, 13, 500, false, "not_found");
  });
}

TEST(LogCut, AReaderOfALogThatBeginsAnewIsToldThatItIsNotThere) {
  simulated([](Process&, Cancel, const Place& place) {
    return expect_beside_cuts(place, 10, 0, 500, true, "not_found");
  });
}

// The log ends at the cut from its beginning on, and its file only later.
TEST(LogCut, WhoReadsWhileTheFileIsCutIsShownNothingBehindIt) {
  simulated([](Process&, Cancel, const Place& place) -> Task<void> {
    int seen = 0;
    for (int call = 1; call < 30; ++call) {
      FickleDoors doors(this_shard().files());
      LogUnderTest log({place.directory + "/" + std::to_string(call)}, {}, 64, 1 << 20, &doors);
      co_await log.open();
      co_await log.append_many(10);
      co_await log.reopen();
      doors.calls = 0;
      doors.holds = call;
      TaskGroup tasks;
      bool done = false;
      tasks.spawn([&](Cancel) -> Task<void> {
        (void)co_await must(log->truncate_to(Offset(6)));
        done = true;
        doors.held.set();
      });
      co_await doors.held.wait();
      if (!done && log->log_end() == Offset(6)) {
        ++seen;
        EXPECT_EQ(co_await log.read(4), "4 5") << "held at call " << call;
      }
      doors.go_on.set();
      co_await tasks.wait();
      co_await log.end();
      if (done && doors.calls < call) break;
    }
    EXPECT_GT(seen, 0);
  });
}

// --- Refused in the middle ----------------------------------------------------------------------------------

Slice produced(std::int32_t sequence) {
  record::BatchBuilder builder({.producer_id = 7, .producer_epoch = 0, .base_sequence = sequence});
  builder.append(
      {.timestamp = to_epoch_millis(this_shard().wall_now()), .value = std::as_bytes(std::span("value"))});
  return std::move(builder).finish();
}
Task<std::string> produce(LogUnderTest& log, std::int32_t sequence, std::int32_t epoch) {
  const AppendOutcome outcome = co_await log->append_as_leader(
      ExclusiveBytes(produced(sequence)), LeaderEpoch(epoch), {.origin = record::AppendOrigin::client});
  if (outcome.producer_rejection() != nullptr)
    co_return std::string(name_of(outcome.producer_rejection()->fault));
  if (!outcome.ok()) co_return "refused";
  co_return (outcome.info().duplicate ? "again " : "") + outcome.info().first_offset.to_string();
}
Task<void> write_ten(LogUnderTest& log) {
  for (int i = 0; i < 10; ++i) {
    if (i == 4 || i == 8) co_await must(log->roll());
    EXPECT_EQ(co_await produce(log, i, i / 2), std::to_string(i));
  }
  co_await must(log->flush());
}

// Six are left, with all that is known of their producer and their epochs.
Task<void> expect_six(LogUnderTest& log) {
  EXPECT_EQ(log->log_end(), Offset(6));
  EXPECT_EQ(co_await log.read_all(), "0 1 2 3 4 5");
  EXPECT_EQ(log->epochs().latest()->epoch, LeaderEpoch(2));
  EXPECT_EQ(co_await produce(log, 5, 9), "again 5");
  EXPECT_EQ(co_await produce(log, 8, 9), "out_of_order_sequence");
  EXPECT_EQ(co_await produce(log, 6, 9), "6");
  EXPECT_EQ(co_await log.read_all(), "0 1 2 3 4 5 6");
}

TEST(LogCut, WhatPassesIsGoneOnWithTheNextTime) {
  simulated([](Process&, Cancel, const Place& place) -> Task<void> {
    int refused = 0;
    for (int call = 1; call < 100; ++call) {
      SCOPED_TRACE("refused at call " + std::to_string(call));
      FickleDoors doors(this_shard().files());
      LogUnderTest log({place.directory + "/" + std::to_string(call)}, {}, 64, 1 << 20, &doors);
      co_await log.open();
      co_await write_ten(log);
      co_await log.reopen();
      doors.calls = 0;
      doors.refuses = call;
      const Result<bool> cut = co_await log->truncate_to(Offset(6));
      const bool all = doors.calls < call;
      doors.refuses = 0;
      if (!cut.ok()) ++refused;
      EXPECT_FALSE(log->offline().has_value());
      // By the same again, or by an append alone.
      if (call % 2 == 0 || log->log_end() != Offset(6)) {
        EXPECT_EQ(co_await must(log->truncate_to(Offset(6))), !cut.ok());
      }
      co_await expect_six(log);
      co_await log.reopen();
      EXPECT_EQ(co_await log.read_all(), "0 1 2 3 4 5 6");
      co_await log.end();
      if (all) break;
    }
    EXPECT_GT(refused, 10);
  });
}

TEST(LogCut, ABrokenDiskEndsTheLogOnceSomethingIsCutOff) {
  simulated([](Process&, Cancel, const Place& place) -> Task<void> {
    int ended = 0;
    for (int call = 1; call < 100; ++call) {
      SCOPED_TRACE("broken at call " + std::to_string(call));
      FickleDoors doors(this_shard().files());
      LogUnderTest log({place.directory + "/" + std::to_string(call)}, {}, 64, 1 << 20, &doors);
      co_await log.open();
      co_await write_ten(log);
      co_await log.reopen();
      doors.calls = 0;
      doors.refuses = call;
      doors.with = Errc::io_error;
      const Result<bool> cut = co_await log->truncate_to(Offset(6));
      const bool all = doors.calls < call;
      doors.refuses = 0;
      if (!cut.ok() && log->log_end() == Offset(6)) {
        ++ended;
        EXPECT_TRUE(log->offline().has_value());
        EXPECT_EQ(co_await outcome(log->truncate_to(Offset(6))), "io_error");
      }
      co_await log.crash();
      co_await log.end_closed();
      if (all) break;
    }
    EXPECT_GT(ended, 5);
  });
}

// --- Reads that are refused ---------------------------------------------------------------------------------

// Every call of a reader, or of who looks for a time, is refused once.
Task<int> expect_reads_end_the_log(const Place& place, Errc with, bool by_time) {
  int refused = 0;
  for (int call = 1; call < 100; ++call) {
    SCOPED_TRACE("refused at call " + std::to_string(call));
    FickleDoors doors(this_shard().files());
    const std::string name =
        std::to_string(call) + (by_time ? "t" : "r") + std::to_string(static_cast<int>(with));
    LogUnderTest log({place.directory + "/" + name}, {}, 64, 1 << 20, &doors);
    co_await log.open();
    co_await log.append_many(10);
    co_await log.reopen();
    doors.calls = 0;
    doors.refuses = call;
    doors.with = with;
    std::string told;
    if (by_time) {
      const auto found = co_await log->offset_for_timestamp(1000);
      told = found.ok() ? "ok" : name_of(found.error().code());
    } else {
      told = co_await outcome(log->read({.start = Offset(3), .max_bytes = 100}));
    }
    const bool all = doors.calls < call;
    doors.refuses = 0;
    if (told != "ok") {
      ++refused;
      EXPECT_EQ(told, name_of(with));
      EXPECT_EQ(log->offline().has_value(), with == Errc::io_error);
    }
    co_await log.crash();
    co_await log.end_closed();
    if (all) break;
  }
  co_return refused;
}

TEST(LogCut, ADiskThatCannotBeReadEndsTheLog) {
  simulated([](Process&, Cancel, const Place& place) -> Task<void> {
    EXPECT_GT(co_await expect_reads_end_the_log(place, Errc::io_error, false), 1);
    EXPECT_GT(co_await expect_reads_end_the_log(place, Errc::io_error, true), 1);
  });
}

TEST(LogCut, AReadThatMayPassTheNextTimeDoesNot) {
  simulated([](Process&, Cancel, const Place& place) -> Task<void> {
    EXPECT_GT(co_await expect_reads_end_the_log(place, Errc::too_many_files, false), 1);
  });
}

// An index of what lies below the recovery point is synced by nobody when it is made anew.
TEST(LogCut, AStartThatCannotReadMakesNoIndexAnew) {
  simulated([](Process&, Cancel, const Place& place) -> Task<void> {
    int usual = 0;
    for (int call = 0; call < 100; ++call) {
      SCOPED_TRACE("refused at call " + std::to_string(call));
      FickleDoors doors(this_shard().files());
      LogUnderTest log({place.directory + "/" + std::to_string(call)}, {}, 64, 1 << 20, &doors);
      co_await log.open();
      co_await log.append_many(10);
      co_await must(log->roll());
      co_await must(log->flush());
      log.recovery_point = log->log_end();
      co_await log.crash();
      doors.calls = doors.truncations = 0;
      doors.refuses = call;
      doors.with = Errc::io_error;
      const std::string opened = co_await log.try_open();
      if (call == 0) usual = doors.truncations;
      EXPECT_LE(doors.truncations, usual) << opened;
      const bool all = call > 0 && doors.calls < call;
      doors.refuses = 0;
      if (opened == "ok") co_await log.crash();
      co_await log.end_closed();
      if (all) break;
    }
    EXPECT_GT(usual, 0);
  });
}

CONTRACT_TEST(LogCut, WhatLiesHereBeginsNoFurtherOnThanTheCut) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(10);
  log->set_high_watermark(Offset(10));
  co_await must(log->advance_log_start(Offset(8)));
  (void)co_await must(log->truncate_to(Offset(5)));
  EXPECT_EQ(log->log_start(), Offset(5));
  EXPECT_EQ(log->local_log_start(), Offset(5));
  co_await log.end();
}

}  // namespace
}  // namespace ottla::storage
