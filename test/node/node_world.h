// A node on a simulated machine, and a client on another one, in the hands of a test.
//
// Use:         NodeWorld world(seed, {"num.partitions=3"});  world.start();
//              auto reply = world.ask(DescribeClusterRequest{}, 2);
// Lifetime:    its end stops what runs.
// Concurrency: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "rpc/client_connection.h"
#include "runtime/task.h"
#include "server/node.h"
#include "sim/world.h"
#include "test/node/life/node_life.h"

namespace ottla::server {

class NodeWorld {
 public:
  static constexpr std::uint16_t kPort = NodeLife::kPort;
  static constexpr std::uint16_t kControllerPort = NodeLife::kControllerPort;

  // `overrides`: KEY=VALUE each, over a broker and controller in one, whose id is 1.
  explicit NodeWorld(std::uint64_t seed, std::vector<std::string> overrides = {}, std::size_t shards = 2);
  ~NodeWorld();

  // Until the node serves; false when it does not come to that.
  bool start();
  // In good order; false when it takes longer than a few seconds.
  bool stop();
  void kill() { host_.kill(); }

  // What a client gets for `request` at the broker's port; an error when the connection ends instead.
  template <protocol::Message Request>
  Result<rpc::Reply> ask(const Request& request, std::int16_t version, std::uint16_t port = kPort) {
    return ask_erased(protocol::Encodable(request, version), port);
  }
  // Sends bytes and gives all that came back until the server ended the connection or `patience` was over.
  std::string send_raw(std::string_view bytes, std::uint16_t port = kPort,
                       Duration patience = std::chrono::seconds(5));
  // Runs a client's work to its end.
  bool run_client(std::function<Task<void>()> work, Duration limit = std::chrono::minutes(5));
  // For a client's work: whether the node takes it that a key of a broker, or of all when that is empty, is altered. It
  // goes by it a second later.
  Task<bool> alter(std::string broker, std::string key, std::string value);

  template <protocol::Message Response>
  Response read(const Result<rpc::Reply>& reply) {
    Response response;
    if (reply.ok()) kept_.push_back(reply->frame);
    if (reply.ok() && reply->read(arena_, response).ok()) return response;
    return {};
  }

  sim::World& world() { return world_; }
  sim::Host& host() { return host_; }
  Address address(std::uint16_t port = kPort) const { return host_.address(port); }
  // While it runs.
  Node* node() { return life_.node(); }
  const std::string& failure() const { return life_.failure(); }

 private:
  Result<rpc::Reply> ask_erased(protocol::Encodable request, std::uint16_t port);

  NodeLife life_;  // its processes end with the world
  sim::World world_;
  sim::Host& host_;
  sim::Host& client_;
  const std::size_t shards_;
  Budget budget_{"replies", std::size_t{64} << 20};
  Arena arena_{budget_};
  std::vector<Slice> kept_;  // what was read points into them
};

}  // namespace ottla::server
