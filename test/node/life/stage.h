// A node on one simulated machine and its clients on others, under faults that hit the node: what worlds of whole nodes
// have in common.
//
// Use:         Stage stage(request, {.overrides = …, .shards = 2, .clients = 3});
//              stage.start_client(0, main);   stage.pass(…);   stage.heal();   …   return stage.outcome(acked);
// Lifetime:    what is called from its clients outlives it.
// Concurrency: one thread; its calls are made between two steps of the world.
// Invariants:  1. a node that gave up or was asked to end is started again; one that a fault keeps down is not
//              2. a disk that may have failed a sync takes a new start of its machine before a node comes back
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "metadata/image.h"
#include "runtime/address.h"
#include "runtime/clock.h"
#include "runtime/process.h"
#include "server/observation/node_status.h"
#include "sim/fault_injector.h"
#include "sim/world.h"
#include "test/node/life/broken_doors.h"
#include "test/node/life/node_life.h"
#include "testing/scenario.h"

namespace ottla::server {

struct StageTerms {
  std::vector<std::string> overrides = {};
  std::size_t shards = 1;
  std::size_t clients = 1;
  BrokenDoor broken = BrokenDoor::none;
  bool ids_repeat = false;
};

class Stage {
 public:
  Stage(const testing::RunRequest& request, StageTerms terms);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

  // Called after each few steps.
  std::function<void()> on_step;
  // Called at once when a life has ended, or the power has gone, be it of a machine without life.
  std::function<void(bool power_lost)> on_death;

  void start();
  void start_client(std::size_t index, ProcessMain main) { clients_[index]->start(std::move(main)); }
  // False when something was found meanwhile.
  bool pass(Duration duration);
  bool pass_until(const std::function<bool()>& done, Duration limit);
  // All troubles end; the node comes back.
  void heal();
  // The node ends in good order, and stays down. One that does not end is a violation.
  bool stop_node();
  // It is started again.
  bool come_back();
  // For a directory that is offline until the next start: the node ends in good order, its machine starts anew, and it
  // is started again.
  bool repair();
  // The first `count` of them, or all.
  bool clients_ended(std::size_t count = SIZE_MAX) const;

  // When nobody asks for anything any more: a log on the disk is that of a partition, or has another name.
  void check_folders();

  void accuse(std::string what);
  bool good() const { return findings_.empty() && world_.violations().empty(); }
  testing::Outcome outcome(std::uint64_t acked);

  sim::World& world() { return world_; }
  sim::Host& host() { return host_; }
  NodeLife& life() { return life_; }
  Address address(std::uint16_t port = NodeLife::kPort) const { return host_.address(port); }
  // The image of the node's first shard; null while it has served nobody yet.
  metadata::SharedImage image();
  // Nothing while it is on its way up or down.
  std::optional<NodeStatus> status();
  std::string node_state();

 private:
  void step_done();
  void revive();
  void start_machine_anew();
  void take_note_of_deaths();

  NodeLife life_;
  const sim::FaultPlan plan_;
  sim::World world_;
  sim::Host& host_;
  std::vector<sim::Host*> clients_;
  const std::size_t shards_;
  std::optional<sim::FaultInjector> faults_;
  bool healed_ = false;
  bool stopping_ = false;
  std::uint64_t starts_seen_ = 0;
  std::uint64_t power_cuts_seen_ = 0;
  std::vector<std::string> findings_;
};

}  // namespace ottla::server
