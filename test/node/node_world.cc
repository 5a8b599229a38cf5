#include "test/node/node_world.h"

#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/chain.h"
#include "base/slice.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/stream.h"
#include "runtime/when.h"

namespace ottla::server {
namespace {

using protocol::IncrementalAlterConfigsRequest;
using std::chrono::seconds;

}  // namespace

NodeWorld::NodeWorld(std::uint64_t seed, std::vector<std::string> overrides, std::size_t shards)
    : life_(std::move(overrides)),
      world_(seed),
      host_(world_.add_host("node")),
      client_(world_.add_host("client")),
      shards_(shards) {}

NodeWorld::~NodeWorld() {
  if (host_.running()) (void)stop();
}

bool NodeWorld::start() {
  host_.start([this](Process& process, Cancel cancel) { return life_.run(process, cancel); }, shards_);
  return world_.run_until([this] { return life_.ready() || !host_.running(); }, seconds(60)) && life_.ready();
}

bool NodeWorld::stop() {
  host_.request_stop();
  return world_.run_until([this] { return !host_.running(); }, seconds(30)) && !host_.running();
}

bool NodeWorld::run_client(std::function<Task<void>()> work, Duration limit) {
  client_.start([&work](Process&, Cancel) -> Task<int> {
    co_await work();
    co_return 0;
  });
  const bool ended = world_.run_until([this] { return !client_.running(); }, limit);
  if (!ended) client_.kill();
  return ended;
}

Result<rpc::Reply> NodeWorld::ask_erased(protocol::Encodable request, std::uint16_t port) {
  Result<rpc::Reply> outcome = Errc::timed_out;
  run_client([&]() -> Task<void> {
    auto connection = co_await rpc::ClientConnection::connect(this_shard().network(), address(port),
                                                              {.client_id = "test"}, {});
    if (!connection.ok()) {
      outcome = connection.error();
      co_return;
    }
    outcome = co_await (*connection)->call(request);
    co_await (*connection)->close();
  });
  return outcome;
}

Task<bool> NodeWorld::alter(std::string broker, std::string key, std::string value) {
  const auto control = co_await rpc::ClientConnection::connect(this_shard().network(), address(), {}, {});
  if (!control.ok()) co_return false;
  const IncrementalAlterConfigsRequest::AlterableConfig configs[] = {
      {.name = key, .value = std::string_view(value)}};
  const IncrementalAlterConfigsRequest::AlterConfigsResource resources[] = {
      {.resource_type = 4, .resource_name = broker, .configs = configs}};
  const IncrementalAlterConfigsRequest request{.resources = resources};
  const auto response = read<protocol::IncrementalAlterConfigsResponse>(
      co_await (*control)->call(protocol::Encodable(request, 1)));
  co_await (*control)->close();
  co_return response.responses.size() == 1 && response.responses[0].error_code == 0;
}

std::string NodeWorld::send_raw(std::string_view bytes, std::uint16_t port, Duration patience) {
  std::string heard;
  run_client([&]() -> Task<void> {
    auto stream = co_await this_shard().network().connect(address(port), {}, {});
    if (!stream.ok()) co_return;
    (void)co_await (*stream)->write(Chain(Slice::copy_of(bytes)));
    std::array<std::byte, 4096> room;
    for (;;) {
      const auto count = co_await with_timeout(
          patience, {}, [&](Cancel inner) { return (*stream)->read(std::span(room), inner); });
      if (!count.ok()) {
        heard += '<' + std::string(name_of(count.error().code())) + '>';
        break;
      }
      heard += std::string_view(reinterpret_cast<const char*>(room.data()), *count);
    }
    co_await (*stream)->close();
  });
  return heard;
}

}  // namespace ottla::server
