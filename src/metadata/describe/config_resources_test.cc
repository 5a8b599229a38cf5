#include "metadata/describe/config_resources.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;

class NoAccess final : public Access {
 public:
  bool allows(AclOperation, AclResourceType, std::string_view) const override { return false; }
};

class ConfigResourcesTest : public ::testing::Test {
 protected:
  ConfigResourcesTest() {
    story_.tell_all({"broker 1 epoch=1 listener=OUT fenced=1", "broker 2 epoch=2 listener=OTHER fenced=0",
                     "topic orders 1", "config 2 orders retention.ms=1", "config 4 1 num.io.threads=2",
                     "config 16 mine interval.ms=100", "config 16 yours interval.ms=100",
                     "config 32 group share.auto.offset.reset=latest"});
  }

  std::string ask(std::string_view json, std::int16_t version, const Access& access = FullAccess()) {
    const Viewpoint viewpoint{.image = story_.image, .listener = "OUT", .access = access};
    return answer<ListConfigResourcesRequest, ListConfigResourcesResponse>(
        json, version,
        [&](const ListConfigResourcesRequest& request, Arena& arena, ListConfigResourcesResponse& response) {
          return list_config_resources(viewpoint, request, version, arena, response);
        });
  }

  Story story_;
};

TEST_F(ConfigResourcesTest, All) {
  EXPECT_EQ(
      ask(R"({"resourceTypes":[]})", 1),
      R"({"throttleTimeMs":0,"errorCode":0,"configResources":[{"resourceName":"group","resourceType":32},)"
      R"({"resourceName":"mine","resourceType":16},{"resourceName":"yours","resourceType":16},)"
      R"({"resourceName":"1","resourceType":8},{"resourceName":"1","resourceType":4},)"
      R"({"resourceName":"orders","resourceType":2}]})");
}

TEST_F(ConfigResourcesTest, SomeTypesEachOnce) {
  EXPECT_EQ(ask(R"({"resourceTypes":[2,4,2]})", 1),
            R"({"throttleTimeMs":0,"errorCode":0,"configResources":[{"resourceName":"1","resourceType":4},)"
            R"({"resourceName":"orders","resourceType":2}]})");
}

TEST_F(ConfigResourcesTest, TheFirstVersionKnowsClientMetricsAlone) {
  EXPECT_EQ(
      ask("{}", 0),
      R"({"throttleTimeMs":0,"errorCode":0,"configResources":[{"resourceName":"mine"},{"resourceName":"yours"}]})");
}

TEST_F(ConfigResourcesTest, UnknownTypes) {
  EXPECT_EQ(ask(R"({"resourceTypes":[2,3]})", 1),
            R"({"throttleTimeMs":0,"errorCode":35,"configResources":[]})");
}

TEST_F(ConfigResourcesTest, NeedsTheRightTo) {
  EXPECT_EQ(ask(R"({"resourceTypes":[]})", 1, NoAccess()),
            R"({"throttleTimeMs":0,"errorCode":31,"configResources":[]})");
}

}  // namespace
}  // namespace ottla::metadata
