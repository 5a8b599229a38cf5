#include "server/observation/request_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/metric_registry.h"
#include "protocol/api.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/produce.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

class RequestMetricsTest : public testing::Test {
 protected:
  std::string told() const {
    PrometheusText text;
    text.add(registry_.snapshot());
    return text.take();
  }
  // A request that came at 100 ms and was answered in full at 131 ms.
  void note(const protocol::ApiInfo& api, bool of_follower = false) {
    const Instant received(milliseconds(100));
    metrics_.note({.api = &api,
                   .version = 12,
                   .of_follower = of_follower,
                   .bytes = 77,
                   .received = received,
                   .made = received + milliseconds(7),
                   .queue = milliseconds(1),
                   .local = milliseconds(2),
                   .remote = milliseconds(4),
                   .throttle = milliseconds(500)},
                  received + milliseconds(15), received + milliseconds(31));
  }

  MetricRegistry registry_;
  RequestMetrics metrics_{registry_};
  const protocol::ApiInfo& produce_ = *protocol::find_api(protocol::ProduceResponse::message().key);
  const protocol::ApiInfo& fetch_ = *protocol::find_api(protocol::FetchResponse::message().key);
};

TEST_F(RequestMetricsTest, TheTotalIsTheSumOfItsParts) {
  note(produce_);
  const std::string text = told();
  const auto sum = [&](const std::string& part, int ms) {
    EXPECT_THAT(text, HasSubstr("kafka_network_requestmetrics_" + part + "timems_sum{request=\"Produce\"} " +
                                std::to_string(ms) + '\n'));
  };
  sum("requestqueue", 1);
  sum("local", 2);
  sum("remote", 4);
  sum("responsequeue", 8);
  sum("responsesend", 16);
  sum("total", 1 + 2 + 4 + 8 + 16);
  sum("throttle", 500);
  EXPECT_THAT(text, HasSubstr("_requestbytes_sum{request=\"Produce\"} 77\n"));
}

TEST_F(RequestMetricsTest, FetchesAreToldByWhoAsks) {
  note(fetch_);
  note(fetch_, true);
  note(fetch_, true);
  const std::string text = told();
  EXPECT_THAT(text, HasSubstr("requests_total{request=\"Fetch\",version=\"12\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{request=\"FetchConsumer\",version=\"12\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{request=\"FetchFollower\",version=\"12\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("totaltimems_count{request=\"FetchConsumer\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("totaltimems_count{request=\"FetchFollower\"} 2\n"));
}

TEST_F(RequestMetricsTest, ErrorsAreCountedByName) {
  using Partition = protocol::ProduceResponse::PartitionProduceResponse;
  using Topic = protocol::ProduceResponse::TopicProduceResponse;
  const Partition partitions[] = {
      {.error_code = 0}, {.error_code = 6}, {.error_code = 6}, {.error_code = 30'000}};
  const Topic topics[] = {{.partition_responses = protocol::Array<Partition>(partitions)}};
  const protocol::ProduceResponse response{.responses = protocol::Array<Topic>(topics)};
  metrics_.note_errors(produce_, 9, &response);
  const std::string text = told();
  EXPECT_THAT(text,
              HasSubstr("kafka_network_requestmetrics_errors_total{error=\"NONE\",request=\"Produce\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("errors_total{error=\"NOT_LEADER_OR_FOLLOWER\",request=\"Produce\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("errors_total{error=\"UNKNOWN_SERVER_ERROR\",request=\"Produce\"} 1\n"));
}

TEST_F(RequestMetricsTest, WhatIsNotToBeCountedIsNot) {
  metrics_.note({}, Instant(), Instant());
  EXPECT_THAT(told(), Not(HasSubstr("requestmetrics")));
}

}  // namespace
}  // namespace ottla::server
