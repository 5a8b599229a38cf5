#include "server/observation/counted_errors.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "protocol/api.h"
#include "protocol/messages/assign_replicas_to_dirs.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/unregister_broker.h"
#include "protocol/messages/update_features.h"

namespace ottla::server {
namespace {

using protocol::Array;

template <protocol::Message Response>
std::string counted(const Response& response, std::int16_t version) {
  const protocol::ApiInfo& api = *protocol::find_api(Response::message().key);
  std::string codes;
  CountedErrors(api, version).each(&response, [&](std::int16_t code) {
    codes += (codes.empty() ? "" : " ") + std::to_string(code);
  });
  return codes;
}

TEST(CountedErrors, AreThoseOfTheAnswerAndOfEachThingInIt) {
  using Topic = protocol::FetchResponse::FetchableTopicResponse;
  using Partition = protocol::FetchResponse::PartitionData;
  const Partition first[] = {{.error_code = 3}, {.error_code = 0}};
  const Partition second[] = {{.error_code = 6}};
  const Topic topics[] = {{.partitions = Array<Partition>(first)}, {.partitions = Array<Partition>(second)}};
  EXPECT_EQ(counted(protocol::FetchResponse{.error_code = 70, .responses = Array<Topic>(topics)}, 12),
            "70 3 0 6");
}

TEST(CountedErrors, OfAnAnswerAsAWholeAreCountedInVersionsThatDoNotCarryThem) {
  EXPECT_EQ(counted(protocol::FetchResponse{}, 4), "0");
  EXPECT_EQ(counted(protocol::DescribeLogDirsResponse{}, 1), "0");
  EXPECT_EQ(counted(protocol::ProduceResponse{}, 9), "");
}

TEST(CountedErrors, OfMetadataAreThoseOfTopicsAndPartitions) {
  using Topic = protocol::MetadataResponse::MetadataResponseTopic;
  using Partition = protocol::MetadataResponse::MetadataResponsePartition;
  const Partition partitions[] = {{.error_code = 5}, {.error_code = 0}};
  const Topic topics[] = {{.error_code = 3, .partitions = Array<Partition>(partitions)}};
  EXPECT_EQ(counted(protocol::MetadataResponse{.topics = Array<Topic>(topics), .error_code = 31}, 13),
            "3 5 0");
}

TEST(CountedErrors, SuccessIsNotAlwaysOne) {
  EXPECT_EQ(counted(protocol::UnregisterBrokerResponse{}, 0), "");
  EXPECT_EQ(counted(protocol::UnregisterBrokerResponse{.error_code = 102}, 0), "102");
}

TEST(CountedErrors, OfUpdateFeaturesAreThoseThatItsVersionCarries) {
  using One = protocol::UpdateFeaturesResponse::UpdatableFeatureResult;
  const One results[] = {{.error_code = 95}};
  const protocol::UpdateFeaturesResponse response{.error_code = 42, .results = Array<One>(results)};
  EXPECT_EQ(counted(response, 1), "42 95");
  EXPECT_EQ(counted(response, 2), "42");
}

TEST(CountedErrors, SomeThatLieDeeperAreNotCounted) {
  using Directory = protocol::AssignReplicasToDirsResponse::DirectoryData;
  using Topic = protocol::AssignReplicasToDirsResponse::TopicData;
  using Partition = protocol::AssignReplicasToDirsResponse::PartitionData;
  const Partition partitions[] = {{.error_code = 6}};
  const Topic topics[] = {{.partitions = Array<Partition>(partitions)}};
  const Directory directories[] = {{.topics = Array<Topic>(topics)}};
  EXPECT_EQ(counted(protocol::AssignReplicasToDirsResponse{.directories = Array<Directory>(directories)}, 0),
            "0");

  using Filter = protocol::DeleteAclsResponse::DeleteAclsFilterResult;
  using Acl = protocol::DeleteAclsResponse::DeleteAclsMatchingAcl;
  const Acl acls[] = {{.error_code = 31}};
  const Filter filters[] = {{.error_code = 54, .matching_acls = Array<Acl>(acls)}};
  EXPECT_EQ(counted(protocol::DeleteAclsResponse{.filter_results = Array<Filter>(filters)}, 3), "54");
}

}  // namespace
}  // namespace ottla::server
