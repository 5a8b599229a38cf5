// One request on its way through a node: what came, who sent it, the memory that it may use, and the answer in the
// making.
//
// Lifetime:    until its answer has been sent: request and response point into its frame and its arena.
// Concurrency: confined to one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/invariant.h"
#include "metadata/image.h"
#include "protocol/api.h"
#include "protocol/message.h"
#include "rpc/service.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "server/client_info.h"
#include "server/node_view.h"
#include "server/shard_pull.h"

namespace ottla::server {

struct RequestContext {
  // Most requests and answers fit into so little, and so does what a thread's own heap gives without a search.
  static constexpr ArenaShape kArena = {.first_chunk = 1008, .kept = 1008};

  RequestContext(NodeView& of_node, const ClientInfo& of_client, rpc::Incoming request_frame, Budget& parent,
                 std::size_t most_memory, Event& when_released)
      : node(of_node),
        client(of_client),
        incoming(std::move(request_frame)),
        memory("request", most_memory, &parent),
        arena(memory, kArena),
        released(when_released) {}
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;
  // Others may wait for its memory. They run later, when it has been given back.
  ~RequestContext() {
    if (!Shard::current().killed()) released.wake_all();
  }

  // All partitions of this request are on that shard; without one, on several.
  void note_shard(std::optional<ShardId> shard) const {
    if (client.pull != nullptr) client.pull->note(shard, this_shard().id(), this_shard().now());
  }

  std::int16_t version() const { return incoming.head.version; }
  const protocol::ApiInfo& api() const { return *incoming.head.api; }

  template <protocol::Message T>
  const T& request_as() const {
    OTTLA_INVARIANT(api().request == &T::message() && request != nullptr, "a request is read as another",
                    api().name);
    return *static_cast<const T*>(request);
  }
  template <protocol::Message T>
  T& response_as() {
    OTTLA_INVARIANT(api().response == &T::message() && response != nullptr, "a response is made as another",
                    api().name);
    return *static_cast<T*>(response);
  }

  NodeView& node;
  const ClientInfo& client;
  rpc::Incoming incoming;
  Budget memory;
  Arena arena;
  Cancel cancel;
  metadata::SharedImage image = {};  // what the response points into, if it does
  const void* request = nullptr;     // a structure of api().request, unless its handler decodes
  void* response = nullptr;          // a structure of api().response, with all defaults at first
  std::vector<Chain> records = {};   // that the response points into
  Chain kept = {};                   // bytes beyond the arena that the response points into
  std::optional<Chain> body = {};    // a response that was encoded elsewhere, without its header
  Duration busy{0};                  // what this request took of the shard's time
  Duration mute{0};                  // for so long after the answer nothing more is read of this client
  bool forwarded = false;            // came in an envelope, or through this node's own broker
  // Its time counts for no quota: nodes among themselves are not to be kept waiting by those of clients; or its handler
  // has counted it.
  bool exempt = false;
  Event& released;
};

}  // namespace ottla::server
