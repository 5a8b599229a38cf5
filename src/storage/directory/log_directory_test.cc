#include "storage/directory/log_directory.h"

#include <gtest/gtest.h>

#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "sim/world.h"

namespace ottla::storage {
namespace {

constexpr char kPath[] = "/data/logs";
using Opened = Result<std::unique_ptr<LogDirectory>>;

FileSystem& files() {
  return this_shard().files();
}

// One host whose disk stays while stories run on it, one after the other.
struct LogDirectoryTest : testing::Test {
  template <typename Story>
  void run(Story story) {
    host.start([&](Process&, Cancel) -> Task<int> {
      co_await story();
      co_return 0;
    });
    ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world.violations().empty()) << world.violations().front();
  }
  // A directory that is opened, used and closed.
  template <typename Use>
  void use(Use use, LogDirectory::Ending ending = LogDirectory::Ending::clean(5)) {
    run([&]() -> Task<void> {
      Opened directory = co_await LogDirectory::open(files(), kPath);
      EXPECT_TRUE((co_await (*directory)->begin()).ok());
      co_await use(**directory);
      EXPECT_TRUE((co_await (*directory)->close(ending)).ok());
    });
  }
  void put(std::string name, std::string text) {
    run([=]() -> Task<void> {
      EXPECT_TRUE((co_await files().make_directories(kPath)).ok());
      EXPECT_TRUE(
          (co_await replace_file(files(), std::string(kPath) + '/' + name, Slice::copy_of(text))).ok());
    });
  }
  sim::World world{1};
  sim::Host& host = world.add_host("here");
};

TopicPartition tp(std::string topic, std::int32_t partition) {
  return {std::move(topic), PartitionId(partition)};
}

TEST_F(LogDirectoryTest, IsMadeAndHasNoIdentityAndNoPartitions) {
  use([](LogDirectory& directory) -> Task<void> {
    EXPECT_FALSE(directory.identity());
    EXPECT_FALSE(directory.was_clean());
    EXPECT_TRUE((co_await directory.partitions()).value().empty());
    EXPECT_TRUE((co_await directory.read_checkpoint(OffsetCheckpoint::log_start)).value().offsets.empty());
  });
}

TEST_F(LogDirectoryTest, RemembersWhoItIs) {
  const MetaProperties identity{
      .version = 1, .cluster_id = "c", .node_id = NodeId(1), .directory_id = Uuid(3, 4)};
  use([&](LogDirectory& directory) -> Task<void> {
    EXPECT_TRUE((co_await directory.write_identity(identity)).ok());
  });
  use([&](LogDirectory& directory) -> Task<void> {
    EXPECT_EQ(directory.identity(), identity);
    co_return;
  });
}

TEST_F(LogDirectoryTest, AnIdentityThatCannotBeReadIsNoNewDirectory) {
  put("meta.properties", "version=one\n");
  run([]() -> Task<void> {
    const Opened directory = co_await LogDirectory::open(files(), kPath);
    EXPECT_EQ(directory.error(), Errc::malformed);
    const auto lock = (co_await files().lock(std::string(kPath) + "/.lock")).value();  // not held any more
    co_await lock->release();
  });
}

TEST_F(LogDirectoryTest, IsHeldByOne) {
  use([](LogDirectory&) -> Task<void> {
    EXPECT_EQ((co_await LogDirectory::open(files(), kPath)).error(), Errc::busy);
  });
}

TEST_F(LogDirectoryTest, ACleanEndIsKnownOnce) {
  const auto nothing = [](LogDirectory&) -> Task<void> { co_return; };
  use(nothing, LogDirectory::Ending::clean(42));
  use(
      [](LogDirectory& directory) -> Task<void> {
        EXPECT_TRUE(directory.was_clean());
        EXPECT_EQ(directory.clean_broker_epoch(), 42);
        co_return;
      },
      LogDirectory::Ending::unclean());
  use([](LogDirectory& directory) -> Task<void> {
    EXPECT_FALSE(directory.was_clean());
    co_return;
  });
}

TEST_F(LogDirectoryTest, WhoOnlyLookedLeavesTheMarkAsItIs) {
  put(".kafka_cleanshutdown", "{\"version\":0,\"brokerEpoch\":42,\"more\":1}");
  run([]() -> Task<void> {
    const Opened directory = co_await LogDirectory::open(files(), kPath);
    EXPECT_TRUE((*directory)->was_clean());
    EXPECT_TRUE((co_await (*directory)->close(LogDirectory::Ending::clean(43))).ok());
    const auto mark = co_await read_whole_file(files(), std::string(kPath) + "/.kafka_cleanshutdown", 4096);
    EXPECT_EQ(mark->as_string_view(), "{\"version\":0,\"brokerEpoch\":42,\"more\":1}");
  });
}

TEST_F(LogDirectoryTest, WhoHadNoEpochPutsTheMarkBack) {
  const auto nothing = [](LogDirectory&) -> Task<void> { co_return; };
  use(nothing, LogDirectory::Ending::clean(42));
  use(nothing, LogDirectory::Ending::clean(-1));
  use([](LogDirectory& directory) -> Task<void> {
    EXPECT_TRUE(directory.was_clean());
    EXPECT_EQ(directory.clean_broker_epoch(), 42);
    co_return;
  });
}

TEST_F(LogDirectoryTest, ListsPartitionsAndNothingElse) {
  use([](LogDirectory& directory) -> Task<void> {
    for (const char* name : {"a-0", "b-1.0123456789abcdef0123456789abcdef-delete", "__cluster_metadata-0",
                             "remote-log-index-cache"}) {
      EXPECT_TRUE((co_await files().make_directories(std::string(kPath) + '/' + name)).ok());
    }
    const auto found = (co_await directory.partitions()).value();
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], (LogDirectory::Partition{"a-0", {tp("a", 0), DirectoryRole::log}}));
    EXPECT_EQ(found[1].name, (DirectoryName{tp("b", 1), DirectoryRole::deleted}));
  });
}

