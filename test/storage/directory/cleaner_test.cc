// The logs of a node are compacted while they are cut, deleted, moved, lost and configured in another way.
//
// Told in the simulated world alone, where what meets what is up to the story.
#include <chrono>
#include <map>
#include <set>

#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "sim/disk.h"
#include "sim/host.h"
#include "sim/world.h"
#include "storage/directory/log_move.h"
#include "test/storage/directory/node_language.h"
#include "test/storage/log/keyed_language.h"

namespace ottla::storage {
namespace {

using sim::DiskTrouble;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kAll[] = "0 a=1, 1 b=1, 2 a=2, 3 c=1, 4 b=2, 5 a=3";
constexpr char kCleaned[] = "2 a=2, 3 c=1, 4 b=2, 5 a=3";

// A node whose partition 0, in "a", is compacted.
class CleanedNode : public NodeUnderTest {
 public:
  explicit CleanedNode(const Place& place) : NodeUnderTest(place), place_(place) {
    config.compacts = true;
    config.deletes = false;
    config.min_cleanable_dirty_ratio = 0;
    config.file_delete_delay_ms = milliseconds(0);
    cleaner = CleanerSettings{};
  }

  CleanerManager& manager() { return *logs->cleaner(); }
  Log& log() { return *logs->find(tp(0)); }
  // Three segments, and one record in the active one.
  Task<void> fill() { co_await fill(*co_await create(0)); }
  static Task<void> fill(Log& log) {
    co_await put_and_roll(log, {"a=1", "b=1"});
    co_await put_and_roll(log, {"a=2", "c=1"});
    co_await put_and_roll(log, {"b=2"});
    co_await put(log, {"a=3"});
    log.set_high_watermark(log.log_end());
  }
  static Task<void> put_and_roll(Log& log, std::initializer_list<std::string_view> records) {
    co_await put(log, records);
    log.set_high_watermark(log.log_end());
    co_await must(log.roll());
  }
  Task<bool> clean() { return manager().clean_next({}); }
  // Until nothing more is wanted.
  Task<void> clean_all() {
    log().set_high_watermark(log().log_end());
    while (co_await clean()) {
    }
  }
  Task<std::string> shown() {
    log().forget_recent();
    co_return co_await records(log());
  }
  // Meddles when a cleaning has begun and waits for its pace. "cleaned", or "stopped" at once.
  Task<std::string> amid_cleaning(std::function<Task<void>()> meddle) {
    TaskGroup group;
    std::optional<bool> cleaned;
    group.spawn([&](Cancel cancel) -> Task<void> { cleaned = co_await manager().clean_next(cancel); });
    while (!is_reading_) {
      is_reading_ = (co_await names_in(log().directory())).find(".cleaned") != std::string::npos;
      EXPECT_TRUE((co_await sleep_for(milliseconds(10))).ok());
    }
    const Instant before = this_shard().exact_now();
    co_await meddle();
    const bool at_once = this_shard().exact_now() - before < seconds(2);
    co_await group.wait();
    co_return *cleaned ? "cleaned" : at_once ? "stopped" : "late";
  }
  Task<std::string> checkpoint(std::string name, const char* directory = "a") {
    const std::string path = at(place_, std::string(directory) + "/" + name);
    if (!(co_await files().status(path)).ok()) co_return "";
    co_return (co_await contract::content_of(path)).substr(4);
  }
  Task<std::string> clean_below(const char* directory = "a") {
    return checkpoint("cleaner-offset-checkpoint", directory);
  }
  Task<void> save() {
    for (const auto& each : directories) co_await must(save_checkpoints(*each, *logs));
  }

 private:
  const Place& place_;
  bool is_reading_ = false;
};

CleanerSettings slow() {
  CleanerSettings settings;
  settings.max_bytes_per_second = 100;
  return settings;
}

using CleanerStory = std::function<Task<void>(CleanedNode& node, DiskTrouble& a)>;

void tell(const CleanerStory& story, const CleanerSettings& settings = {}) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  const Place place{"/place"};
  ASSERT_TRUE(host.disk().make_directories("/place/a").ok());
  DiskTrouble& a = host.disk().split("/place/a");
  host.start([&](Process&, Cancel) -> Task<int> {
    CleanedNode node(place);
    node.cleaner = settings;
    co_await node.start();
    co_await story(node, a);
    co_await node.end();
    co_return 0;
  });
  EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(24)));
  EXPECT_EQ(host.exit_code(), 0);
  EXPECT_TRUE(world.violations().empty()) << world.violations().front();
}

