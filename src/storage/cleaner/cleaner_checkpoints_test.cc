#include "storage/cleaner/cleaner_checkpoints.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/partition_id.h"
#include "base/topic_partition.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "sim/world.h"
#include "storage/directory/log_directory.h"

namespace ottla::storage {
namespace {

TopicPartition partition(std::int32_t number) {
  return {.topic = "t", .partition = PartitionId(number)};
}

TEST(CleanerCheckpoints, AreThereAfterAStart) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  const auto run = [&](auto story) {
    host.start([&](Process&, Cancel) -> Task<int> {
      auto directory = co_await LogDirectory::open(this_shard().files(), "/data/logs");
      CleanerCheckpoints checkpoints;
      const auto found = co_await checkpoints.add(directory->get());
      EXPECT_TRUE(found.ok());
      co_await story(checkpoints, **directory, *found);
      EXPECT_TRUE((co_await (*directory)->close(LogDirectory::Ending::clean(1))).ok());
      co_return 0;
    });
    ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world.violations().empty()) << world.violations().front();
  };
  using Found = std::vector<PartitionOffset>;
  run([](CleanerCheckpoints& checkpoints, LogDirectory& directory, const Found& found) -> Task<void> {
    EXPECT_TRUE(found.empty());
    for (const int number : {2, 1, 3}) {
      EXPECT_TRUE(
          (co_await checkpoints.save_checkpoint(directory.path(), partition(number), Offset(10 * number)))
              .ok());
    }
    EXPECT_TRUE((co_await checkpoints.save_checkpoint(directory.path(), partition(2), {})).ok());
    EXPECT_EQ((co_await checkpoints.save_checkpoint("/elsewhere", partition(1), Offset(1))).error(),
              Errc::not_found);
  });
  run([](CleanerCheckpoints& checkpoints, LogDirectory& directory, const Found& found) -> Task<void> {
    EXPECT_EQ(found, (Found{{.partition = partition(1), .offset = Offset(10)},
                            {.partition = partition(3), .offset = Offset(30)}}));
    checkpoints.disk_failed(directory.path(), Errc::io_error);
    EXPECT_TRUE(directory.is_offline());
    EXPECT_EQ((co_await checkpoints.save_checkpoint(directory.path(), partition(1), Offset(1))).error(),
              Errc::io_error);
  });
}

}  // namespace
}  // namespace ottla::storage
