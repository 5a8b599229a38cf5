// One node of a cluster, put together: a broker, a controller, or both.
//
// Use:         OTTLA_CO_TRY(auto node, co_await Node::start(process, std::move(setup)));
//              co_await node->wait_ready(cancel);   …   co_await node->stop();
// Lifetime:    stop() must have ended before it is destroyed. The process outlives it.
// Concurrency: confined to the first shard; it reaches the others by message.
// Errors:      start() undoes what it had begun: address_in_use and the like for listeners; those of the log
//              directories and of the metadata log.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/layers.h"
#include "config/listeners.h"
#include "config/node_config.h"
#include "config/node_shape.h"
#include "metadata/image.h"
#include "replica/log_loading.h"
#include "runtime/cancel.h"
#include "runtime/gate.h"
#include "runtime/process.h"
#include "runtime/task.h"
#include "server/observation/node_status.h"
#include "server/open_listener.h"

namespace ottla::server {

struct NodeSetup {
  config::NodeLayers layers;
  config::NodeConfig config;  // of layers.effective()
  config::NodeShape shape;
  std::string cluster_id;
  // Called while logs are opened, every now and then.
  std::function<void(const replica::LoadingProgress&)> progress = {};
};

class Node {
 public:
  static Task<Result<std::unique_ptr<Node>>> start(Process& process, NodeSetup setup);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  const std::vector<OpenListener>& listeners() const;
  const std::string& cluster_id() const;
  // Ends when clients are served: a broker has caught up and was unfenced, a controller knows who leads.
  Task<Result<void>> wait_ready(Cancel cancel);
  bool ready() const;
  // The cluster's metadata, as this node knows them now.
  metadata::SharedImage image() const;
  NodeStatus status() const;
  // What it is and has at the moment, besides what the shards count. `text` outlives the call.
  Task<void> tell_metrics(PrometheusText& text);
  // Ends, with the reason, when the node cannot go on: its metadata log is broken, or all its directories have failed.
  // `cancelled` when nobody wants to know any more.
  Task<Error> wait_failed(Cancel cancel);
  // In good order: leaders are handed over, logs closed. Ends within seconds.
  Task<void> stop();

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
  Gate watching_;  // those who look at its replicas
};

}  // namespace ottla::server