TEST(CleanerOfANode, CleansWhatIsThereAndRemembersIt) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    EXPECT_TRUE(co_await node.clean());
    EXPECT_EQ(co_await node.shown(), kCleaned);
    EXPECT_EQ(co_await node.clean_below(), "t 0 5\n");
    co_await node.restart();
    EXPECT_EQ(node.manager().checkpoint(tp(0)), Offset(5));
    EXPECT_FALSE(co_await node.clean());
    EXPECT_EQ(node.manager().dirtiest_ratio(), 0);
  });
}

TEST(CleanerOfANode, ATruncationEndsACleaning) {
  tell(
      [](CleanedNode& node, DiskTrouble&) -> Task<void> {
        co_await node.fill();
        EXPECT_EQ(co_await node.amid_cleaning([&]() -> Task<void> {
          EXPECT_TRUE(co_await must(node.log().truncate_to(Offset(4))));
          co_await node.put_and_roll(node.log(), {"c=7"});
        }),
                  "stopped");
        EXPECT_EQ(co_await node.shown(), "0 a=1, 1 b=1, 2 a=2, 3 c=1, 4 c=7");
        co_await node.clean_all();
        EXPECT_EQ(co_await node.shown(), "1 b=1, 2 a=2, 4 c=7");
      },
      slow());
}

TEST(CleanerOfANode, WhatIsTruncatedIsNotClean) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await node.clean_all();
    co_await must(node.log().flush());
    co_await node.save();
    EXPECT_EQ(co_await node.checkpoint("recovery-point-offset-checkpoint"), "t 0 6\n");
    EXPECT_FALSE(co_await must(node.log().truncate_to(Offset(6)))) << "there is nothing";
    EXPECT_EQ(co_await node.clean_below(), "t 0 5\n");
    EXPECT_TRUE(co_await must(node.log().truncate_to(Offset(3))));
    EXPECT_EQ(co_await node.clean_below(), "t 0 3\n");
    EXPECT_EQ(node.manager().checkpoint(tp(0)), Offset(3));
    EXPECT_EQ(co_await node.checkpoint("recovery-point-offset-checkpoint"), "t 0 3\n");
    EXPECT_EQ(co_await node.checkpoint("replication-offset-checkpoint"), "t 0 3\n");
    co_await node.put_and_roll(node.log(), {"a=9"});
    co_await node.clean_all();
    EXPECT_EQ(co_await node.shown(), "3 a=9");
    co_await must(node.log().truncate_fully_and_start_at(Offset(1)));
    EXPECT_EQ(co_await node.clean_below(), "t 0 1\n");
    EXPECT_EQ(co_await node.checkpoint("recovery-point-offset-checkpoint"), "t 0 1\n");
  });
}

TEST(CleanerOfANode, WhatIsTruncatedWhileNobodyCompactsIsNotCleanLater) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await node.clean_all();
    node.config.compacts = false;
    node.logs->reconfigure("t");
    co_await must(node.log().truncate_to(Offset(4)));
    co_await node.put_and_roll(node.log(), {"d=1"});
    co_await node.put_and_roll(node.log(), {"d=2"});
    EXPECT_FALSE(co_await node.clean());
    node.config.compacts = true;
    node.logs->reconfigure("t");
    co_await node.clean_all();
    EXPECT_EQ(co_await node.shown(), "2 a=2, 3 c=1, 5 d=2");
  });
}

TEST(CleanerOfANode, ADeletionEndsACleaning) {
  tell(
      [](CleanedNode& node, DiskTrouble&) -> Task<void> {
        co_await node.fill();
        const auto remove = [&] { return must(node.logs->remove(tp(0))); };
        EXPECT_EQ(co_await node.amid_cleaning(remove), "stopped");
        EXPECT_FALSE(co_await node.clean());
        EXPECT_EQ(node.failed, "");
      },
      slow());
}

