// What a process takes of its machine, under the names that Prometheus' own clients use: CPU time, memory, files.
//
// Lifetime:    nothing is kept.
// Concurrency: on any shard.
// Errors:      none: where the system tells nothing (in a simulated world), nothing is told.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/task.h"
#include "server/observation/prometheus_text.h"

namespace ottla {
class Process;
}

namespace ottla::server {

// Of the text of /proc/PID/stat, in seconds, bytes and threads; nothing when it is another text.
struct ProcessTimes {
  double user_seconds = 0;
  double system_seconds = 0;
  double threads = 0;
  double virtual_bytes = 0;
  double resident_bytes = 0;
};
std::optional<ProcessTimes> parse_process_stat(std::string_view text);

// `text` outlives the call.
Task<void> tell_process(const Process& process, PrometheusText& text);

}  // namespace ottla::server
