// The reading end of the log: takes records from all shards' buffers in order of time and writes lines.
//
// Lifetime:    buffers and sink outlive it, or are removed first.
// Concurrency: confined to one thread: a helper in the real world, the world's own in simulation.
// Invariants:  1. lines of one shard come out in the order in which they were written
//              2. lines that were dropped are told of in the log itself, at the end of the next drain
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_buffer.h"
#include "base/log_format.h"

namespace ottla {

// Where lines go: a file, standard error, a test's string.
class LogSink {
 public:
  // One or more whole lines, each with its '\n'. May block; an error is the sink's own to count.
  virtual void write(std::string_view lines) = 0;

 protected:
  ~LogSink() = default;
};

class LogDrain {
 public:
  LogDrain(LogSink& sink, LogFormat format) : sink_(sink), format_(format) {}
  LogDrain(const LogDrain&) = delete;
  LogDrain& operator=(const LogDrain&) = delete;

  void add(LogBuffer& buffer, std::uint32_t shard);
  // Writes what is left in it first.
  void remove(LogBuffer& buffer);

  // Writes what is there, at most `max_lines` and a line a shard on what was dropped; returns how many.
  std::size_t drain(std::size_t max_lines = std::numeric_limits<std::size_t>::max());

 private:
  struct Source {
    LogBuffer* buffer;
    std::uint32_t shard;
    std::uint64_t reported_drops = 0;
    std::int64_t last_time_ns = 0;
  };
  Source* oldest();
  std::size_t report_drops(Source& source);
  void write_out();

  LogSink& sink_;
  const LogFormat format_;
  std::vector<Source> sources_;
  std::string lines_;  // reused from drain to drain
};

}  // namespace ottla
