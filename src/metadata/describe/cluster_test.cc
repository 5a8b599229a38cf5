#include "metadata/describe/cluster.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metadata/replay.h"
#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;

class NoAccess final : public Access {
 public:
  bool allows(AclOperation, AclResourceType, std::string_view) const override { return false; }
};

class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest() {
    story_.tell_all({"feature metadata.version 33", "broker 1 epoch=1 rack=east listener=OUT fenced=0",
                     "broker 2 epoch=2 listener=OUT fenced=1", "broker 3 epoch=3 listener=OTHER fenced=0",
                     "topic orders 1"});
    protocol::RegisterControllerRecord::ControllerEndpoint endpoint;
    endpoint.name = "CONTROLLER";
    endpoint.host = "quorum";
    endpoint.port = 9093;
    protocol::RegisterControllerRecord record;
    record.controller_id = 7;
    record.end_points = protocol::Array(&endpoint, 1);
    EXPECT_TRUE(replay(story_.image, record).ok());
  }

  std::string brokers(std::string_view json, std::int16_t version, std::uint64_t draw = 0,
                      const Access& access = FullAccess()) {
    return ask("OUT", json, version, access,
               [&](const ClusterQuestion& question, const DescribeClusterRequest& request, Arena& arena,
                   DescribeClusterResponse& response) {
                 return describe_brokers(question, request, version, draw, arena, response);
               });
  }
  std::string controllers(std::string_view json, std::int16_t version, std::int32_t leader,
                          const Access& access = FullAccess()) {
    return ask("CONTROLLER", json, version, access,
               [&](const ClusterQuestion& question, const DescribeClusterRequest& request, Arena& arena,
                   DescribeClusterResponse& response) {
                 return describe_controllers(question, request, version, leader, arena, response);
               });
  }

  Story story_;

 private:
  template <typename Describe>
  std::string ask(std::string_view listener, std::string_view json, std::int16_t version,
                  const Access& access, Describe describe) {
    const Viewpoint viewpoint{.image = story_.image, .listener = listener, .access = access};
    const ClusterQuestion question{.viewpoint = viewpoint, .cluster_id = "the-cluster"};
    return answer<DescribeClusterRequest, DescribeClusterResponse>(
        json, version,
        [&](const DescribeClusterRequest& request, Arena& arena, DescribeClusterResponse& response) {
          return describe(question, request, arena, response);
        });
  }
};

TEST_F(ClusterTest, Brokers) {
  const std::string text = brokers(R"({"includeClusterAuthorizedOperations":true})", 0);
  EXPECT_TRUE(text.starts_with(R"({"throttleTimeMs":0,"errorCode":0,"errorMessage":null,)"
                               R"("clusterId":"the-cluster","controllerId":1,"brokers":[{"brokerId":1,)"))
      << text;
  EXPECT_TRUE(text.ends_with(R"("rack":"east"}],"clusterAuthorizedOperations":8096})")) << text;
}

TEST_F(ClusterTest, FencedBrokersWhenAskedFor) {
  const std::string text = brokers(
      R"({"includeClusterAuthorizedOperations":false,"endpointType":1,"includeFencedBrokers":true})", 2);
  EXPECT_TRUE(text.contains(R"("rack":"east","isFenced":false},{"brokerId":2,)")) << text;
  EXPECT_TRUE(text.ends_with(R"("isFenced":true}],"clusterAuthorizedOperations":-2147483648})")) << text;
}

TEST_F(ClusterTest, ABrokerThatIsNotShownStandsForNoController) {
  EXPECT_TRUE(brokers(R"({"includeClusterAuthorizedOperations":false})", 0, 1)
                  .contains(R"("controllerId":-1,"brokers":[{"brokerId":1,)"));
}

TEST_F(ClusterTest, AskedAtTheWrongDoor) {
  EXPECT_TRUE(
      brokers(R"({"includeClusterAuthorizedOperations":false,"endpointType":2})", 1)
          .contains(R"("errorCode":114,"errorMessage":"The request was sent to an endpoint of type BROKER, )"
                    R"(but we wanted an endpoint of type CONTROLLER","endpointType":1,"clusterId":"",)"));
  EXPECT_TRUE(brokers(R"({"includeClusterAuthorizedOperations":false,"endpointType":3})", 1)
                  .contains(R"("errorCode":115,"errorMessage":"Unsupported endpoint type 3")"));
  EXPECT_TRUE(controllers(R"({"includeClusterAuthorizedOperations":false})", 0, 7)
                  .contains(R"("errorCode":42,"errorMessage":"The request was sent to an endpoint of type )"
                            R"(CONTROLLER, but we wanted an endpoint of type BROKER")"));
}

TEST_F(ClusterTest, Controllers) {
  const std::string request = R"({"includeClusterAuthorizedOperations":false,"endpointType":2})";
  EXPECT_TRUE(controllers(request, 1, 7)
                  .contains(R"("endpointType":2,"clusterId":"the-cluster","controllerId":7,)"
                            R"("brokers":[{"brokerId":7,"host":"quorum","port":9093,"rack":null}])"));
  EXPECT_TRUE(controllers(request, 1, 8).contains(R"("controllerId":-1,)"));
  EXPECT_TRUE(controllers(request, 1, 7, NoAccess()).contains(R"("errorCode":31,)"));
}

TEST_F(ClusterTest, ControllersOfOldLevels) {
  const std::string request = R"({"includeClusterAuthorizedOperations":false,"endpointType":2})";
  Story old;
  story_ = std::move(old);
  EXPECT_TRUE(
      controllers(request, 1, 7)
          .contains(
              R"("errorCode":35,"errorMessage":"There is no finalized MetadataVersion, so direct-to-controller )"
              R"(communication is not supported.")"));
  story_.tell("feature metadata.version 14");
  EXPECT_TRUE(
      controllers(request, 1, 7)
          .contains(
              R"("errorCode":35,"errorMessage":"Direct-to-controller communication is not supported with the )"
              R"(current MetadataVersion.")"));
}

}  // namespace
}  // namespace ottla::metadata
