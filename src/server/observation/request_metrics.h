// Counts the requests of a shard by API and version, how long each took, part by part, and the error codes that were
// answered, under the reference's names.
//
//   queue           until its turn had come, and memory for it
//   local           what it took of this shard
//   remote          what it waited for others: shards, disks, nodes, data
//   response queue  what its answer waited for those of requests in front of it
//   response send   until the system had taken the answer
//   total           all of these: from its last byte to the last one of its answer
//   throttle        what its client has to wait after that
//
// Lifetime:    of a shard's dispatcher.
// Concurrency: confined to its shard.
// Cost:        two look-ups in a small map, nine counts, and one more for each error code of the answer; a series is made
//              when the first request of its kind is answered.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metric_registry.h"
#include "protocol/api.h"
#include "protocol/api_key.h"
#include "rpc/service.h"
#include "runtime/clock.h"
#include "server/observation/counted_errors.h"

namespace ottla::server {

class RequestMetrics {
 public:
  explicit RequestMetrics(MetricRegistry& registry) : registry_(registry) {}

  // `response` is a structure of the API's response.
  void note_errors(const protocol::ApiInfo& api, std::int16_t version, const void* response);
  // The end of a request: its answer's turn had come then, and it was sent. Nothing of one that is not to be counted.
  void note(const rpc::Passed& request, Instant turn, Instant end);

 private:
  struct Times {
    Metric<Histogram> queue;
    Metric<Histogram> local;
    Metric<Histogram> remote;
    Metric<Histogram> response_queue;
    Metric<Histogram> response_send;
    Metric<Histogram> throttle;
    Metric<Histogram> total;
    Metric<Histogram> bytes;
  };
  struct OfApi {
    Times all;
    Times consumers;  // of Fetch alone
    Times followers;  // of Fetch alone
    struct Error {
      Metric<Counter> count;
      bool made = false;  // when it happens for the first time
    };
    std::vector<Error> errors;  // by code
  };
  struct OfVersion {
    Metric<Counter> all;
    Metric<Counter> consumers;  // of Fetch alone
    Metric<Counter> followers;  // of Fetch alone
    CountedErrors errors;
    OfApi* api;  // of which it is a version
  };
  OfApi& of(const protocol::ApiInfo& api);
  OfVersion& of(const protocol::ApiInfo& api, std::int16_t version);
  Times make_times(std::string_view name);
  void count_error(const protocol::ApiInfo& api, OfApi& of_api, std::int16_t code);
  static void record(Times& times, const rpc::Passed& request, Instant turn, Instant end);

  MetricRegistry& registry_;
  std::map<std::pair<protocol::ApiKey, std::int16_t>, OfVersion> of_version_;
  std::map<protocol::ApiKey, OfApi> of_api_;
};

}  // namespace ottla::server
