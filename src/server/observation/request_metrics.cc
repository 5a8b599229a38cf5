#include "server/observation/request_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/metric_family.h"

namespace ottla::server {
namespace {

// The reference's own name, so that its dashboards find it.
constexpr CounterFamily kRequests("kafka_network_requestmetrics_requests", "requests",
                                  "Requests that were answered");
constexpr std::uint64_t kLongest = 60'000'000;  // microseconds; what takes longer is told as this
constexpr HistogramFamily kQueue("kafka_network_requestmetrics_requestqueuetimems", "microseconds",
                                 "Time until a request's turn had come, and memory for it", kLongest);
constexpr HistogramFamily kLocal("kafka_network_requestmetrics_localtimems", "microseconds",
                                 "Time that a request took of its shard", kLongest);
constexpr HistogramFamily kRemote("kafka_network_requestmetrics_remotetimems", "microseconds",
                                  "Time that a request waited for other shards, disks, nodes or data",
                                  kLongest);
constexpr HistogramFamily kThrottle("kafka_network_requestmetrics_throttletimems", "microseconds",
                                    "Time that its client has to wait after the answer", kLongest);
constexpr HistogramFamily kTotal("kafka_network_requestmetrics_totaltimems", "microseconds",
                                 "Time from a request's last byte to its answer", kLongest);
constexpr HistogramFamily kBytes("kafka_network_requestmetrics_requestbytes", "bytes", "Size of a request",
                                 100'000'000);

std::uint64_t micros(Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 0));
}

}  // namespace

void RequestMetrics::note(const protocol::ApiInfo& api, std::int16_t version, const Taken& taken) {
  auto requests = requests_.find({api.key, version});
  if (requests == requests_.end()) {
    const std::string text = std::to_string(version);
    requests = requests_
                   .emplace(std::pair(api.key, version),
                            registry_.counter(kRequests, {{"request", api.name}, {"version", text}}))
                   .first;
  }
  requests->second->increment();
  OfApi& histograms = of(api);
  histograms.queue->record(micros(taken.queue));
  histograms.local->record(micros(taken.local));
  histograms.remote->record(micros(taken.remote));
  histograms.throttle->record(micros(taken.throttle));
  histograms.total->record(micros(taken.total));
  histograms.bytes->record(taken.bytes);
}

RequestMetrics::OfApi& RequestMetrics::of(const protocol::ApiInfo& api) {
  const auto known = of_api_.find(api.key);
  if (known != of_api_.end()) return known->second;
  const auto make = [&](const HistogramFamily& family) {
    return registry_.histogram(family, {{"request", api.name}});
  };
  return of_api_
      .emplace(api.key, OfApi{.queue = make(kQueue),
                              .local = make(kLocal),
                              .remote = make(kRemote),
                              .throttle = make(kThrottle),
                              .total = make(kTotal),
                              .bytes = make(kBytes)})
      .first->second;
}

}  // namespace ottla::server
