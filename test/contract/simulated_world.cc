#include "sim/world.h"
#include "test/contract/world_under_test.h"

namespace ottla::contract {
namespace {

class SimulatedWorld final : public WorldUnderTest {
 public:
  void run(std::size_t shards, const Story& story) override {
    sim::World world(1);
    sim::Host& host = world.add_host("here");
    const Place place{"/place"};
    ASSERT_TRUE(host.disk().make_directories(place.directory).ok());
    host.start(
        [&](Process& process, Cancel cancel) -> Task<int> {
          co_await story(process, cancel, place);
          co_return 0;
        },
        shards);
    const bool ended = world.run_until([&] { return !host.running(); }, std::chrono::hours(24));
    EXPECT_TRUE(ended) << "the story never came to its end";
    EXPECT_EQ(host.exit_code(), 0);
    EXPECT_TRUE(world.violations().empty()) << world.violations().front();
  }
};

}  // namespace

std::unique_ptr<WorldUnderTest> make_simulated_world() {
  return std::make_unique<SimulatedWorld>();
}

}  // namespace ottla::contract
