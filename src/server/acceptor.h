// Accepts on all listeners of a node and hands each connection to the shard that has the fewest; counts them, and passes
// on those that want to go to the shard of their partitions.
//
// Use:         OTTLA_CO_TRY(Address at, co_await acceptor.open(endpoint, terms));   …  acceptor.start(kind);
//              co_await acceptor.close(kind, name);   …
//              co_await acceptor.stop();   before the connection sets are stopped
// Lifetime:    outlives the connections that it handed out: their sets are stopped after stop(), and it is destroyed
//              after that.
// Concurrency: confined to the first shard, but for what a desk does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "config/listeners.h"
#include "runtime/address.h"
#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/arrival.h"
#include "server/connection_limits.h"
#include "server/connection_set.h"
#include "server/node_settings.h"
#include "server/observation/recent_average.h"

namespace ottla::server {

// How a node's listeners are opened. Sockets that nobody sized are sized by the kernel
// (docs/decisions/0019-buffers-of-sockets.md).
ListenOptions listen_options(const config::NodeConfig& config);

class Acceptor final : public ConnectionDesk {
 public:
  struct Place {
    Shard* shard;
    ConnectionSet* connections;
    std::size_t open = 0;  // of this node's count; changes here alone
  };
  // The first place is the first shard; connections to controllers stay there. `limits`: of each kind of listeners.
  Acceptor(ConnectionLimits limits, std::vector<Place> places, Logger log);

  // Binds; nobody is accepted before start(). Gives the address with its real port.
  Task<Result<Address>> open(config::Endpoint endpoint, ListenerTerms terms,
                             const config::NodeConfig* config);
  // Begins to accept on what was opened for that kind, and on what will be.
  void start(ListenerKind kind);
  // That listener accepts no more, and its connections end. Nothing happens when there is none of that name.
  Task<void> close(ListenerKind kind, std::string name);
  Task<void> stop();

  // From now on: who waits for a slot looks again, and what is too much goes.
  void set_caps(const ConnectionCaps& caps);
  void set_ip_rates(const IpRateLookup& rates);

  // For how long connections of late were kept waiting, in milliseconds; nothing when none was.
  struct Throttles {
    std::string listener;
    std::optional<double> of_listener;  // because of its rate, or the node's
    std::optional<double> of_ip;        // because of their addresses'
  };
  std::vector<Throttles> throttles();

  Task<void> gone(ShardId from, ListenerTerms terms, Address peer) override;
  Task<std::unique_ptr<Arrival>> pass_on(std::unique_ptr<Arrival> arrival, ShardId from, ShardId to) override;

 private:
  struct Door {
    std::unique_ptr<Listener> listener;
    ListenerTerms terms;
    RecentAverage throttled = {};
    RecentAverage throttled_of_ip = {};
    TaskGroup accepting{};
  };

  // Brokers' listeners and controllers' ones are counted apart, as the reference does it.
  struct Side {
    ConnectionLimits limits;
    bool accepts = false;  // from start() on
    bool shedding = false;
    std::uint64_t releases = 0;
    std::uint64_t moves = 0;     // to another shard, that are over
    std::size_t travelling = 0;  // to another shard
  };
  Side& side(ListenerKind kind) { return kind == ListenerKind::broker ? brokers_ : controllers_; }

  void begin(Door& door);
  Task<void> accept_all(Door& door, Cancel cancel);
  Task<Result<void>> wait_for_slot(Door& door, Cancel cancel);
  Task<void> place(Door& door, std::unique_ptr<PendingStream> pending, Cancel cancel);
  Task<void> hand_over(const Door& door, std::unique_ptr<PendingStream> pending);
  Task<void> send_away(std::unique_ptr<PendingStream> pending, std::int64_t delay_ms, Cancel cancel);
  // Ends connections while there are more than there may be, that which was used longest ago first.
  void begin_shedding(ListenerKind kind);
  Task<void> shed(ListenerKind kind, Cancel cancel);
  Task<bool> end_least_recent(ListenerKind kind);
  std::size_t choose(ListenerKind kind) const;
  Place& place_of(ShardId shard);
  Task<std::unique_ptr<Arrival>> move(std::unique_ptr<Arrival> arrival, ShardId from, ShardId to);
  void released(ShardId from, const ListenerTerms& terms, const Address& peer);

  Shard& home_;
  Side brokers_;
  Side controllers_;
  std::vector<Place> places_;
  Logger log_;
  std::vector<std::unique_ptr<Door>> doors_;
  Event changed_;  // woken when a slot may have become free
  std::size_t being_sent_away_ = 0;
  Gate altering_;  // those who open and close
  TaskGroup tasks_;
};

}  // namespace ottla::server
