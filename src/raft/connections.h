// Which peers a request may be sent to now: one at a time to each, a pause after a failure, and an end to waiting.
//
// Concurrency: pure; times are passed in.
// Invariants:  1. a peer has at most one request under way, known by its correlation
//              2. a reply whose request was given up, or belongs to an earlier role, is not expected
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/node_id.h"
#include "runtime/clock.h"

namespace ottla::raft {

using Correlation = std::uint64_t;

class Connections {
 public:
  Connections(Duration backoff, Duration patience) : backoff_(backoff), patience_(patience) {}

  Correlation sent(NodeId peer, Instant now);
  // Who was asked; nothing when the reply is not expected, or not any more.
  std::optional<NodeId> expected(Correlation correlation, Instant now) const;
  // What became of it: afterwards it is not expected any more.
  void ended(Correlation correlation, bool well, Instant now);
  void reset(NodeId peer) { peers_.erase(peer); }
  void reset_all() { peers_.clear(); }

  bool ready(NodeId peer, Instant now) const { return next_chance(peer, now) <= now; }
  // When it can be asked again: at the end of a pause, or when waiting for its reply ends.
  Instant next_chance(NodeId peer, Instant now) const;
  bool backing_off(NodeId peer, Instant now) const;
  bool timed_out(NodeId peer, Instant now) const;
  // A request that is neither answered nor given up, to anyone: when it will be given up.
  std::optional<Instant> in_flight(Instant now) const;

 private:
  struct Peer {
    std::optional<Correlation> waiting;
    Instant since;  // of the request, or of its failure
  };

  Duration backoff_;
  Duration patience_;
  Correlation last_ = 0;
  std::map<NodeId, Peer> peers_;  // those that were asked and did not answer well since
};

}  // namespace ottla::raft
