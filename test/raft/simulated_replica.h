// One replica of the simulated quorum: its disk, its present life, and what troubles it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "test/raft/quorum_simulation.h"

namespace ottla::raft {

struct QuorumSimulation::Replica {
  std::size_t index = 0;
  std::string name;
  ReplicaKey key;
  std::unique_ptr<QuorumDisk> disk;

  // Of this life.
  std::unique_ptr<Core> core;
  std::uint64_t life = 0;
  std::deque<Decisions> queue;  // not carried out yet
  std::size_t next_step = 0;    // of queue.front()
  bool writing = false;
  bool syncing = false;
  std::uint64_t generation = 0;
  std::optional<Instant> armed;
  struct Waiting {
    std::size_t from;
    std::uint64_t life;
    Correlation correlation;
    Request request;
  };
  std::map<RequestToken, Waiting> asked;         // by others
  std::map<Correlation, std::size_t> in_flight;  // to others
  struct Append {
    LeaderEpoch epoch;
    Offset end;
  };
  std::vector<Append> appends;  // that clients wait for
  std::map<LogPosition, std::vector<ControlEntry>> loading;

  // Of faults that have not ended.
  struct Troubles {
    Instant paused_until;
    Instant stalled_until;
    std::int64_t slow_disk = 1;
    Duration slow_link{0};
    int deaf = 0;
    int mute = 0;
    std::map<std::size_t, int> cut_to;  // by index of the other
    bool down = false;
    bool lost_disk = false;  // once; for ever
  };
  Troubles troubles;

  bool alive() const { return core != nullptr; }
};

template <typename Text>
void QuorumSimulation::note(const Replica& replica, sim::TraceKind kind, std::uint64_t a, std::uint64_t b,
                            Text text) {
  trace_.add(now_, {replica.name, static_cast<std::uint32_t>(replica.index), 0}, kind, a, b, std::move(text));
}

// Something happens to a living replica, at once or when its pause ends.
template <typename Input>
void QuorumSimulation::input(Replica& replica, Input input) {
  if (!replica.alive() || !good()) return;
  if (replica.troubles.paused_until > now_) {
    const std::uint64_t life = replica.life;
    after(replica.troubles.paused_until - now_, [this, &replica, life, input] {
      if (replica.life == life) this->input(replica, input);
    });
    return;
  }
  input(*replica.core);
  pump(replica);
}

}  // namespace ottla::raft
