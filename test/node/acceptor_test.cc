#include "server/acceptor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "config/node_config.h"
#include "runtime/network.h"
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

TEST(Acceptors, LeaveSocketsThatNobodySizedToTheKernel) {
  using Sizes = std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>;
  const auto sizes = [](config::Texts texts) -> Sizes {
    texts.emplace("node.id", "1");
    std::vector<config::Problem> problems;
    const ListenOptions options = listen_options(config::NodeConfig::read(std::move(texts), problems));
    return {options.accepted.send_buffer, options.accepted.receive_buffer};
  };
  EXPECT_EQ(sizes({}), Sizes());
  EXPECT_EQ(sizes({{"socket.send.buffer.bytes", "102400"}}), Sizes(102'400, std::nullopt));
  EXPECT_EQ(sizes({{"socket.receive.buffer.bytes", "50000"}}), Sizes(std::nullopt, 50'000));
  EXPECT_EQ(sizes({{"socket.send.buffer.bytes", "-1"}, {"socket.receive.buffer.bytes", "-1"}}), Sizes());
}

}  // namespace
}  // namespace ottla::server
