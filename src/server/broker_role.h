// A node's part as a broker: its replicas, its life in the cluster, and topics that its clients have created.
//
// Use:         OTTLA_CO_TRY(auto role, co_await BrokerRole::open(setup));   loader.add(role->replicas().publisher());
//              role->start({…});   co_await role->ready().wait(cancel);   …
//              co_await role->leave(cancel);   role->retire();   co_await role->stop();
// Lifetime:    stop() must have ended before it is destroyed. What it is given outlives it.
// Concurrency: confined to the first shard, but for replicas().door().
// Errors:      those of ReplicaManager::open(); later ones are told to `failed`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/result.h"
#include "config/listeners.h"
#include "metadata/loader.h"
#include "replica/replica_manager.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/broker_lifecycle.h"
#include "server/controller_link.h"
#include "server/directory_assignments.h"
#include "server/memory_plan.h"
#include "server/node_settings.h"
#include "server/node_view.h"
#include "server/producer_ids.h"
#include "server/replica_reports.h"
#include "server/topic_creator.h"

namespace ottla::server {

class BrokerRole {
 public:
  struct Setup {
    const NodeFacts& facts;
    SharedSettings settings;
    MemoryPlan memory;
    std::function<void(Error)> failed;
    Logger log;
    std::function<void(const replica::LoadingProgress&)> progress = {};  // of logs that are opened
  };
  // Opens and locks the log directories.
  static Task<Result<std::unique_ptr<BrokerRole>>> open(Setup setup);
  BrokerRole(const BrokerRole&) = delete;
  BrokerRole& operator=(const BrokerRole&) = delete;

  // Replicas of which the controller is to be told where they lie.
  std::size_t untold_directories() const { return assignments_ ? assignments_->waiting() : 0; }
  replica::ReplicaManager& replicas() { return *replicas_; }
  TopicCreator& topic_creator() { return *creator_; }
  ProducerIds& producer_ids() { return *producer_ids_; }

  struct Surroundings {
    ControllerLink& link;
    metadata::Loader& loader;
    std::vector<config::Endpoint> listeners;  // for clients, as they are told to others
    std::function<void()> accept;             // called when clients may connect
  };
  void start(Surroundings around);
  // Unfenced: clients are sent here.
  Event& ready() { return lifecycle_->unfenced(); }
  BrokerState state() const { return lifecycle_ ? lifecycle_->state() : BrokerState::not_running; }
  void set_settings(const SharedSettings& settings);
  // The image has changed.
  void see(const metadata::MetadataImage& image);

  // Asks to be relieved of its leaders; ends when it is, or after a few seconds.
  Task<void> leave();
  // Nobody waits in it any longer.
  Task<void> retire();
  Task<void> stop();

 private:
  explicit BrokerRole(Setup setup);

  BrokerLifecycle::Options lifecycle_options(const std::vector<config::Endpoint>& listeners) const;
  Task<void> come_up(std::function<void()> accept, Cancel cancel);
  Task<void> watch_lifecycle(Cancel cancel);
  Task<void> tell_config(SharedSettings settings);
  void fail(Error error) { setup_.failed(std::move(error)); }

  Setup setup_;
  ReplicaReports reports_;
  std::unique_ptr<replica::ReplicaManager> replicas_;
  std::unique_ptr<BrokerLifecycle> lifecycle_;
  std::optional<DirectoryAssignments> assignments_;
  std::optional<TopicCreator> creator_;
  std::optional<ProducerIds> producer_ids_;
  TaskGroup tasks_;
  TaskGroup living_;  // the lifecycle
};

}  // namespace ottla::server
