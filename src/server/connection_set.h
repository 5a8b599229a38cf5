// The connections of one shard.
//
// Use:         on(shard, [&set, arrival = std::move(arrival)]() mutable { set.admit(std::move(arrival)); });
// Lifetime:    stop() must have ended before it is destroyed. The desk outlives it.
// Concurrency: confined to its shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/block_pool.h"
#include "base/metric.h"
#include "base/metric_registry.h"
#include "rpc/server_connection.h"
#include "runtime/semaphore.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/arrival.h"
#include "server/client_info.h"
#include "server/client_software.h"
#include "server/dispatcher.h"
#include "server/node_settings.h"
#include "server/shard_load.h"
#include "server/use_order.h"

namespace ottla::server {

class ConnectionSet {
 public:
  // `frame_memory`: of all large frames that are being read on this shard.
  ConnectionSet(Dispatcher& dispatcher, const config::NodeConfig& config, std::int64_t frame_memory);

  // Serves it until it ends, which the desk is told then, or wants to go to another shard.
  void admit(std::unique_ptr<Arrival> arrival);
  // The same for one that was served on another shard. Gives it back when this one is stopping; and when it has enough
  // to do, unless it has less than the other one, and `fewer` connections.
  std::unique_ptr<Arrival> take_over(std::unique_ptr<Arrival> arrival, bool fewer);
  std::size_t count() const { return tasks_.count(); }
  UseOrder& order() { return order_; }
  Task<void> stop();

 private:
  Task<void> serve(std::unique_ptr<Arrival> arrival, Cancel cancel);
  // True when it is to go on elsewhere.
  Task<bool> serve_stream(std::unique_ptr<Stream> stream, Arrival& arrival, Cancel cancel);
  void note_end(const ClientInfo& client, const Error& ended);

  // Of one listener. Stays when its connections are gone.
  struct ListenerMeters {
    Metric<Gauge> open;
    Metric<Counter> created;
    Metric<Counter> closed;
    Metric<Counter> bytes_in;
    Metric<Counter> bytes_out;
    std::unique_ptr<ClientSoftware> software;
  };
  ListenerMeters& meters_of(const std::string& listener);

  Dispatcher& dispatcher_;
  Semaphore frame_memory_;
  BlockPool frames_;
  rpc::ServerConnectionOptions broker_options_;
  rpc::ServerConnectionOptions controller_options_;
  std::map<std::string, ListenerMeters> meters_;
  Metric<Counter> moves_;
  std::uint32_t requests_before_move_;
  UseOrder order_;
  Metric<Counter> idle_;
  ShardLoad load_;
  TaskGroup tasks_;
};

}  // namespace ottla::server
