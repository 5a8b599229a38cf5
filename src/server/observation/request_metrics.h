// Counts the requests of a shard by API and version, and how long each took, part by part, under the reference's names.
//
//   queue     until its turn had come, and memory for it
//   local     what it took of this shard
//   remote    what it waited for others: shards, disks, nodes, data
//   throttle  what its client has to wait, after the answer
//   total     from its last byte to its answer
//
// Lifetime:    of a shard's dispatcher.
// Concurrency: confined to its shard.
// Cost:        two look-ups in small maps and six counts; a series is made when the first request of its kind is answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "base/metric_registry.h"
#include "protocol/api.h"
#include "protocol/api_key.h"
#include "runtime/clock.h"

namespace ottla::server {

class RequestMetrics {
 public:
  explicit RequestMetrics(MetricRegistry& registry) : registry_(registry) {}

  struct Taken {
    Duration queue{0};
    Duration local{0};
    Duration remote{0};
    Duration throttle{0};
    Duration total{0};
    std::size_t bytes = 0;  // of the request
  };
  void note(const protocol::ApiInfo& api, std::int16_t version, const Taken& taken);

 private:
  struct OfApi {
    Metric<Histogram> queue;
    Metric<Histogram> local;
    Metric<Histogram> remote;
    Metric<Histogram> throttle;
    Metric<Histogram> total;
    Metric<Histogram> bytes;
  };
  OfApi& of(const protocol::ApiInfo& api);

  MetricRegistry& registry_;
  std::map<std::pair<protocol::ApiKey, std::int16_t>, Metric<Counter>> requests_;
  std::map<protocol::ApiKey, OfApi> of_api_;
};

}  // namespace ottla::server
