// Clients that work on a few keys at once until each has had its share of commands answered, all of it told to a
// History; and an auditor who reads every key at last.
//
// Lifetime:    outlives the processes in which its clients run.
// Concurrency: one thread; clients may run in several simulated processes.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/address.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/task.h"
#include "test/kv/client.h"
#include "test/kv/history.h"

namespace ottla::kv {

struct WorkloadOptions {
  std::uint32_t clients = 4;
  std::uint16_t keys = 4;
  std::uint32_t commands = 1040;  // of all clients together
  std::uint32_t largest_burst = 16;
  Duration longest_pause = std::chrono::milliseconds(20);  // between two bursts of a client
  std::uint32_t reads = 30;                                // of 100 commands
  std::uint32_t conditional = 30;                          // of 100 writes
};

class Workload {
 public:
  Workload(WorkloadOptions options, std::vector<Address> nodes, History& history)
      : options_(options), nodes_(std::move(nodes)), history_(history) {}

  // One client from its first command to its last. Each id runs once.
  Task<void> run_client(ClientId id, Cancel cancel);
  // One more client, which reads every key: what was acknowledged must be there still.
  Task<void> audit(Cancel cancel);
  bool audited() const { return audited_; }
  bool finished() const { return finished_ == options_.clients; }
  const WorkloadOptions& options() const { return options_; }

 private:
  struct Teller;
  std::vector<Command> draw(const Client& client, ClientId id, std::uint32_t count, Random& random);

  WorkloadOptions options_;
  std::vector<Address> nodes_;
  History& history_;
  std::uint32_t finished_ = 0;
  bool audited_ = false;
};

}  // namespace ottla::kv
