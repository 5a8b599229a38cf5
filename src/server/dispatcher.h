// Leads one request to its handler and its answer to the wire: version check, decoding within the budget, handler,
// errors, encoding, throttling.
//
// Use:         one a shard; sessions of connections call serve(), the way to the controller serve_forwarded().
// Lifetime:    outlives all requests.
// Concurrency: confined to its shard; any number of requests at once.
// Invariants:  1. a request holds no memory while it waits for some
//              2. what cannot be decoded is never handled: its connection ends, as with the reference
//              3. memory is not for clients that do not read: when requests wait for it, the connection ends that has
//                 taken nothing of a large answer for the longest time
// Errors:      go to the client, or end its connection with one line in the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/budget.h"
#include "base/chain.h"
#include "base/intrusive_list.h"
#include "base/result.h"
#include "base/slice.h"
#include "rpc/service.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "server/client_info.h"
#include "server/handler.h"
#include "server/node_view.h"
#include "server/observation/request_metrics.h"
#include "server/request_context.h"

namespace ottla::server {

// An answer that is larger than what is made at once, while its client reads it.
struct UnsentAnswer : ListHook<> {
  CancelSource* connection = nullptr;
  Instant moved{};  // when its client had last taken some of it
};

// How a request comes to the controller: a broker's own ones come directly, those of its clients are passed on.
enum class Way : std::uint8_t { direct, forwarded };

class Dispatcher {
 public:
  // `memory`: of all requests of this shard, decoded, and their answers in the making.
  Dispatcher(NodeView& node, std::size_t memory);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  Task<rpc::Answer> serve(const ClientInfo& client, rpc::Incoming request, Cancel cancel);
  // A request to the controller that came without a connection of its own: in an envelope, or from this very node.
  // `frame` is header and body; the answer is, too.
  struct Answered {
    Chain answer;
    bool not_controller = false;  // it says so somewhere
  };
  // invalid_argument when such a request is not to be forwarded at all; unsupported when the bytes are no request that
  // is served here.
  Task<Result<Answered>> serve_frame(ClientInfo client, Slice frame, Way way, Cancel cancel);

  // The end of a request that serve() has answered.
  void sent(const rpc::Passed& request, Instant turn, Instant end) { metrics_.note(request, turn, end); }

  NodeView& node() { return node_; }
  const Budget& memory() const { return memory_; }

 private:
  using Context = std::unique_ptr<RequestContext>;

  Result<rpc::Answer> encode(Context context);
  Result<rpc::Incoming> admit(Slice frame, Way way) const;
  Context make_context(const ClientInfo& client, rpc::Incoming request, Cancel cancel);
  // Makes the structures of request and response; waits while others hold the memory for them.
  Task<Result<void>> prepare(RequestContext& context, const Handler& handler);
  Task<Result<void>> wait_for_memory(Cancel cancel);
  void end_slowest_reader();
  Result<> decode(RequestContext& context, const Handler& handler);
  Result<> decode_body(RequestContext& context, const Handler& handler);
  // Counts what the request took, and tells its client for how long to wait.
  Task<void> throttle(RequestContext& context);
  Task<Result<Outcome>> handle(RequestContext& context, const Handler& handler);
  // Counts the error codes of its response, and tells what it took until now; its handler began then. Of nothing, when
  // it is not to be counted.
  rpc::Passed pass(const RequestContext& context, Instant begun, Outcome outcome);

  NodeView& node_;
  Budget memory_;
  RequestMetrics metrics_;
  Event released_;                      // woken when a request has given back its memory
  IntrusiveList<UnsentAnswer> unsent_;  // that which moved longest ago first
};

}  // namespace ottla::server
