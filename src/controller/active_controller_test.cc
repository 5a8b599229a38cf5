// The driver: a controller with a log in memory, whose commits the test decides.
#include "controller/active_controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/brokers.h"
#include "controller/testing/memory_log.h"
#include "controller/testing/test_cluster.h"
#include "metadata/feature.h"
#include "protocol/messages/broker_heartbeat.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/list_partition_reassignments.h"
#include "runtime/testing/manual_world.h"

namespace ottla::controller {
namespace {

using protocol::ApiKey;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::MemoryMetadataLog;

// One request under way.
template <typename Request, typename Response>
struct Asking {
  Request request;
  Response response;
  Budget budget{"a request", std::size_t{1} << 20U};
  Arena arena{budget};
  std::optional<Result<void>> ended;
};
using Unregistering = Asking<protocol::UnregisterBrokerRequest, protocol::UnregisterBrokerResponse>;
using Registering = Asking<protocol::BrokerRegistrationRequest, protocol::BrokerRegistrationResponse>;

class ActiveControllerTest : public ::testing::Test {
 protected:
  ActiveControllerTest()
      : options_(testing::TestCluster({}).options()), controller_(options_, log_, Random(1)) {
    log_.on_commit = [this](Offset end) { controller_.committed(end); };
    world_.spawn([this]() -> Task<void> {
      CancelSource never;
      static_cast<void>(co_await controller_.run(stop_.token()));
    });
    world_.settle();
  }
  ~ActiveControllerTest() override {
    on_shard([this] { stop_.request(); });
    world_.settle();
  }

  template <typename F>
  void on_shard(F f) {
    const Shard::Scope scope(world_.shard());
    f();
  }
  void lead(int epoch, const metadata::MetadataImage& image = {}, bool in_transaction = false) {
    on_shard([&] {
      log_.epoch = LeaderEpoch(epoch);
      controller_.lead(LeaderEpoch(epoch), image, in_transaction);
    });
    world_.settle();
  }
  void follow(int leader) {
    on_shard([&] { controller_.follow(NodeId(leader)); });
    world_.settle();
  }
  void commit() {
    on_shard([this] { log_.commit_all(); });
    world_.settle();
  }
  template <typename A>
  void ask(ApiKey key, A& asking, Asked asked = {}) {
    world_.spawn([this, key, &asking, asked]() -> Task<void> {
      asking.ended = co_await controller_.perform(*find_controller_api(key), &asking.request, asked,
                                                  asking.arena, &asking.response);
    });
    world_.settle();
  }
  void register_broker(Registering& asking, std::int32_t id) {
    static const std::vector<Uuid> kDirectories = {Uuid(1, 1)};
    static const std::vector<protocol::BrokerRegistrationRequest::Feature> kFeatures = [] {
      std::vector<protocol::BrokerRegistrationRequest::Feature> features;
      for (const metadata::Feature& each : metadata::all_features()) {
        auto& feature = features.emplace_back();
        feature.name = each.name;
        feature.max_supported_version = each.latest();
      }
      auto& version = features.emplace_back();
      version.name = metadata::kMetadataVersionFeature;
      version.max_supported_version = 33;
      return features;
    }();
    asking.request.broker_id = id;
    asking.request.cluster_id = "cluster";
    asking.request.features = kFeatures;
    asking.request.log_dirs = kDirectories;
    ask(ApiKey::broker_registration, asking, {.version = 4, .now = world_.now()});
  }

