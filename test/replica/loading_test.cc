// What a start after a crash makes durable, and when: many logs with one sync before any of them is looked into, and with
// one when all are open.
//
// Told in the simulated world alone, which tells in which order the disk was asked.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/sleep.h"
#include "sim/disk.h"
#include "sim/host.h"
#include "sim/trace.h"
#include "sim/world.h"
#include "test/replica/replica_language.h"

namespace ottla::replica {
namespace {

constexpr int kLogs = 40;
constexpr Duration kPatience = std::chrono::hours(1);

// What was asked of the disk: 's' a sync of all that is there, 'd' and 'f' one of a directory and of a file, 'o' that a
// log's file is opened. Each stretch of the same is one letter.
class Asked final : public sim::TraceSink {
 public:
  void line(std::string_view text) override {
    const auto has = [text](std::string_view part) { return text.find(part) != std::string_view::npos; };
    if (has("sync everything")) note('s');
    if (has("directory ") && has("is durable")) note('d');
    if (has("file ") && has("is durable")) note('f');
    if (has(" as file ") && has("/t-")) note('o');
  }
  std::string told;

 private:
  void note(char letter) {
    if (told.empty() || told.back() != letter) told += letter;
  }
};

TEST(Loading, ManyLogsAreSyncedTogetherBeforeTheyAreLookedIntoAndWhenAllAreOpen) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  const Place place{"/place"};
  ASSERT_TRUE(host.disk().make_directories(place.directory).ok());
  int life = 0;
  bool done = false;
  Asked asked;
  host.start(
      [&](Process&, Cancel cancel) -> Task<int> {
        ++life;
        ReplicasUnderTest node(place);
        if (life == 2) node.know("t", 1, kLogs);
        co_await node.start();
        if (life == 1) {
          co_await node.create("t", 1, kLogs);
          for (int each = 0; each < kLogs; ++each) EXPECT_EQ(co_await node.produce(1, each), "0");
        }
        done = true;
        (void)co_await sleep_for(std::chrono::hours(1), cancel);
        co_return 1;
      },
      2);
  ASSERT_TRUE(world.run_until([&] { return done; }, kPatience));
  host.kill();
  done = false;
  world.trace().set_sink(&asked);
  host.restart();
  ASSERT_TRUE(world.run_until([&] { return done; }, kPatience));
  world.trace().set_sink(nullptr);
  host.kill();
  const std::size_t first = asked.told.find('s');
  const std::size_t last = asked.told.rfind('s');
  ASSERT_LT(first, last) << asked.told;
  const std::string_view between = std::string_view(asked.told).substr(first + 1, last - first - 1);
  EXPECT_EQ(between, "o") << "logs are opened, and none syncs for itself";
  EXPECT_EQ(std::string_view(asked.told).substr(0, first).find('o'), std::string_view::npos) << asked.told;
  EXPECT_EQ(std::string_view(asked.told).substr(last).find('o'), std::string_view::npos) << asked.told;
}

}  // namespace
}  // namespace ottla::replica
