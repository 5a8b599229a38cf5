#include "metadata/metadata_version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "metadata/feature.h"

namespace ottla::metadata {
namespace {

using enum MetadataVersion;
using testing::HasSubstr;

TEST(MetadataVersionTest, EachStandsUnderItsLevel) {
  for (const MetadataVersionInfo& each : all_metadata_versions()) {
    EXPECT_EQ(metadata_version_of(level_of(each.version)).value(), each.version);
    EXPECT_EQ(info_of(each.version).name, each.name);
    EXPECT_EQ(parse_metadata_version(each.name, true).value(), each.version);
  }
}

TEST(MetadataVersionTest, AReleaseIsItsLastLevel) {
  EXPECT_EQ(parse_metadata_version("3.7").value(), v3_7_iv4);
  EXPECT_EQ(parse_metadata_version("4.4.1").value(), v4_4_iv2);
  EXPECT_EQ(parse_metadata_version("4.4-IV0").value(), v4_4_iv0);
  for (const char* each : {"", "4", "4.4.", "4.5", "4.5-IV0", "3.0-IV1"}) {
    EXPECT_FALSE(parse_metadata_version(each).ok()) << each;
  }
  EXPECT_THAT(std::string(parse_metadata_version("9").error().text()),
              HasSubstr("Unknown metadata.version '9'. Supported metadata.version are: 3.3-IV3, 3.4-IV0,"));
}

TEST(MetadataVersionTest, RefusesOtherLevels) {
  for (const int each : {-1, 0, 6, 35, 99}) {
    EXPECT_EQ(metadata_version_of(static_cast<std::int16_t>(each)).error(), Errc::unsupported);
  }
}

TEST(MetadataVersionTest, KnowsWhatGoingBackMayLose) {
  EXPECT_FALSE(metadata_changed_between(v3_4_iv0, v3_5_iv1));
  EXPECT_TRUE(metadata_changed_between(v3_5_iv2, v3_4_iv0));
  EXPECT_FALSE(metadata_changed_between(v4_4_iv2, v4_4_iv2));
}

TEST(FeatureTest, DefaultsComeWithTheLevelOfTheCluster) {
  EXPECT_EQ(find_feature("share.version")->default_level(v4_4_iv2), 2);
  EXPECT_EQ(find_feature("share.version")->default_level(v4_3_iv0), 1);
  EXPECT_EQ(find_feature("transaction.version")->default_level(v4_0_iv2), 2);
  EXPECT_EQ(find_feature(kEligibleLeaderReplicasFeature)->default_level(v4_0_iv3), 0);
  EXPECT_EQ(find_feature("nope"), nullptr);
}

TEST(FeatureTest, SomeNeedAMetadataVersion) {
  const Feature& elr = *find_feature(kEligibleLeaderReplicasFeature);
  EXPECT_TRUE(elr.check(1, v4_0_iv1).ok());
  EXPECT_EQ(elr.check(1, v4_0_iv0).error().text(),
            "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version "
            "level 23");
  EXPECT_EQ(elr.check(2, v4_4_iv2).error().text(),
            "No feature:eligible.leader.replicas.version with feature level 2");
}

}  // namespace
}  // namespace ottla::metadata
