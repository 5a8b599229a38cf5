// Counts the requests of a shard by API and version, and how long each took from its last byte to its answer.
//
// Lifetime:    of a shard's dispatcher.
// Concurrency: confined to its shard.
// Cost:        two look-ups in small maps; a series is made when the first request of its kind is answered.
#pragma once

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

  void note(const protocol::ApiInfo& api, std::int16_t version, Duration took);

 private:
  MetricRegistry& registry_;
  std::map<std::pair<protocol::ApiKey, std::int16_t>, Metric<Counter>> requests_;
  std::map<protocol::ApiKey, Metric<Histogram>> times_;
};

}  // namespace ottla::server
