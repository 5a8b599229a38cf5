// The connections of one shard.
//
// Use:         on(shard, [&set, pending = std::move(pending), …]() mutable { set.admit(std::move(pending), …); });
// Lifetime:    stop() must have ended before it is destroyed. What `gone` does outlives it.
// Concurrency: confined to its shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/block_pool.h"
#include "base/metric.h"
#include "base/metric_registry.h"
#include "rpc/server_connection.h"
#include "runtime/network.h"
#include "runtime/semaphore.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/client_info.h"
#include "server/client_software.h"
#include "server/dispatcher.h"
#include "server/node_settings.h"
#include "server/use_order.h"

namespace ottla::server {

class ConnectionSet {
 public:
  // `frame_memory`: of all large frames that are being read on this shard.
  ConnectionSet(Dispatcher& dispatcher, const config::NodeConfig& config, std::int64_t frame_memory);

  // Serves it until it ends; `gone` is called then, on this shard.
  void admit(std::unique_ptr<PendingStream> pending, const ListenerTerms& terms,
             std::function<Task<void>()> gone);
  std::size_t count() const { return tasks_.count(); }
  UseOrder& order() { return order_; }
  Task<void> stop();

 private:
  Task<void> serve(std::unique_ptr<PendingStream> pending, ListenerTerms terms,
                   std::function<Task<void>()> gone, Cancel cancel);
  Task<void> serve_stream(std::unique_ptr<Stream> stream, ListenerTerms terms, Cancel cancel);
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
  UseOrder order_;
  TaskGroup tasks_;
};

}  // namespace ottla::server
