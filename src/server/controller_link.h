// The way to the active controller, wherever it is: in this process, or behind a controller's listener on another node.
// Asks again after a change of leaders and a lost connection, as long as the caller has patience.
//
// Use:         OTTLA_CO_TRY(rpc::Reply reply, co_await link.call(Asking(registration), patience, cancel));
//              OTTLA_CO_TRY(Chain answer, co_await link.forward(client, frame, cancel));
// Lifetime:    stop() must have ended before it is destroyed.
// Concurrency: confined to the first shard; other shards come by message (ControllerDoor).
// Invariants:  a request is sent again only when it is known not to have been handled (NOT_CONTROLLER) or when its
//              connection was lost; those who ask twice are told the same twice
// Errors:      timed_out when patience ends; unsupported when the controller does not know the request or its version;
//              closed after stop().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/histogram.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/schema.h"
#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/client_info.h"
#include "server/dispatcher.h"

namespace ottla::server {

// Who leads the controllers, and where its listener is.
struct ActiveControllerPlace {
  NodeId id{-1};
  std::string host = {};
  std::uint16_t port = 0;

  friend bool operator==(const ActiveControllerPlace&, const ActiveControllerPlace&) = default;
};

// A message, and the versions in which it may be sent; the highest that both sides know is chosen.
struct Asking {
  template <protocol::Message T>
  explicit Asking(const T& value, protocol::Versions allowed = T::message().versions)
      : message(&T::message()), data(&value), versions(allowed) {}

  const protocol::MessageInfo* message;
  const void* data;
  protocol::Versions versions;
};

// Versions by API key, of what somebody serves.
using SharedVersions = std::shared_ptr<const std::vector<protocol::Versions>>;

// Requests of clients on their way to the controller, in microseconds.
struct ForwardingMeters {
  static constexpr std::uint64_t kLongest = 60'000'000;

  Histogram waited{kLongest};    // until a controller was known that took it
  Histogram answered{kLongest};  // until it had answered
  std::size_t waiting = 0;       // now, for a controller
};

class ControllerLink {
 public:
  struct Options {
    NodeId self;
    std::string client_id;
    ClientInfo own;  // as whom this node's own requests come, when the controller is here
    Duration request_timeout{};
    // For a connection to be made; doubles with each failure.
    Duration setup_timeout = std::chrono::seconds(10);
    Duration setup_timeout_max = std::chrono::seconds(30);
    Duration retry_pause = std::chrono::milliseconds(100);
    // Told which versions a controller elsewhere serves, by key; nothing while none is connected.
    std::function<void(SharedVersions)> on_versions = {};
  };
  // `local` serves what is for the controller when it is this node.
  ControllerLink(Options options, Dispatcher& local, Logger log);
  ControllerLink(const ControllerLink&) = delete;
  ControllerLink& operator=(const ControllerLink&) = delete;
  ~ControllerLink();

  // From whoever follows the quorum: nothing when nobody leads, or its place is not known.
  void set_active(std::optional<ActiveControllerPlace> place);
  const std::optional<ActiveControllerPlace>& active() const { return active_; }

  // Asked anew while no place is known or the one that is known gives no answer: an address can become known, or be
  // another one, without a change of leaders.
  void set_finder(std::function<std::optional<ActiveControllerPlace>()> finder) {
    finder_ = std::move(finder);
  }

  // A request of this node's own.
  Task<Result<rpc::Reply>> call(Asking request, Duration patience, Cancel cancel);
  // A client's request, header and body as it sent them. Gives header and body of the answer.
  Task<Result<Chain>> forward(ClientInfo client, Slice frame, Duration patience, Cancel cancel);
  // What waits ends with closed.
  Task<void> stop();
  const ForwardingMeters& forwarding() const { return forwarding_; }

 private:
  // A connection to a controller, and which versions it serves.
  struct Connection;
  using Shared = std::shared_ptr<Connection>;

  // Attempts until one gives something, patience ends, or the link is stopped. `attempt(place, Cancel)` gives nothing
  // when it is to be tried again.
  template <typename T, typename Attempt>
  Task<Result<T>> keep_trying(Duration patience, Cancel cancel, Attempt attempt);
  template <typename T, typename Attempt>
  Task<Result<T>> try_until(Cancel cancel, Attempt& attempt);
  // A moment, or until somebody else leads; then it is asked who that is.
  Task<Result<void>> look_again(Cancel cancel);
  Task<Result<std::optional<rpc::Reply>>> call_once(Asking request, ActiveControllerPlace place,
                                                    Cancel cancel);
  Task<Result<std::optional<rpc::Reply>>> call_here(Asking request, Cancel cancel);
  Task<Result<std::optional<rpc::Reply>>> call_there(Asking request, ActiveControllerPlace place,
                                                     Cancel cancel);
  Task<Result<std::optional<Chain>>> forward_once(const ClientInfo& client, Slice frame,
                                                  ActiveControllerPlace place, Cancel cancel);
  Task<Result<std::optional<Chain>>> forward_there(const ClientInfo& client, Slice frame,
                                                   ActiveControllerPlace place, Cancel cancel);

  Task<Result<Shared>> connect(ActiveControllerPlace place, Cancel cancel);
  Task<Result<std::unique_ptr<rpc::ClientConnection>>> set_up(const ActiveControllerPlace& place,
                                                              Cancel cancel);
  void drop(Shared connection);  // by value: it may be the one that is given up

  const Options options_;
  Dispatcher& local_;
  Logger log_;
  Duration setup_patience_;  // with the next connection
  std::optional<ActiveControllerPlace> active_;
  std::function<std::optional<ActiveControllerPlace>()> finder_;
  Event changed_;  // woken when active_ changes
  bool stopped_ = false;
  ForwardingMeters forwarding_;
  Shared connection_;
  Semaphore connecting_{1};
  TaskGroup closing_;  // of connections that are not used any more
};

}  // namespace ottla::server