TEST(CleanerOfANode, ALogThatIsSetAsideIsNotCleaned) {
  tell(
      [](CleanedNode& node, DiskTrouble&) -> Task<void> {
        co_await node.fill();
        const auto aside = [&] { return must(node.logs->set_aside(tp(0))); };
        EXPECT_EQ(co_await node.amid_cleaning(aside), "stopped");
        EXPECT_EQ(co_await node.folders("a"), "t-0-stray");
        EXPECT_EQ(node.failed, "");
      },
      slow());
}

TEST(CleanerOfANode, NothingIsBelievedOfALogThatHadTheSameName) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await node.clean_all();
    co_await must(node.log().flush());
    co_await must(node.log().advance_log_start(Offset(4)));
    co_await node.save();
    EXPECT_EQ(co_await node.checkpoint("log-start-offset-checkpoint"), "t 0 4\n");
    co_await must(node.logs->remove(tp(0)));
    EXPECT_EQ(co_await node.clean_below(), "");
    co_await node.create(0);
    EXPECT_EQ(co_await node.checkpoint("log-start-offset-checkpoint"), "");
    EXPECT_EQ(co_await node.checkpoint("recovery-point-offset-checkpoint"), "");
    EXPECT_EQ(node.manager().checkpoint(tp(0)), std::nullopt);
  });
}

TEST(CleanerOfANode, AMoveEndsACleaningAndTakesTheCheckpointAlong) {
  tell(
      [](CleanedNode& node, DiskTrouble&) -> Task<void> {
        co_await node.fill();
        co_await node.clean_all();
        co_await node.put_and_roll(node.log(), {"d=1", "d=2"});
        co_await node.put_and_roll(node.log(), {"b=3"});
        EXPECT_EQ(co_await node.amid_cleaning([&]() -> Task<void> { co_await node.create(0, true, "b"); }),
                  "stopped");
        EXPECT_FALSE(co_await node.clean()) << "neither of the two";
        IoPace pace;
        LogMove move(*node.logs, tp(0), pace);
        EXPECT_EQ((co_await move.finish({})).end, MoveEnd::caught_up);
        EXPECT_EQ(co_await node.clean_below(), "t 0 5\n");
        co_await must(node.logs->replace_with_future(tp(0)));
        EXPECT_EQ(co_await node.clean_below("a"), "");
        EXPECT_EQ(co_await node.clean_below("b"), "t 0 5\n");
        EXPECT_EQ(co_await node.shown(), std::string(kCleaned) + ", 6 d=1, 7 d=2, 8 b=3");
        co_await node.restart();
        EXPECT_EQ(node.manager().checkpoint(tp(0)), Offset(5));
        co_await must(node.log().roll());
        co_await node.clean_all();
        EXPECT_EQ(co_await node.shown(), "3 c=1, 5 a=3, 7 d=2, 8 b=3");
        EXPECT_EQ(co_await node.clean_below("b"), "t 0 9\n");
      },
      slow());
}

TEST(CleanerOfANode, AMoveThatIsCalledOffLetsTheLogBeCleaned) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await node.create(0, true, "b");
    co_await node.restart();
    EXPECT_FALSE(co_await node.clean());
    co_await must(node.logs->remove_future(tp(0)));
    EXPECT_TRUE(co_await node.clean());
    EXPECT_EQ(co_await node.shown(), kCleaned);
  });
}

TEST(CleanerOfANode, ALogThatWentWhileItMovedIsForgotten) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await node.create(0, true, "b");
    co_await must(node.logs->remove(tp(0)));
    co_await node.fill();
    EXPECT_FALSE(co_await node.clean()) << "the new one is on its way, too";
    co_await must(node.logs->remove_future(tp(0)));
    EXPECT_TRUE(co_await node.clean());
  });
}

TEST(CleanerOfANode, AFailingDirectoryEndsACleaningAndIsTold) {
  tell(
      [](CleanedNode& node, DiskTrouble& a) -> Task<void> {
        co_await node.fill();
        co_await node.fill(*co_await node.create(1, false, "b"));
        EXPECT_NE(co_await node.amid_cleaning([&]() -> Task<void> {
          a.failing_writes = a.failing_syncs = 256;
          co_return;
        }),
                  "cleaned");
        EXPECT_EQ(node.failed, node.directories[0]->path());
        EXPECT_TRUE(node.directories[0]->is_offline());
        co_await node.logs->drop_directory(node.failed);
        EXPECT_TRUE(co_await node.clean()) << "the other one";
        a = {};
        co_await node.restart();
        EXPECT_EQ(co_await node.shown(), kAll);
        co_await node.clean_all();
        EXPECT_EQ(co_await node.shown(), kCleaned);
      },
      slow());
}

