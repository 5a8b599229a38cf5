#include "controller/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "controller/testing/conversation.h"
#include "metadata/feature.h"

namespace ottla::controller {
namespace {

using metadata::MetadataVersion;
using protocol::UpdateFeaturesRequest;
using protocol::UpdateFeaturesResponse;
using testing::Conversation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestSetup;

constexpr int kUpgrade = 1;
constexpr int kSafeDowngrade = 2;
constexpr int kUnsafeDowngrade = 3;

std::vector<metadata::SupportedFeature> supported() {
  std::vector<metadata::SupportedFeature> features;
  for (const metadata::Feature& each : metadata::all_features()) {
    features.push_back({.name = std::string(each.name), .least = 0, .most = each.latest()});
  }
  features.push_back({.name = "metadata.version", .least = 7, .most = 33});
  return features;
}

class FeaturesTest : public ::testing::Test {
 protected:
  explicit FeaturesTest(const TestSetup& setup = {}) : talk_(setup) {
    talk_.cluster().change_options().features = supported();
  }

  static std::string update(std::string_view feature, int level, int type) {
    return R"({"feature":")" + std::string(feature) + R"(","maxVersionLevel":)" + std::to_string(level) +
           R"(,"upgradeType":)" + std::to_string(type) + "}";
  }
  // "ok", or the message.
  std::string ask(const std::string& updates, bool validate = false) {
    const std::string json = talk_.ask<UpdateFeaturesRequest, UpdateFeaturesResponse>(
        R"({"timeoutMs":1000,"featureUpdates":[)" + updates + R"(],"validateOnly":)" +
            (validate ? "true}" : "false}"),
        2);
    constexpr std::string_view kFailed =
        R"({"throttleTimeMs":0,"errorCode":95,"errorMessage":"The update failed for all features since the )"
        R"(following feature had an error: )";
    if (json == R"({"throttleTimeMs":0,"errorCode":0,"errorMessage":null})") return "ok";
    EXPECT_TRUE(json.starts_with(kFailed)) << json;
    EXPECT_THAT(talk_.records(), IsEmpty());
    return json.substr(kFailed.size(), json.size() - kFailed.size() - 2);
  }
  std::string ask(std::string_view feature, int level, int type, bool validate = false) {
    return ask(update(feature, level, type), validate);
  }
  std::int16_t level(std::string_view feature) { return talk_.cluster().image().features.level(feature); }
  static std::string record(std::string_view feature, int level) {
    return R"(FeatureLevelRecord {"name":")" + std::string(feature) + R"(","featureLevel":)" +
           std::to_string(level) + "}";
  }

