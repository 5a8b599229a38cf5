// One node of the store: a replica with a disk, a clock, links to its peers and sessions of its clients.
//
// Use:         co_await run_node(options, witness, cancel) as a process's main. A life that the disk ends is
//              followed by a new one on what the disk kept, as under a supervisor.
// Lifetime:    run() ends only when everything that it opened is closed.
// Concurrency: confined to one shard.
// Errors:      any error of the disk ends a life: after it nobody knows what the disk holds.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/event.h"
#include "runtime/network.h"
#include "runtime/task_group.h"
#include "runtime/timer_wheel.h"
#include "test/kv/home.h"
#include "test/kv/peer_link.h"
#include "test/kv/replica.h"
#include "test/kv/session.h"

namespace ottla::kv {

struct NodeOptions {
  NodeId self;
  std::vector<Address> nodes;  // in the order of their ids
  std::string directory;
  Timing timing;
  Plant plant = Plant::none;
};

class Node final : private Timer {
 public:
  Node(NodeOptions options, Witness& witness);

  // One life: until cancelled, or until the disk fails.
  Task<Result<void>> run(Cancel cancel);

 private:
  Task<Result<void>> serve(Recovered recovered, Cancel cancel);
  Task<void> accept_sessions(Listener& listener, TaskGroup& group, Cancel cancel);
  Task<void> serve_session(std::unique_ptr<PendingStream> pending, Cancel cancel);
  Task<void> read_requests(Session& session, Route route);
  Task<void> write_disk(Cancel cancel);
  Task<void> keep_time(Cancel cancel);
  Result<void> take(const Frame& frame, Session& session, Route route);
  // Carries what the replica decided to where it belongs.
  void carry_out();
  void on_timer() override { tick_.set(); }

  NodeOptions options_;
  Witness& witness_;
  Home home_;
  std::optional<Replica> replica_;
  std::vector<std::unique_ptr<PeerLink>> links_;  // by id; our own is unused
  std::map<Route, Session*> sessions_;
  Route next_route_ = 1;
  Instant armed_;  // when tick_ is set at the latest
  Event tick_;
  Event unsaved_;
  Event failed_;
  std::optional<Error> failure_;
};

// Life after life, until cancelled.
Task<int> run_node(NodeOptions options, Witness& witness, Cancel cancel);

}  // namespace ottla::kv