  ManualWorld world_;
  CancelSource stop_;
  ControllerOptions options_;
  MemoryMetadataLog log_;
  ActiveController controller_;
};

TEST_F(ActiveControllerTest, SaysWhoLeads) {
  Unregistering asking;
  ask(ApiKey::unregister_broker, asking);
  EXPECT_EQ(asking.response.error_code, 41);
  EXPECT_EQ(*asking.response.error_message, "No controller appears to be active.");
  follow(7);
  Unregistering again;
  ask(ApiKey::unregister_broker, again);
  EXPECT_EQ(*again.response.error_message, "The active controller appears to be node 7.");
  EXPECT_EQ(controller_.counters().leaders_seen, 1U);
}

TEST_F(ActiveControllerTest, TheFirstControllerWritesTheFirstRecords) {
  lead(3);
  EXPECT_THAT(log_.types(), ElementsAre("BeginTransactionRecord", "FeatureLevelRecord", "FeatureLevelRecord",
                                        "FeatureLevelRecord", "FeatureLevelRecord", "FeatureLevelRecord",
                                        "FeatureLevelRecord", "ConfigRecord", "EndTransactionRecord"));
  EXPECT_TRUE(controller_.leading());
  EXPECT_EQ(
      *controller_.state()->image().config({metadata::ConfigResourceType::broker, ""}, "min.insync.replicas"),
      "1");
  const metadata::MetadataImage image = controller_.state()->image();
  log_.records.clear();
  lead(4, image);
  EXPECT_THAT(log_.types(), ElementsAre());
}

TEST_F(ActiveControllerTest, ATransactionOfAPredecessorIsAborted) {
  lead(3);
  const metadata::MetadataImage image = controller_.state()->image();
  log_.records.clear();
  lead(4, image, true);
  EXPECT_THAT(log_.types(), ElementsAre("AbortTransactionRecord"));
  log_.records.clear();
  lead(5, {}, true);
  EXPECT_EQ(log_.types().front(), "AbortTransactionRecord");
  EXPECT_EQ(log_.types()[1], "BeginTransactionRecord");
}

TEST_F(ActiveControllerTest, AnOldClusterBeginsWithoutATransaction) {
  options_.bootstrap = metadata::make_bootstrap(metadata::MetadataVersion::v3_4_iv0, {});
  lead(3);
  EXPECT_THAT(log_.types(), ElementsAre("FeatureLevelRecord"));
  lead(4, {}, true);  // the log has what this version cannot have
  EXPECT_FALSE(controller_.leading());
  EXPECT_THAT(log_.resigned, ElementsAre(LeaderEpoch(4)));
}

TEST_F(ActiveControllerTest, AnswersAfterTheCommit) {
  lead(3);
  Registering asking;
  register_broker(asking, 1);
  EXPECT_FALSE(asking.ended.has_value());
  // What only reads may have seen what is not committed.
  Asking<protocol::ListPartitionReassignmentsRequest, protocol::ListPartitionReassignmentsResponse> reading;
  ask(ApiKey::list_partition_reassignments, reading);
  EXPECT_FALSE(reading.ended.has_value());
  commit();
  EXPECT_TRUE(asking.ended.has_value());
  EXPECT_EQ(asking.response.error_code, 0);
  EXPECT_EQ(asking.response.broker_epoch, 9);
  EXPECT_TRUE(reading.ended.has_value());
  EXPECT_EQ(controller_.figures().fenced_brokers, 1U);
  EXPECT_EQ(controller_.figures().last_committed, Offset(9));
}

TEST_F(ActiveControllerTest, HandlersSeeWhatIsNotCommitted) {
  lead(3);
  Registering asking;
  register_broker(asking, 1);
  Unregistering unregistering;
  unregistering.request.broker_id = 1;
  ask(ApiKey::unregister_broker, unregistering);
  EXPECT_FALSE(unregistering.ended.has_value());
  commit();
  EXPECT_EQ(unregistering.response.error_code, 0);
}

TEST_F(ActiveControllerTest, WhatWasNotCommittedIsForgotten) {
  lead(3);
  commit();
  const metadata::MetadataImage committed = controller_.state()->image();
  Registering asking;
  register_broker(asking, 1);
  follow(2);
  EXPECT_EQ(asking.response.error_code, 41);
  lead(5, committed);
  Unregistering unregistering;
  unregistering.request.broker_id = 1;
  ask(ApiKey::unregister_broker, unregistering);
  EXPECT_EQ(unregistering.response.error_code, 102);
}

TEST_F(ActiveControllerTest, ALogThatIsAnothersEndsTheTerm) {
  lead(3);
  log_.epoch = LeaderEpoch(9);
  Registering asking;
  register_broker(asking, 1);
  EXPECT_EQ(asking.response.error_code, 41);
  EXPECT_FALSE(controller_.leading());
  EXPECT_THAT(log_.resigned, ElementsAre(LeaderEpoch(3)));
}

TEST_F(ActiveControllerTest, WhatFitsIntoNoBatchIsRefusedAndForgotten) {
  lead(3);
  commit();
  log_.too_large = true;
  Registering asking;
  register_broker(asking, 1);
  EXPECT_EQ(asking.response.error_code, 44);
  EXPECT_EQ(controller_.figures().fenced_brokers, 0U);
  log_.too_large = false;
  Registering again;
  register_broker(again, 1);
  commit();
  EXPECT_EQ(again.response.error_code, 0);
}

TEST_F(ActiveControllerTest, ADeadlineThatHasPassedIsTold) {
  lead(3);
  Unregistering asking;
  ask(ApiKey::unregister_broker, asking, {.now = world_.now(), .deadline = world_.now() - seconds(1)});
  EXPECT_EQ(asking.response.error_code, 7);
  EXPECT_EQ(controller_.counters().operations_timed_out, 1U);
}

TEST_F(ActiveControllerTest, WhoHasNoTimeAtAllIsTooLate) {
  lead(3);
  Unregistering asking;
  ask(ApiKey::unregister_broker, asking, {.now = world_.now(), .deadline = world_.now()});
  EXPECT_EQ(asking.response.error_code, 7);
  Unregistering later;
  ask(ApiKey::unregister_broker, later,
      {.now = world_.now(), .deadline = world_.now() + std::chrono::milliseconds(1)});
  EXPECT_NE(later.response.error_code, 7);
}

TEST_F(ActiveControllerTest, WritesNoOpsWhileItLeads) {
  world_.pass(seconds(10));
  EXPECT_TRUE(log_.records.empty());
  lead(3);
  log_.records.clear();
  for (int i = 0; i < 4; ++i) world_.pass(milliseconds(510));
  EXPECT_THAT(log_.types(), ElementsAre("NoOpRecord", "NoOpRecord", "NoOpRecord", "NoOpRecord"));
  follow(2);
  log_.records.clear();
  world_.pass(seconds(5));
  EXPECT_TRUE(log_.records.empty());
}

TEST_F(ActiveControllerTest, FencesWhoIsSilent) {
  lead(3);
  Registering asking;
  register_broker(asking, 1);
  Asking<protocol::BrokerHeartbeatRequest, protocol::BrokerHeartbeatResponse> beating;
  beating.request.broker_id = 1;
  beating.request.broker_epoch = 9;
  beating.request.current_metadata_offset = 9;
  ask(ApiKey::broker_heartbeat, beating, {.version = 2, .now = world_.now()});
  commit();
  EXPECT_FALSE(beating.response.is_fenced);
  EXPECT_EQ(controller_.figures().active_brokers, 1U);
  for (int i = 0; i < 12; ++i) world_.pass(seconds(1));
  EXPECT_EQ(controller_.figures().fenced_brokers, 1U);
}

TEST_F(ActiveControllerTest, WhenItStopsWhoeverWaitsIsTold) {
  lead(3);
  Registering asking;
  register_broker(asking, 1);
  on_shard([this] { stop_.request(); });
  world_.settle();
  EXPECT_EQ(asking.response.error_code, 41);
  Unregistering late;
  ask(ApiKey::unregister_broker, late);
  EXPECT_EQ(late.response.error_code, 7);
  EXPECT_EQ(*late.response.error_message, "The controller is shutting down.");
}

TEST_F(ActiveControllerTest, RefusesWithoutRoom) {
  Budget budget("nothing", 0);
  Arena arena(budget);
  Unregistering asking;
  std::optional<Result<void>> ended;
  world_.spawn([&]() -> Task<void> {
    ended = co_await controller_.perform(*find_controller_api(ApiKey::unregister_broker), &asking.request, {},
                                         arena, &asking.response);
  });
  world_.settle();
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->error(), Errc::out_of_budget);
}

}  // namespace
}  // namespace ottla::controller
