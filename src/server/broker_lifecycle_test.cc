#include "server/broker_lifecycle.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/uuid.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "server/controller_link.h"
#include "server/testing/lone_broker.h"
#include "sim/host.h"
#include "sim/world.h"

namespace ottla::server {
namespace {

using std::chrono::seconds;

// How long a broker whose controllers never answer lives, and why it ends; so many seconds after its start a directory
// fails.
struct Life {
  Duration lasted{};
  std::string reason;
};

Life life_of(Duration registration_timeout, Duration directory_timeout, std::optional<Duration> failure) {
  sim::World world(1);
  sim::Host& host = world.add_host("broker");
  Life life;
  host.start([&](Process&, Cancel) -> Task<int> {
    LoneBroker broker;
    ControllerLink link({.self = NodeId(2), .client_id = "2", .own = {}, .request_timeout = seconds(5)},
                        broker.dispatcher, {});
    BrokerLifecycle::Options options;
    options.id = NodeId(2);
    options.cluster_id = "c";
    options.directories = {Uuid(7, 70)};
    options.heartbeat_interval = seconds(2);
    options.session_timeout = seconds(9);
    options.registration_timeout = registration_timeout;
    options.directory_failure_timeout = directory_timeout;
    BrokerLifecycle lifecycle(options, link, [] { return BrokerLifecycle::MetadataSight{}; }, {});
    TaskGroup group;
    const Instant begun = this_shard().exact_now();
    group.spawn([&](Cancel cancel) { return lifecycle.run(cancel); });
    if (failure) {
      (void)co_await sleep_for(*failure, {});
      lifecycle.directory_failed(Uuid(7, 70));
    }
    (void)co_await lifecycle.failed().wait();
    life = {.lasted = this_shard().exact_now() - begun, .reason = lifecycle.failure()->to_string()};
    co_await group.stop();
    co_await link.stop();
    co_return 0;
  });
  EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(2)));
  return life;
}

TEST(BrokerLifecycle, GivesUpWhenNobodyLetsItRegister) {
  const Life life = life_of(seconds(60), seconds(600), {});
  EXPECT_GE(life.lasted, seconds(60));
  EXPECT_LT(life.lasted, seconds(80));
  EXPECT_NE(life.reason.find("initial.broker.registration.timeout.ms"), std::string::npos) << life.reason;
}

TEST(BrokerLifecycle, GivesUpWhenNobodyHearsOfADirectoryThatFailed) {
  const Life life = life_of(seconds(3600), seconds(30), seconds(100));
  EXPECT_GE(life.lasted, seconds(130));
  EXPECT_LT(life.lasted, seconds(136)) << "a request that is under way has its own patience";
  EXPECT_NE(life.reason.find("log.dir.failure.timeout.ms"), std::string::npos) << life.reason;
}

}  // namespace
}  // namespace ottla::server
