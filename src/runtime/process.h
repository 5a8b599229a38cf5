// One running program: its shards, and what the system around it says and allows.
//
// In the simulated world a process can be killed and started again; in the real one there is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "runtime/task.h"

namespace ottla {

class LogLevels;

enum class Signal : std::uint8_t { terminate, interrupt, hang_up };

// What this process may use: the tighter of the machine and its control group.
struct ResourceLimits {
  double cpus = 1;
  std::uint64_t memory_bytes = 0;
  std::uint64_t open_files = 0;
};

struct EnvironmentVariable {
  std::string name;
  std::string value;
};

enum class ServiceState : std::uint8_t { ready, reloading, stopping };

class Process {
 public:
  virtual ~Process() = default;

  virtual std::size_t shard_count() const = 0;
  virtual Shard& shard(ShardId id) = 0;

  // The next request from outside. On the first shard only.
  virtual Task<Result<Signal>> next_signal(Cancel cancel) = 0;
  // From now on a signal ends the process where it stands, as if nobody asked for signals. On the first shard only.
  virtual void let_signals_kill() = 0;
  virtual std::optional<std::string> environment(std::string_view name) const = 0;
  // All of it, by name.
  virtual std::vector<EnvironmentVariable> whole_environment() const = 0;
  // Whether the system lets this process do everything (root).
  virtual bool is_privileged() const = 0;
  virtual ResourceLimits limits() const = 0;
  // What each module may log; shared by all shards.
  virtual LogLevels& log_levels() = 0;
  // Tells the service manager, if there is one.
  virtual void notify(ServiceState state, std::string_view status) = 0;
};

// What a process does: runs on the first shard; its end, with an exit code, is the process's end. The Cancel
// is requested when the process is asked to stop from within (never by signals: those are next_signal's).
using ProcessMain = std::function<Task<int>(Process&, Cancel)>;

}  // namespace ottla
