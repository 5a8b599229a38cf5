// One seed of the metadata quorum: replicas' cores on simulated disks, a network that loses, doubles and reorders,
// clients that append, an operator who changes voters; a plan of faults, healing, and then everything must agree.
//
// Use:         QuorumSimulation(scenario).run()
// Invariants:  the same scenario gives the same outcome, its hash included
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "raft/core.h"
#include "sim/fault_plan.h"
#include "sim/strike.h"
#include "sim/trace.h"
#include "test/raft/plant.h"
#include "test/raft/quorum_disk.h"
#include "test/raft/quorum_judge.h"

namespace ottla::raft {

struct QuorumScenario {
  std::uint64_t seed = 1;
  sim::FaultPlan plan;  // of kMostReplicas targets; those beyond the seed's number meet nothing
  Plant plant = Plant::none;
  sim::TraceSink* trace = nullptr;
};
inline constexpr std::size_t kMostReplicas = 7;

// As the seed draws it.
QuorumScenario quorum_scenario(std::uint64_t seed, Plant plant = Plant::none);

struct QuorumOutcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t elections = 0;
  std::uint64_t voter_changes = 0;
  std::uint64_t snapshots_loaded = 0;
  sim::StrikeCounts strikes;
  bool ok() const { return violations.empty(); }
};

class QuorumSimulation {
 public:
  explicit QuorumSimulation(const QuorumScenario& scenario);
  ~QuorumSimulation();
  QuorumOutcome run();

 private:
  struct Replica;
  using Event = std::function<void()>;

  // quorum_simulation.cc: time, and the course of a run
  bool good() const { return outcome_.violations.empty(); }
  void violate(std::string what);
  void after(Duration delay, Event event);
  template <typename Done>
  bool run_until(Done done, Duration limit);
  void make_replicas();
  void check_recovery();
  void check_rejoin();
  bool converged();
  Replica* leading_replica();
  std::string state() const;
  template <typename Text>
  void note(const Replica& replica, sim::TraceKind kind, std::uint64_t a, std::uint64_t b, Text text);

  // replica_driver.cc: what a driver does for its core
  void start(Replica& replica);
  void stop(Replica& replica);
  template <typename Input>
  void input(Replica& replica, Input input);
  void pump(Replica& replica);
  void take_notices(Replica& replica, const std::vector<Notice>& notices);
  void work(Replica& replica);
  void finish_step(Replica& replica, const DiskStep& step);
  void sync(Replica& replica);
  void emit(Replica& replica, Decisions& decisions);
  void arm(Replica& replica);
  Duration disk_time(Replica& replica, std::int64_t micros);

  // quorum_network.cc
  void send(Replica& from, const Outgoing& outgoing);
  void deliver(Replica& from, Replica& to, std::uint64_t life, const Outgoing& outgoing);
  void send_answer(Replica& from, const Answer& answer);
  void fill(Replica& from, Reply& reply);
  bool cut(const Replica& from, const Replica& to);
  Duration travel(const Replica& from, const Replica& to);

  // quorum_troubles.cc: faults, clients and operators
  void strike(const sim::Fault& fault);
  void end_strike(const sim::Fault& fault);
  void crash(Replica& replica, bool power);
  void lose_disk(Replica& replica);
  void heal();
  void work_of_clients();
  void work_of_operators();
  void operate(Replica& leader);
  void snapshot_somewhere();
  void client_request(Replica& to, decltype(Request::body) body);

  const QuorumScenario& scenario_;
  Random random_;
  QuorumOutcome outcome_;
  sim::Trace trace_;
  std::multimap<Instant, Event> events_;
  Instant now_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::unique_ptr<QuorumJudge> judge_;
  std::map<ReplicaKey, QuorumDisk*> disks_;
  std::vector<std::unique_ptr<QuorumDisk>> ghosts_;  // disks that were lost
  std::size_t first_voters_ = 0;
  bool dynamic_ = false;
  bool working_ = true;  // clients and operators
  bool troubled_ = true;
  std::uint64_t tokens_ = 0;
  std::uint64_t payloads_ = 0;
};

}  // namespace ottla::raft
