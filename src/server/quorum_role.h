// A node's part in the metadata quorum: as a voter with a controller, or as one who only follows.
//
// Use:         OTTLA_CO_TRY(auto role, co_await QuorumRole::open(setup));   role->start(link, view);   …
//              co_await role->stop();
// Lifetime:    stop() must have ended before it is destroyed. What it is given outlives it.
// Concurrency: confined to the first shard.
// Errors:      those of MetadataQuorum::open(); later ones are told to `failed`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/result.h"
#include "base/uuid.h"
#include "config/listeners.h"
#include "metadata/loader.h"
#include "quorum/metadata_quorum.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/controller_link.h"
#include "server/controller_registrar.h"
#include "server/controller_role.h"
#include "server/leader_watch.h"
#include "server/node_settings.h"
#include "server/node_view.h"
#include "server/observation/elections.h"

namespace ottla::server {

class QuorumRole final : private metadata::Publisher {
 public:
  struct Setup {
    const NodeFacts& facts;
    SharedSettings settings;
    Uuid directory_id;       // of the metadata's directory
    bool was_clean = false;  // that directory was closed in good order
    // See QuorumOptions.
    std::function<Task<Result<void>>()> before_changes;
    std::vector<config::Endpoint> listeners;  // of controllers, as they are told to others
    std::function<void(Error)> failed;
    Logger log;
  };
  static Task<Result<std::unique_ptr<QuorumRole>>> open(Setup setup);
  QuorumRole(const QuorumRole&) = delete;
  QuorumRole& operator=(const QuorumRole&) = delete;

  quorum::MetadataQuorum& quorum() { return *quorum_; }
  metadata::Loader& loader() { return quorum_->loader(); }
  // Runs it from now on. Publishers are there by then. `view` is that of the first shard.
  void start(ControllerLink& link, NodeView& view);
  // Whoever waits for the controller waits no longer, and leadership is handed on.
  void retire();
  // Not ok when the log was not closed in good order.
  Task<Result<void>> stop();

 private:
  explicit QuorumRole(Setup setup) : setup_(std::move(setup)) {}

  // Of the loader: whether this controller is registered as it is, and who was elected how.
  void publish(const metadata::Publication& publication) override;
  Task<void> run_quorum(Cancel cancel);
  Task<void> run_controller(Cancel cancel);

  const Setup setup_;
  std::unique_ptr<quorum::MetadataQuorum> quorum_;
  std::unique_ptr<ControllerRole> controller_;  // when this node is one
  std::optional<ControllerRegistrar> registrar_;
  std::optional<Elections> elections_;  // that a controller sees
  std::optional<LeaderWatch> watch_;
  TaskGroup controlling_;
  TaskGroup running_;
};

}  // namespace ottla::server
