// Connections that write prepared batches as fast as they are answered: a closed loop.
//
// Lifetime:    run() ends when the window has ended, or the amount is written, and every answer has come.
// Concurrency: confined to its shard.
// Errors:      a partition's error, or a connection that breaks, ends the benchmark with the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "bench/load/arguments.h"
#include "bench/load/histogram.h"
#include "bench/load/topic.h"
#include "bench/load/window.h"
#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::bench {

using Connections = std::vector<std::unique_ptr<rpc::ClientConnection>>;
Task<Connections> connect(std::uint16_t port, std::size_t count, Cancel cancel);
Task<void> close(Connections connections);

// What is sent again and again: one batch, of the records that the arguments ask for.
struct Prepared {
  Slice batch;
  std::int32_t records = 0;
  std::uint64_t plain_bytes = 0;  // of the records, before compression
};
Prepared prepare(const Arguments& arguments);

// One request with one batch; ends with the answer. With acks=0, when it is sent.
Task<void> produce_once(rpc::ClientConnection& connection, const Topic& topic, std::int32_t partition,
                        const Slice& batch, std::int16_t acks);

class Producers {
 public:
  Producers(const Arguments& arguments, Topic topic, Prepared prepared, Window& window)
      : arguments_(arguments), topic_(std::move(topic)), prepared_(std::move(prepared)), window_(window) {}

  Task<void> run(Cancel cancel);
  // Of what was sent in the window.
  std::string json() const;

 private:
  Task<void> loop(rpc::ClientConnection& connection, std::size_t lane);
  bool done() const;

  const Arguments& arguments_;
  const Topic topic_;
  const Prepared prepared_;
  Window& window_;
  Histogram latency_;
  std::uint64_t begun_bytes_ = 0;
};

}  // namespace ottla::bench
