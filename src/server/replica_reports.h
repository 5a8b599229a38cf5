// What this node's replicas have to say, brought to the controller and to the node.
//
// Lifetime:    outlives the ReplicaManager that reports. The link outlives it.
// Concurrency: confined to the first shard.
#pragma once

#include <functional>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/result.h"
#include "replica/replica_events.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "server/broker_lifecycle.h"
#include "server/controller_link.h"
#include "server/directory_assignments.h"

namespace ottla::server {

class ReplicaReports final : public replica::ReplicaEvents {
 public:
  struct Ways {
    ControllerLink* link = nullptr;
    BrokerLifecycle* lifecycle = nullptr;
    DirectoryAssignments* assignments = nullptr;
    Logger log;
  };
  // `failed` is told why the node cannot go on.
  explicit ReplicaReports(std::function<void(Error)> failed) : failed_(std::move(failed)) {}
  // Before anything is reported but failures of directories at the start.
  void connect(Ways ways) { ways_ = ways; }

  Event& loaded() { return loaded_; }

  void on_directory_failed(const FailedDirectory& directory, const Error& error) override;
  void on_assigned(const replica::PartitionKey& key, const Uuid& directory) override;
  void on_loaded() override { loaded_.set(); }
  Task<Result<std::vector<replica::IsrAnswer>>> alter_isr(
      std::vector<replica::IsrQuestion> questions) override;

 private:
  const std::function<void(Error)> failed_;
  Ways ways_;
  Event loaded_;
};

}  // namespace ottla::server
