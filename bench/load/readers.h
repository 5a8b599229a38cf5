// Connections that read a topic's partitions, and hand over each batch as it comes.
//
// Lifetime:    run() ends when every partition is read to its end, or when it is cancelled.
// Concurrency: confined to its shard.
// Errors:      a partition's error, a gap, or a broken connection ends the benchmark with the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "bench/load/producers.h"
#include "bench/load/topic.h"
#include "record/batch_view.h"
#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::bench {

class Readers {
 public:
  using OnBatch = std::function<void(std::int32_t partition, const record::BatchView& batch)>;
  enum class Until { end, cancelled };

  Readers(std::uint16_t port, Topic topic, std::size_t connections, OnBatch on_batch)
      : port_(port), topic_(std::move(topic)), count_(connections), on_batch_(std::move(on_batch)) {}

  // From the beginning.
  Task<void> run(Until until, Cancel cancel);
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t fetches() const { return fetches_; }

 private:
  struct Place {
    std::int32_t partition;
    std::int64_t next = 0;
    std::int64_t end = -1;  // as the last answer told it
  };
  Task<void> loop(rpc::ClientConnection& connection, std::vector<Place> places, Until until, Cancel cancel);
  void take(const rpc::Reply& reply, std::vector<Place>& places);
  void take_records(std::span<const std::byte> records, Place& place);

  const std::uint16_t port_;
  const Topic topic_;
  const std::size_t count_;
  const OnBatch on_batch_;
  std::uint64_t bytes_ = 0;
  std::uint64_t fetches_ = 0;
};

}  // namespace ottla::bench
