// Drains the shards' log buffers on a thread of its own, which sleeps until a shard announces lines.
//
// Lifetime: stop() writes what is left; after it nothing more comes out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/log_drain.h"

namespace ottla {

// Lines go to standard error, whole. What cannot be written is lost and counted.
class StandardErrorSink final : public LogSink {
 public:
  void write(std::string_view lines) override;
  std::uint64_t lost_bytes() const { return lost_bytes_; }

 private:
  std::uint64_t lost_bytes_ = 0;
};

class LogWriter {
 public:
  LogWriter(LogSink& sink, LogFormat format) : drain_(sink, format) {}
  ~LogWriter() { stop(); }

  // Before the first announce().
  void add(LogBuffer& buffer, std::uint32_t shard) { drain_.add(buffer, shard); }
  // Lines are waiting. Any thread; starts the writer at the first call.
  void announce();
  void stop();

 private:
  void serve();

  LogDrain drain_;
  std::mutex mutex_;
  std::condition_variable announced_;
  bool pending_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ottla
