#include "server/observation/request_metrics.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/metric_family.h"

namespace ottla::server {
namespace {

// The reference's own name, so that its dashboards find it.
constexpr CounterFamily kRequests("kafka_network_requestmetrics_requests", "requests",
                                  "Requests that were answered");
constexpr HistogramFamily kTime("ottla_request_time", "nanoseconds",
                                "Time from a request's last byte to its answer", 600'000'000'000);

}  // namespace

void RequestMetrics::note(const protocol::ApiInfo& api, std::int16_t version, Duration took) {
  auto requests = requests_.find({api.key, version});
  if (requests == requests_.end()) {
    const std::string text = std::to_string(version);
    requests = requests_
                   .emplace(std::pair(api.key, version),
                            registry_.counter(kRequests, {{"request", api.name}, {"version", text}}))
                   .first;
  }
  requests->second->increment();
  auto times = times_.find(api.key);
  if (times == times_.end()) {
    times = times_.emplace(api.key, registry_.histogram(kTime, {{"request", api.name}})).first;
  }
  times->second->record(static_cast<std::uint64_t>(std::max(took.count(), Duration::rep{0})));
}

}  // namespace ottla::server