TEST(CleanerOfANode, ADirectoryMayBeDroppedWhileItIsCleaned) {
  tell(
      [](CleanedNode& node, DiskTrouble&) -> Task<void> {
        co_await node.fill();
        EXPECT_EQ(co_await node.amid_cleaning([&]() -> Task<void> {
          co_await node.logs->drop_directory(node.directories[0]->path());
        }),
                  "stopped");
        co_await node.restart();
        EXPECT_EQ(co_await node.shown(), kAll);
      },
      slow());
}

TEST(CleanerOfANode, ATopicThatCompactsNoMoreStaysAsItIs) {
  tell(
      [](CleanedNode& node, DiskTrouble&) -> Task<void> {
        co_await node.fill();
        const std::string became = co_await node.amid_cleaning([&]() -> Task<void> {
          node.config.compacts = false;
          node.config.deletes = true;
          node.logs->reconfigure("t");
          co_return;
        });
        EXPECT_EQ(became, "stopped");
        EXPECT_EQ(co_await node.shown(), kAll);
        EXPECT_FALSE(node.manager().is_uncleanable(tp(0)));
        EXPECT_FALSE(co_await node.clean());
        node.config.retention_ms = milliseconds(1);
        node.logs->reconfigure("t");
        EXPECT_EQ(co_await node.logs->tidy_up(), 4U);
        node.config.compacts = true;
        node.logs->reconfigure("t");
        co_await node.fill(node.log());
        EXPECT_TRUE(co_await node.clean());
      },
      slow());
}

TEST(CleanerOfANode, WhatCompactsAndDeletesIsDeletedByTheCleaner) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    EXPECT_TRUE(co_await node.clean());
    node.config.deletes = true;
    node.config.retention_bytes = 1;
    node.config.retention_ms = milliseconds(-1);
    node.logs->reconfigure("t");
    EXPECT_EQ(co_await node.logs->tidy_up(), 0U);
    EXPECT_FALSE(co_await node.clean());
    EXPECT_EQ(node.log().log_start(), Offset(5));
    EXPECT_EQ(co_await node.shown(), "5 a=3");
  });
}

TEST(CleanerOfANode, WhatCannotBeCleanedIsListedUntilItIsOpenedAnew) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await must(node.log().flush());
    const std::string path = node.log().segments()[1]->log_path();
    const std::unique_ptr<File> file = co_await must(files().open(path, kReadWrite));
    co_await must(file->write_at(file->size() - 1, contract::text("?")));
    co_await file->close();
    EXPECT_FALSE(co_await node.clean());
    EXPECT_EQ(node.manager().uncleanable(), std::vector{tp(0)});
    EXPECT_FALSE(node.log().offline());
    co_await node.restart();
    EXPECT_TRUE(node.manager().uncleanable().empty());
  });
}

TEST(CleanerOfANode, WhatHasAnOffsetOfAnotherPlaceIsNotCleaned) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    co_await node.fill();
    co_await must(node.log().flush());
    const std::string path = node.log().segments()[1]->log_path();
    const std::unique_ptr<File> file = co_await must(files().open(path, kReadWrite));
    co_await must(file->write_at(1, contract::text("?")));
    co_await file->close();
    EXPECT_FALSE(co_await node.clean());
    EXPECT_EQ(node.manager().uncleanable(), std::vector{tp(0)});
    EXPECT_EQ(node.manager().checkpoint(tp(0)), std::nullopt);
  });
}

TEST(CleanerOfANode, WhatIsGatheredDuringACutDoesNotSpeakOfWhatGoes) {
  tell([](CleanedNode& node, DiskTrouble&) -> Task<void> {
    LogBond bond(*node.home, nullptr, tp(0), node.directories[0]->path());
    {
      const auto hold = co_await must(bond.before_cut(Offset(5)));
      const auto other = co_await must(bond.before_cut(Offset(3)));
      EXPECT_EQ(bond.limit(Offset(9)), Offset(3));
      EXPECT_EQ(bond.limit(Offset(2)), Offset(2));
    }
    EXPECT_EQ(bond.limit(Offset(9)), Offset(9));
  });
}

