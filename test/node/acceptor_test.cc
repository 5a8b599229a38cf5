#include "server/acceptor.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "config/node_config.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "sim/testing/one_life.h"

namespace ottla::server {
namespace {

// Who comes up does not hear at once that the node is stopped.
TEST(Acceptors, StartNothingOnceTheyAreStopped) {
  sim::testing::live_once([](Process&, Cancel) -> Task<int> {
    std::vector<config::Problem> problems;
    const config::NodeConfig config = config::NodeConfig::read({{"node.id", "1"}}, problems);
    Acceptor acceptor(ConnectionLimits({}, {}, ""), {}, {});
    const config::Endpoint endpoint{.listener = "PLAINTEXT", .host = "", .port = 0};
    ListenerTerms terms{.kind = ListenerKind::broker, .name = "PLAINTEXT"};
    EXPECT_TRUE((co_await acceptor.open(endpoint, std::move(terms), &config)).ok());
    co_await acceptor.stop();
    acceptor.start(ListenerKind::broker);
    co_return 0;
  });
}

}  // namespace
}  // namespace ottla::server