  Conversation talk_;
};

class OldFeaturesTest : public FeaturesTest {
 protected:
  OldFeaturesTest() : FeaturesTest({.version = MetadataVersion::v3_9_iv0}) {}
};

class FeaturesWithoutElrTest : public FeaturesTest {
 protected:
  FeaturesWithoutElrTest() : FeaturesTest({.elr = false}) {}
};

TEST_F(FeaturesTest, UpAndDown) {
  EXPECT_EQ(ask("group.version", 0, kSafeDowngrade), "ok");
  EXPECT_THAT(talk_.records(), ElementsAre(record("group.version", 0)));
  EXPECT_EQ(level("group.version"), 0);
  EXPECT_EQ(ask("group.version", 1, kSafeDowngrade),
            "Invalid update version 1 for feature group.version. Can't downgrade to a newer version.");
  EXPECT_EQ(ask("group.version", 1, kUpgrade, true), "ok");
  EXPECT_EQ(level("group.version"), 0);
  EXPECT_EQ(ask("group.version", 1, kUpgrade), "ok");
  EXPECT_EQ(level("group.version"), 1);
  EXPECT_EQ(ask("group.version", 1, kUnsafeDowngrade), "ok");
}

TEST_F(FeaturesTest, WhatMeansNothing) {
  EXPECT_EQ(ask("group.version", 0, 0),
            "Invalid update version 0 for feature group.version. The controller does not support the given "
            "upgrade type.");
  EXPECT_EQ(ask("group.version", 1, 9),
            "Invalid update version 1 for feature group.version. The controller does not support the given "
            "upgrade type.");
  EXPECT_EQ(ask("group.version", -1, kUpgrade),
            "Invalid update version -1 for feature group.version. A feature version cannot be less than 0.");
  EXPECT_EQ(ask("group.version", 0, kUpgrade),
            "Invalid update version 0 for feature group.version. Can't downgrade the version of this feature "
            "without setting the upgrade type to either safe or unsafe downgrade.");
  EXPECT_EQ(
      ask("group.version", 2, kUpgrade),
      "Invalid update version 2 for feature group.version. Local controller 100 only supports versions 0-1");
  EXPECT_EQ(ask("foo", 0, kSafeDowngrade),
            "Invalid update version 0 for feature foo. Feature foo not found.");
  EXPECT_EQ(ask("foo", 1, kUpgrade),
            "Invalid update version 1 for feature foo. Local controller 100 does not support this feature.");
}

TEST_F(FeaturesTest, AllOrNone) {
  EXPECT_EQ(ask(update("group.version", 0, kSafeDowngrade) + "," + update("foo", 1, kUpgrade)),
            "Invalid update version 1 for feature foo. Local controller 100 does not support this feature.");
  EXPECT_EQ(level("group.version"), 1);
  EXPECT_EQ(ask(update("group.version", 1, kUpgrade) + "," + update("group.version", 0, kSafeDowngrade)),
            "ok");
  EXPECT_EQ(level("group.version"), 0);
  EXPECT_EQ(ask(""), "ok");
}

TEST_F(FeaturesTest, MetadataVersion) {
  EXPECT_EQ(
      ask("metadata.version", 34, kUpgrade),
      "Invalid update version 34 for feature metadata.version. Local controller 100 only supports versions "
      "7-33");
  EXPECT_EQ(ask("metadata.version", 33, kUpgrade), "ok");
  EXPECT_EQ(
      ask("metadata.version", 32, kSafeDowngrade),
      "Unsupported metadata.version downgrade from 33 to 32. Refusing to perform the requested downgrade "
      "because it might delete metadata information.");
  EXPECT_EQ(
      ask("metadata.version", 20, kUnsafeDowngrade),
      "Unsupported metadata.version downgrade from 33 to 20. Unsafe metadata downgrade is not supported in "
      "this version.");
}

TEST_F(OldFeaturesTest, MetadataVersionGoesUpAndBackWhereNothingChanged) {
  const auto from = static_cast<int>(metadata::level_of(MetadataVersion::v3_9_iv0));
  EXPECT_EQ(ask("metadata.version", from + 1, kUpgrade), "ok");
  EXPECT_EQ(talk_.cluster().state().version(), MetadataVersion::v4_0_iv0);
  const bool changed =
      metadata::metadata_changed_between(MetadataVersion::v3_9_iv0, MetadataVersion::v4_0_iv0);
  EXPECT_EQ(ask("metadata.version", from, kSafeDowngrade) == "ok", !changed);
}

TEST_F(OldFeaturesTest, ALevelMayWaitForMetadataVersion) {
  EXPECT_EQ(
      ask("eligible.leader.replicas.version", 1, kUpgrade),
      "Invalid update version 1 for feature eligible.leader.replicas.version. "
      "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level "
      "23");
  // Both at once are judged by what would be.
  EXPECT_EQ(ask(update("eligible.leader.replicas.version", 1, kUpgrade) + "," +
                update("metadata.version", 26, kUpgrade)),
            "ok");
}

TEST_F(FeaturesTest, AllNodesMustSupportIt) {
  protocol::RegisterBrokerRecord::BrokerFeature old;
  old.name = "group.version";
  old.min_supported_version = 0;
  old.max_supported_version = 1;
  protocol::RegisterBrokerRecord broker;
  broker.broker_id = 3;
  broker.features = protocol::Array(&old, 1);
  talk_.cluster().on_violation = [](const std::string&) {};  // it lacks features that are in force
  talk_.cluster().have(broker);
  EXPECT_EQ(ask("group.version", 1, kUpgrade), "ok");
  EXPECT_EQ(ask("share.version", 1, kSafeDowngrade),
            "Invalid update version 1 for feature share.version. Broker 3 does not support this feature.");
}

TEST_F(FeaturesTest, ControllersMustSupportItAndHaveSaidSo) {
  talk_.cluster().change_options().quorum_nodes = {NodeId(100), NodeId(101)};
  EXPECT_EQ(
      ask("group.version", 1, kUpgrade),
      "Invalid update version 1 for feature group.version. controller 101 has not registered, and may not "
      "support this feature");
  protocol::RegisterControllerRecord controller;
  controller.controller_id = 101;
  talk_.cluster().have(controller);
  EXPECT_EQ(
      ask("group.version", 1, kUpgrade),
      "Invalid update version 1 for feature group.version. Controller 101 does not support this feature.");
}

TEST_F(FeaturesTest, KraftVersionIsTheQuorums) {
  talk_.cluster().kraft_version().now = 0;
  EXPECT_EQ(ask("kraft.version", 1, kUpgrade, true), "ok");
  EXPECT_EQ(talk_.cluster().kraft_version().now, 0);
  EXPECT_EQ(ask("kraft.version", 1, kUpgrade), "ok");
  EXPECT_THAT(talk_.records(), ElementsAre("NoOpRecord {}"));
  EXPECT_EQ(talk_.cluster().kraft_version().now, 1);
  EXPECT_EQ(ask("kraft.version", 1, kSafeDowngrade), "ok");
  EXPECT_EQ(
      ask("kraft.version", 0, kSafeDowngrade),
      "Invalid update version 0 for feature kraft.version. Can't downgrade the version of this feature.");
  talk_.cluster().kraft_version().refusal = "not all voters can";
  EXPECT_EQ(ask("kraft.version", 1, kUpgrade), "not all voters can");
}

TEST_F(FeaturesWithoutElrTest, EligibleReplicasBeginWithOneNumberForAllBrokers) {
  protocol::ConfigRecord config;
  config.resource_type = 4;
  config.resource_name = "7";
  config.name = "min.insync.replicas";
  config.value = "2";
  talk_.cluster().have(config);
  EXPECT_EQ(ask("eligible.leader.replicas.version", 1, kUpgrade, true), "ok");
  EXPECT_EQ(ask("eligible.leader.replicas.version", 1, kUpgrade), "ok");
  EXPECT_THAT(
      talk_.records(),
      ElementsAre(
          R"(ConfigRecord {"resourceType":4,"resourceName":"","name":"min.insync.replicas","value":"1"})",
          R"(ConfigRecord {"resourceType":4,"resourceName":"7","name":"min.insync.replicas","value":null})",
          record("eligible.leader.replicas.version", 1)));
}

TEST_F(FeaturesTest, OldVersionsAnswerForEach) {
  EXPECT_EQ((talk_.ask<UpdateFeaturesRequest, UpdateFeaturesResponse>(
                R"({"timeoutMs":1000,"featureUpdates":[)" + update("group.version", 1, kUpgrade) +
                    R"(],"validateOnly":false})",
                1)),
            R"({"throttleTimeMs":0,"errorCode":0,"errorMessage":null,"results":[{"feature":"group.version",)"
            R"("errorCode":0,"errorMessage":"NONE"}]})");
  EXPECT_THAT((talk_.ask<UpdateFeaturesRequest, UpdateFeaturesResponse>(
                  R"({"timeoutMs":1000,"featureUpdates":[{"feature":"group.version","maxVersionLevel":0,)"
                  R"("allowDowngrade":true}]})",
                  0)),
              ::testing::EndsWith(
                  R"(without setting the upgrade type to either safe or unsafe downgrade.","results":[]})"));
}

}  // namespace
}  // namespace ottla::controller
