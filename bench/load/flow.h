// An open loop: records are due at a steady rate whatever the broker does, and are read while they come.
//
// Where they are read, each connection writes to a partition of its own, in a new topic, so that an offset tells when its
// record was due. With no consumers, connections go from partition to partition, and answers alone are waited for.
//
// Lifetime:    run() ends when the window has ended and every answer has come.
// Concurrency: confined to its shard.
#pragma once

#include <cstdint>
#include <string>

#include "bench/load/arguments.h"
#include "bench/load/histogram.h"
#include "bench/load/producers.h"
#include "bench/load/schedule.h"
#include "bench/load/window.h"
#include "record/batch_view.h"
#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::bench {

class Flow {
 public:
  Flow(const Arguments& arguments, Topic topic, Prepared prepared, Window& window);

  Task<void> run(Cancel cancel);
  // From when it was due: until it was acknowledged, and until a consumer had it.
  std::string json() const;

 private:
  Task<void> send_all(rpc::ClientConnection& connection, std::size_t lane);
  Task<void> send(rpc::ClientConnection& connection, std::int32_t partition, std::int64_t due);
  void read(std::int32_t partition, const record::BatchView& batch);
  // Of a connection's batch.
  std::int64_t due(std::size_t lane, std::uint64_t batch) const;

  const Arguments& arguments_;
  const Topic topic_;
  const Prepared prepared_;
  Window& window_;
  Schedule schedule_;
  Histogram acked_;
  Histogram read_;
  Histogram late_;  // how long after it was due a batch was begun to be sent: the driver's own fault
};

}  // namespace ottla::bench
