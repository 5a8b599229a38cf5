// Leads one request to its handler and its answer to the wire: version check, decoding within the budget, handler,
// errors, encoding, throttling.
//
// Use:         one a shard; sessions of connections call serve(), the way to the controller serve_forwarded().
// Lifetime:    outlives all requests.
// Concurrency: confined to its shard; any number of requests at once.
// Invariants:  1. a request holds no memory while it waits for some
//              2. what cannot be decoded is never handled: its connection ends, as with the reference
// Errors:      go to the client, or end its connection with one line in the log.
#pragma once

#include <cstddef>
#include <memory>

#include "base/budget.h"
#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "rpc/service.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "server/client_info.h"
#include "server/handler.h"
#include "server/node_view.h"
#include "server/request_context.h"

namespace ottla::server {

class Dispatcher {
 public:
  // `memory`: of all requests of this shard, decoded, and their answers in the making.
  Dispatcher(NodeView& node, std::size_t memory);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  Task<rpc::Answer> serve(const ClientInfo& client, rpc::Incoming request, Cancel cancel);
  // A request that came in an envelope: header and body, as `client` sent them to another node (or to this one's
  // broker). Gives header and body of the answer, and whether it says NOT_CONTROLLER. invalid_argument when such a
  // request is not to be forwarded at all; unsupported when the bytes are no request that is served here.
  struct Forwarded {
    Chain answer;
    bool not_controller = false;
  };
  Task<Result<Forwarded>> serve_forwarded(ClientInfo client, Slice frame, Cancel cancel);

  NodeView& node() { return node_; }
  const Budget& memory() const { return memory_; }

 private:
  using Context = std::unique_ptr<RequestContext>;

  Context make_context(const ClientInfo& client, rpc::Incoming request, Cancel cancel);
  // Makes the structures of request and response; waits while others hold the memory for them.
  Task<Result<void>> prepare(RequestContext& context, const Handler& handler);
  Result<> decode(RequestContext& context, const Handler& handler);
  Task<Result<Outcome>> handle(RequestContext& context, const Handler& handler);

  NodeView& node_;
  Budget memory_;
  Event released_;  // woken when a request has given back its memory
};

}  // namespace ottla::server
