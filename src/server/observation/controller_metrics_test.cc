#include "server/observation/controller_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "server/observation/accept_metrics.h"

namespace ottla::server {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ControllerMetrics, TellWhatWasCountedAndWhenBrokersWereHeardOf) {
  PrometheusText text;
  tell_controller({.counters = {.operations_started = 7,
                                .operations_timed_out = 3,
                                .heartbeats_timed_out = 2,
                                .leaders_seen = 4},
                   .since_heartbeat = {{NodeId(5), microseconds(1234567)}}},
                  text);
  const std::string told = text.take();
  EXPECT_THAT(told, HasSubstr("_newactivecontrollerscount 4\n"));
  EXPECT_THAT(told, HasSubstr("_timedoutbrokerheartbeatcount 2\n"));
  EXPECT_THAT(told, HasSubstr("_eventqueueoperationsstartedcount 7\n"));
  EXPECT_THAT(told, HasSubstr("_eventqueueoperationstimedoutcount 3\n"));
  EXPECT_THAT(told, HasSubstr("_timesincelastheartbeatreceivedms{broker=\"5\"} 1234\n"));
}

TEST(ControllerMetrics, TellOfTheQuorumToEachRoleWhatItHas) {
  const QuorumNumbers numbers{.voters = 3,
                              .observers = 2,
                              .voters_change = true,
                              .ignores_configured_voters = true,
                              .vote = NodeId(9),
                              .log_end_epoch = LeaderEpoch(6),
                              .snapshots_loaded = 1,
                              .snapshot_bytes = 777,
                              .since_snapshot = milliseconds(55)};
  PrometheusText text;
  tell_quorum(numbers, {.controller = true}, text);
  const std::string told = text.take();
  EXPECT_THAT(told, HasSubstr("_raftmetrics_number_of_voters 3\n"));
  EXPECT_THAT(told, HasSubstr("_raftmetrics_number_of_observers 2\n"));
  EXPECT_THAT(told, HasSubstr("_raftmetrics_uncommitted_voter_change 1\n"));
  EXPECT_THAT(told, HasSubstr("_raftmetrics_current_vote 9\n"));
  EXPECT_THAT(told, HasSubstr("_raftmetrics_log_end_epoch 6\n"));
  EXPECT_THAT(told, HasSubstr("_handleloadsnapshotcount 1\n"));
  EXPECT_THAT(told, HasSubstr("_latestsnapshotgeneratedbytes 777\n"));
  EXPECT_THAT(told, HasSubstr("_latestsnapshotgeneratedagems 55\n"));
  EXPECT_THAT(told, HasSubstr("kafka_controller_kafkacontroller_ignoredstaticvoters 1\n"));
  EXPECT_THAT(told, Not(HasSubstr("kafka_server_broker_metadata_metrics_ignored_static_voters")));
}

TEST(ControllerMetrics, TellHowLongForwardedRequestsTook) {
  ForwardingMeters meters;
  meters.waited.record(2);
  meters.answered.record(64);
  meters.waiting = 8;
  PrometheusText text;
  tell_forwarding(meters, text);
  const std::string told = text.take();
  EXPECT_THAT(told, HasSubstr("\nkafka_server_forwardingmanager_queuetimems_p99 0.002\n"));
  EXPECT_THAT(told, HasSubstr("\nkafka_server_forwardingmanager_remotetimems_p999 0.064\n"));
  EXPECT_THAT(told, HasSubstr("\nkafka_server_forwardingmanager_queuelength 8\n"));
}

TEST(AcceptMetrics, AreNoNumbersWhereNobodyWaited) {
  PrometheusText text;
  tell_accept_throttles({{.listener = "A", .of_listener = 12.5, .of_ip = {}}}, text);
  const std::string told = text.take();
  EXPECT_THAT(told, HasSubstr("_metrics_connection_accept_throttle_time{listener=\"A\"} 12.5\n"));
  EXPECT_THAT(told, HasSubstr("_metrics_ip_connection_accept_throttle_time{listener=\"A\"} NaN\n"));
}

}  // namespace
}  // namespace ottla::server
