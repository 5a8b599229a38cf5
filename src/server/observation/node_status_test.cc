#include "server/observation/node_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "metadata/image.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

NodeStatus status_of(std::optional<BrokerState> broker, int leader) {
  return {.node = NodeId(1),
          .image = std::make_shared<const metadata::MetadataImage>(),
          .broker = broker,
          .is_controller = true,
          .leads = leader == 1,
          .leader = NodeId(leader),
          .epoch = LeaderEpoch(3),
          .high_watermark = Offset(10),
          .log_end = Offset(12),
          .ready = false};
}

std::string reasons(const NodeStatus& status) {
  std::string text;
  for (const HealthReason& each : why_not_ready(status)) text += each.part + ": " + each.text + "; ";
  return text;
}

TEST(NodeStatus, SaysWhyItIsNotReady) {
  EXPECT_EQ(
      reasons(status_of(BrokerState::starting, -1)),
      "metadata: no active controller is known; broker: it has not caught up with the cluster's metadata; ");
  EXPECT_THAT(reasons(status_of(BrokerState::recovery, 1)), HasSubstr("logs are being opened"));
  EXPECT_THAT(reasons(status_of(BrokerState::shutting_down, 1)), HasSubstr("it is stopping"));
  EXPECT_THAT(reasons(status_of({}, 1)), HasSubstr("nothing of the cluster's metadata"));
}

TEST(NodeStatus, SaysNothingWhenItIsReady) {
  NodeStatus status = status_of(BrokerState::running, 1);
  status.ready = true;
  EXPECT_EQ(reasons(status), "");
}

std::string metrics(const NodeStatus& status) {
  PrometheusText text;
  add_metrics(status, text);
  return text.take();
}

TEST(NodeStatus, IsToldUnderTheNamesOfTheReference) {
  const std::string text = metrics(status_of(BrokerState::running, 1));
  EXPECT_THAT(text, HasSubstr("\nkafka_controller_kafkacontroller_activecontrollercount 1\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_server_kafkaserver_brokerstate 3\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_server_raftmetrics_current_epoch 3\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_server_raftmetrics_high_watermark 10\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_server_raftmetrics{current_state=\"leader\"} 1\n"));
}

TEST(NodeStatus, TellsOfEachRoleOnlyWhatItHas) {
  NodeStatus broker = status_of(BrokerState::running, 2);
  broker.is_controller = false;
  EXPECT_THAT(metrics(broker), Not(HasSubstr("kafka_controller_")));
  EXPECT_THAT(metrics(broker), HasSubstr("current_state=\"observer\""));
  EXPECT_THAT(metrics(status_of({}, 2)), Not(HasSubstr("kafka_server_replicamanager")));
  EXPECT_THAT(metrics(status_of({}, 2)), HasSubstr("current_state=\"follower\""));
}

}  // namespace
}  // namespace ottla::server