TEST_F(LogDirectoryTest, AStrangerAmongThePartitionsIsNamed) {
  use([](LogDirectory& directory) -> Task<void> {
    EXPECT_TRUE((co_await files().make_directories(std::string(kPath) + "/lost+found")).ok());
    EXPECT_EQ((co_await directory.partitions()).error(), Errc::malformed);
  });
}

TEST_F(LogDirectoryTest, CheckpointsComeBack) {
  const std::vector<PartitionOffset> offsets{{tp("a", 0), Offset(5)}, {tp("b", 3), Offset(0)}};
  use([&](LogDirectory& directory) -> Task<void> {
    EXPECT_TRUE((co_await directory.write_checkpoint(OffsetCheckpoint::recovery_point, offsets)).ok());
  });
  use([&](LogDirectory& directory) -> Task<void> {
    EXPECT_EQ((co_await directory.read_checkpoint(OffsetCheckpoint::recovery_point)).value().offsets,
              offsets);
    EXPECT_TRUE((co_await directory.read_checkpoint(OffsetCheckpoint::cleaner)).value().offsets.empty());
  });
}

TEST_F(LogDirectoryTest, ACheckpointThatCannotBeReadIsToldAndCountsAsEmpty) {
  put("recovery-point-offset-checkpoint", "0\n1\na b c\n");
  use([](LogDirectory& directory) -> Task<void> {
    const auto checkpoint = (co_await directory.read_checkpoint(OffsetCheckpoint::recovery_point)).value();
    EXPECT_TRUE(checkpoint.damage.has_value());
    EXPECT_TRUE(checkpoint.offsets.empty());
    EXPECT_FALSE(directory.is_offline());
  });
}

TEST_F(LogDirectoryTest, TheSameCheckpointIsNotWrittenAgain) {
  use([](LogDirectory& directory) -> Task<void> {
    const std::string path = std::string(kPath) + "/replication-offset-checkpoint";
    const std::vector<PartitionOffset> offsets{{tp("a", 0), Offset(5)}};
    EXPECT_TRUE((co_await directory.write_checkpoint(OffsetCheckpoint::high_watermark, offsets)).ok());
    EXPECT_TRUE((co_await files().remove(path)).ok());
    EXPECT_TRUE((co_await directory.write_checkpoint(OffsetCheckpoint::high_watermark, offsets)).ok());
    EXPECT_FALSE((co_await files().status(path)).ok());
  });
}

TEST_F(LogDirectoryTest, OnceOfflineItStaysSo) {
  use([](LogDirectory& directory) -> Task<void> {
    EXPECT_EQ(directory.note(Errc::no_space), Errc::no_space);
    EXPECT_FALSE(directory.is_offline());
    (void)directory.note(Errc::io_error);
    directory.go_offline(Errc::sync_failed);
    EXPECT_EQ(directory.failure()->code(), Errc::io_error);
    EXPECT_EQ((co_await directory.partitions()).error(), Errc::io_error);
    EXPECT_EQ(
        (co_await directory.change_checkpoint(OffsetCheckpoint::cleaner, {tp("a", 0), Offset(1)})).error(),
        Errc::io_error);
  });
  use([](LogDirectory& directory) -> Task<void> {
    EXPECT_FALSE(directory.was_clean());  // though its end was said to be
    co_return;
  });
}

}  // namespace
}  // namespace ottla::storage
