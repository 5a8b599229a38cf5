// A broker's life in its cluster, as the controller sees it: it registers, sends heartbeats, is unfenced when it has
// caught up, tells which of its directories fail, and asks to be relieved of its leaders before it stops.
//
// Use:         group.spawn([&](Cancel cancel) { return lifecycle.run(cancel); });
//              co_await lifecycle.caught_up().wait(cancel);  …  lifecycle.set_ready();
//              co_await lifecycle.unfenced().wait(cancel);   …  lifecycle.begin_shutdown();
//              co_await lifecycle.may_stop().wait(cancel);
// Lifetime:    run() must have ended before it is destroyed. The link outlives it.
// Concurrency: confined to the first shard.
// Invariants:  1. one request at a time is under way
//              2. states come in their order: starting, recovering, running, shutting down
//              3. a directory that failed is told until the controller has heard it once
// Errors:      are tried again, ever slower; failure() says when that has no sense any more: others rely on a broker
//              that could not register, or on what lay in a directory of whose failure the controller knows nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "metadata/registration.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "server/controller_link.h"

namespace ottla::server {

// As the reference numbers them in its metric BrokerState.
enum class BrokerState : std::uint8_t {
  not_running = 0,
  starting = 1,
  recovery = 2,
  running = 3,
  pending_controlled_shutdown = 6,
  shutting_down = 7,
};

class BrokerLifecycle {
 public:
  struct Options {
    NodeId id;
    std::string cluster_id;
    Uuid incarnation;
    std::optional<std::string> rack;
    std::vector<metadata::Listener> listeners;
    std::vector<metadata::SupportedFeature> features;
    std::vector<Uuid> directories;  // that are online, ascending
    std::int64_t previous_epoch = -1;
    Duration heartbeat_interval{};
    Duration session_timeout{};
    Duration registration_timeout{};
    Duration directory_failure_timeout{};
  };
  // What the broker knows of the metadata: up to where it has replayed them, and what they let it say.
  struct MetadataSight {
    std::int64_t offset = -1;
    bool cordoning = false;
  };

  BrokerLifecycle(Options options, ControllerLink& link, std::function<MetadataSight()> sight, Logger log);
  BrokerLifecycle(const BrokerLifecycle&) = delete;
  BrokerLifecycle& operator=(const BrokerLifecycle&) = delete;

  Task<void> run(Cancel cancel);

  // The controller says that nearly all of the metadata have been replayed here.
  Event& caught_up() { return caught_up_; }
  // All is loaded: clients may come.
  void set_ready();
  Event& unfenced() { return unfenced_; }
  // The controller is asked to move leaders away. may_stop() is set when it has, or when there was nothing to ask.
  void begin_shutdown();
  Event& may_stop() { return may_stop_; }
  // Why the broker cannot go on.
  Event& failed() { return failed_; }
  const std::optional<Error>& failure() const { return failure_; }

  void directory_failed(const Uuid& directory);
  void set_cordoned(std::vector<Uuid> directories);
  // What it told of itself has changed, or the cluster has forgotten it.
  void register_again();

  // -1 before the first registration.
  std::int64_t epoch() const { return epoch_; }
  BrokerState state() const { return state_; }
  const Options& options() const { return options_; }

 private:
  Task<Result<void>> send_registration(Cancel cancel);
  Task<Result<void>> send_heartbeat(Cancel cancel);
  void hear(bool is_caught_up, bool is_fenced, bool should_shut_down);
  void hurry();
  Duration pause_after_failure();
  // When it gives up for a directory of which the controller has not heard.
  std::optional<Instant> directory_deadline() const;
  bool has_lost_patience(Instant begun);
  void fail(Error error);

  Options options_;
  ControllerLink& link_;
  const std::function<MetadataSight()> sight_;
  Logger log_;
  BrokerState state_ = BrokerState::not_running;
  std::int64_t epoch_ = -1;
  bool registered_ = false;
  bool ready_ = false;
  bool heard_of_shutdown_ = false;
  struct FailedDirectory {
    Instant since{};
    bool told = false;  // to the controller
  };
  std::map<Uuid, FailedDirectory> failed_directories_;
  std::optional<std::vector<Uuid>> cordoned_;
  bool cordoned_told_ = false;
  std::uint64_t failures_ = 0;  // in a row
  Duration pause_{0};           // until the next request
  Event hurry_;                 // set: no pause
  Event caught_up_;
  Event unfenced_;
  Event may_stop_;
  Event failed_;
  std::optional<Error> failure_;
};

}  // namespace ottla::server
