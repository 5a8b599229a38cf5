// The real process: one thread a shard, each with its event loop, and the helpers beside them.
//
// Use:    int main(...) { return run_linux_process({.shards = 2}, my_main); }
// Errors: what main leaves behind (tasks, files, sockets, timers) breaks an invariant at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/log_format.h"
#include "runtime/process.h"

namespace ottla {

class LogSink;

struct LinuxProcessOptions {
  std::size_t shards = 0;  // 0: one a core that this process may use
  bool pin_threads = false;
  bool catch_signals = true;
  std::optional<std::uint64_t> random_seed = {};  // the system's randomness when empty
  LogSink* log_sink = nullptr;                    // standard error when null
  LogFormat log_format = LogFormat::text;
};

// Runs `main` on the first shard until it ends, stops everything, and gives its exit code.
int run_linux_process(LinuxProcessOptions options, ProcessMain main);

}  // namespace ottla
