#include "server/observation/request_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metric_family.h"
#include "protocol/error_info.h"

namespace ottla::server {
namespace {

// The reference's own name, so that its dashboards find it.
constexpr CounterFamily kRequests("kafka_network_requestmetrics_requests", "requests",
                                  "Requests that were answered");
constexpr CounterFamily kErrors(
    "kafka_network_requestmetrics_errors", "errors",
    "Error codes in answers, NONE among them: of the answer, and of each thing in it");
constexpr std::uint64_t kLongest = 60'000'000;  // microseconds; what takes longer is told as this
constexpr HistogramFamily kQueue("kafka_network_requestmetrics_requestqueuetimems", "microseconds",
                                 "Time until a request's turn had come, and memory for it", kLongest);
constexpr HistogramFamily kLocal("kafka_network_requestmetrics_localtimems", "microseconds",
                                 "Time that a request took of its shard", kLongest);
constexpr HistogramFamily kRemote("kafka_network_requestmetrics_remotetimems", "microseconds",
                                  "Time that a request waited for other shards, disks, nodes or data",
                                  kLongest);
constexpr HistogramFamily kResponseQueue("kafka_network_requestmetrics_responsequeuetimems", "microseconds",
                                         "Time that an answer waited for those of requests in front of it",
                                         kLongest);
constexpr HistogramFamily kResponseSend("kafka_network_requestmetrics_responsesendtimems", "microseconds",
                                        "Time until the system had taken an answer", kLongest);
constexpr HistogramFamily kThrottle("kafka_network_requestmetrics_throttletimems", "microseconds",
                                    "Time that its client has to wait after the answer", kLongest);
constexpr HistogramFamily kTotal("kafka_network_requestmetrics_totaltimems", "microseconds",
                                 "Time from a request's last byte to the last one of its answer", kLongest);
constexpr HistogramFamily kBytes("kafka_network_requestmetrics_requestbytes", "bytes", "Size of a request",
                                 100'000'000);

constexpr std::int16_t kFirstError = -1;
// Fetches are told apart by who asks, besides being told together.
constexpr std::string_view kConsumers = "FetchConsumer";
constexpr std::string_view kFollowers = "FetchFollower";

std::uint64_t micros(Duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 0));
}

}  // namespace

void RequestMetrics::note_errors(const protocol::ApiInfo& api, std::int16_t version, const void* response) {
  OfVersion& of_version = of(api, version);
  of_version.errors.each(response, [&](std::int16_t code) { count_error(api, *of_version.api, code); });
}

void RequestMetrics::count_error(const protocol::ApiInfo& api, OfApi& of_api, std::int16_t code) {
  const auto wanted = static_cast<std::size_t>(code - kFirstError);
  // What nobody knows is UNKNOWN_SERVER_ERROR, which is the first.
  const std::size_t place = wanted < of_api.errors.size() ? wanted : 0;
  OfApi::Error& error = of_api.errors[place];
  if (!error.made) {
    error.count =
        registry_.counter(kErrors, {{"request", api.name}, {"error", protocol::all_errors()[place].name}});
    error.made = true;
  }
  error.count->increment();
}

void RequestMetrics::note(const rpc::Passed& request, Instant turn, Instant end) {
  if (request.api == nullptr) return;
  const protocol::ApiInfo& api = *request.api;
  OfVersion& of_version = of(api, request.version);
  OfApi& of_api = *of_version.api;
  of_version.all->increment();
  record(of_api.all, request, turn, end);
  if (api.key != protocol::ApiKey::fetch) return;
  (request.of_follower ? of_version.followers : of_version.consumers)->increment();
  record(request.of_follower ? of_api.followers : of_api.consumers, request, turn, end);
}

void RequestMetrics::record(Times& times, const rpc::Passed& request, Instant turn, Instant end) {
  times.queue->record(micros(request.queue));
  times.local->record(micros(request.local));
  times.remote->record(micros(request.remote));
  times.response_queue->record(micros(turn - request.made));
  times.response_send->record(micros(end - turn));
  times.throttle->record(micros(request.throttle));
  times.total->record(micros(end - request.received));
  times.bytes->record(request.bytes);
}

RequestMetrics::OfVersion& RequestMetrics::of(const protocol::ApiInfo& api, std::int16_t version) {
  const auto known = of_version_.find({api.key, version});
  if (known != of_version_.end()) return known->second;
  const std::string text = std::to_string(version);
  const auto make = [&](std::string_view name) {
    return registry_.counter(kRequests, {{"request", name}, {"version", text}});
  };
  OfVersion made{.all = make(api.name),
                 .consumers = {},
                 .followers = {},
                 .errors = CountedErrors(api, version),
                 .api = &of(api)};
  if (api.key == protocol::ApiKey::fetch) {
    made.consumers = make(kConsumers);
    made.followers = make(kFollowers);
  }
  return of_version_.emplace(std::pair(api.key, version), std::move(made)).first->second;
}

RequestMetrics::OfApi& RequestMetrics::of(const protocol::ApiInfo& api) {
  const auto known = of_api_.find(api.key);
  if (known != of_api_.end()) return known->second;
  OfApi made{.all = make_times(api.name),
             .consumers = {},
             .followers = {},
             .errors = std::vector<OfApi::Error>(protocol::all_errors().size())};
  if (api.key == protocol::ApiKey::fetch) {
    made.consumers = make_times(kConsumers);
    made.followers = make_times(kFollowers);
  }
  return of_api_.emplace(api.key, std::move(made)).first->second;
}

RequestMetrics::Times RequestMetrics::make_times(std::string_view name) {
  const auto make = [&](const HistogramFamily& family) {
    return registry_.histogram(family, {{"request", name}});
  };
  return {.queue = make(kQueue),
          .local = make(kLocal),
          .remote = make(kRemote),
          .response_queue = make(kResponseQueue),
          .response_send = make(kResponseSend),
          .throttle = make(kThrottle),
          .total = make(kTotal),
          .bytes = make(kBytes)};
}

}  // namespace ottla::server