// --- The power goes -----------------------------------------------------------------------------------------

std::map<std::int64_t, std::string> by_offset(const std::string& shown) {
  std::map<std::int64_t, std::string> found;
  for (std::size_t at = 0; at < shown.size();) {
    const std::size_t end = std::min(shown.find(", ", at), shown.size());
    const std::size_t space = shown.find(' ', at);
    found[std::stoll(shown.substr(at, space - at))] = shown.substr(space + 1, end - space - 1);
    at = end + 2;
  }
  return found;
}

constexpr char kFirst[] = "abcdef";   // was clean, durable, and all checkpoints knew it
constexpr char kSecond[] = "uuuuvv";  // came in the place of its end, and nobody has synced it

// The log's cleaned and durable end is taken back and written anew; the power goes after so many steps of that.
class CutAndCrash {
 public:
  explicit CutAndCrash(std::uint64_t steps) : steps_(steps), world_(steps + 1) {}

  // Whether there was anything left to cut off.
  bool tell() {
    start([&](CleanedNode& node) { return write_anew(node); });
    EXPECT_TRUE(world_.run_until([&] { return started_; }, std::chrono::hours(1)));
    for (std::uint64_t i = 0; i < steps_ && !finished_; ++i) EXPECT_TRUE(world_.step());
    host_.cut_power();
    start([&](CleanedNode& node) { return look(node); });
    EXPECT_TRUE(world_.run_until([&] { return !host_.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world_.violations().empty()) << world_.violations().front();
    return !finished_;
  }

 private:
  void start(std::function<Task<void>(CleanedNode&)> story) {
    host_.start([this, story](Process&, Cancel) -> Task<int> {
      CleanedNode node(place_);
      co_await node.start();
      co_await story(node);
      co_await node.end();
      co_return 0;
    });
  }
  static Task<void> put_all(CleanedNode& node, std::string_view keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      co_await node.put_and_roll(node.log(), {std::string(1, keys[i]) + "=" + std::to_string(i)});
    }
  }
  Task<void> write_anew(CleanedNode& node) {
    co_await node.create(0);
    co_await put_all(node, kFirst);
    co_await node.clean_all();
    co_await must(node.log().flush());
    co_await node.save();
    TaskGroup group;
    group.spawn([&](Cancel cancel) -> Task<void> {
      while (steps_ % 2 == 0 && !cancel.requested()) {
        co_await node.save();
        (void)co_await sleep_for(milliseconds(1), cancel);
      }
    });
    started_ = true;
    co_await must(node.log().truncate_to(Offset(2)));
    co_await put_all(node, kSecond);
    co_await group.stop();
    co_await node.save();
    finished_ = true;
  }
  Task<void> look(CleanedNode& node) {
    const auto found = by_offset(co_await node.shown());
    // All of the first ones, or their beginning and a beginning of the second ones.
    const bool is_cut = !found.contains(2) || found.at(2)[0] == kSecond[0];
    for (const auto& [offset, text] : found) {
      const auto at = static_cast<std::size_t>(offset);
      const char key = offset < 2 || !is_cut ? kFirst[at] : kSecond[at - 2];
      EXPECT_EQ(text[0], key) << offset;
    }
    EXPECT_GE(found.size(), 2U);
    EXPECT_EQ(std::ssize(found), node.log().log_end().raw());
    // What is written and cleaned from here on is as clean as ever.
    co_await put_all(node, "xy");
    co_await node.clean_all();
    std::set<char> keys;
    for (const auto& [offset, text] : by_offset(co_await node.shown())) {
      EXPECT_TRUE(keys.insert(text[0]).second) << text << " again at " << offset;
    }
  }

  const std::uint64_t steps_;
  sim::World world_;
  sim::Host& host_ = world_.add_host("here");
  const Place place_{"/place"};
  bool started_ = false;
  bool finished_ = false;
};

TEST(CleanerOfANode, NoCheckpointSpeaksOfWhatWasTakenBackWhenThePowerGoes) {
  bool goes_on = true;
  for (std::uint64_t steps = 0; goes_on; ++steps) {
    ASSERT_LT(steps, 5000U);
    SCOPED_TRACE("cut after " + std::to_string(steps) + " steps");
    goes_on = CutAndCrash(steps).tell();
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace ottla::storage
