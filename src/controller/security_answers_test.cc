// What is answered about access rules and delegation tokens while neither is configured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "controller/acls.h"
#include "controller/api_table.h"
#include "controller/delegation_tokens.h"
#include "controller/testing/conversation.h"
#include "protocol/codec.h"

namespace ottla::controller {
namespace {

using protocol::CreateAclsRequest;
using protocol::CreateAclsResponse;
using protocol::CreateDelegationTokenRequest;
using protocol::CreateDelegationTokenResponse;
using protocol::DeleteAclsRequest;
using protocol::DeleteAclsResponse;
using protocol::ExpireDelegationTokenRequest;
using protocol::ExpireDelegationTokenResponse;
using protocol::RenewDelegationTokenRequest;
using protocol::RenewDelegationTokenResponse;
using testing::Conversation;

TEST(AclsTest, EachRuleIsRefused) {
  Conversation talk;
  const std::string rule =
      R"({"resourceType":2,"resourceName":"a","resourcePatternType":3,"principal":"User:a",)"
      R"("host":"*","operation":3,"permissionType":3})";
  EXPECT_EQ(
      (talk.ask<CreateAclsRequest, CreateAclsResponse>(R"({"creations":[)" + rule + "," + rule + "]}")),
      R"({"throttleTimeMs":0,"results":[{"errorCode":54,"errorMessage":"No Authorizer is configured."},)"
      R"({"errorCode":54,"errorMessage":"No Authorizer is configured."}]})");
  EXPECT_EQ((talk.ask<CreateAclsRequest, CreateAclsResponse>(R"({"creations":[]})")),
            R"({"throttleTimeMs":0,"results":[]})");
  EXPECT_EQ(
      (talk.ask<DeleteAclsRequest, DeleteAclsResponse>(
          R"({"filters":[{"resourceTypeFilter":2,"resourceNameFilter":null,"patternTypeFilter":1,)"
          R"("principalFilter":null,"hostFilter":null,"operation":1,"permissionType":1}]})")),
      R"({"throttleTimeMs":0,"filterResults":[{"errorCode":54,"errorMessage":"No Authorizer is configured.",)"
      R"("matchingAcls":[]}]})");
}

TEST(AclsTest, Describing) {
  protocol::DescribeAclsResponse response;
  describe_acls_without_authorizer(response);
  EXPECT_EQ(
      protocol::to_json(response, 3),
      R"({"throttleTimeMs":0,"errorCode":54,"errorMessage":"No Authorizer is configured on the broker",)"
      R"("resources":[]})");
}

TEST(AclsTest, UnknownElements) {
  protocol::DescribeAclsRequest filter;
  filter.resource_type_filter = 2;
  filter.pattern_type_filter = 1;
  filter.operation = 1;
  filter.permission_type = 1;
  EXPECT_FALSE(has_unknown_elements(filter));
  filter.resource_type_filter = 0;
  EXPECT_TRUE(has_unknown_elements(filter));
  filter.resource_type_filter = 7;
  EXPECT_FALSE(has_unknown_elements(filter));
  filter.resource_type_filter = 8;
  EXPECT_TRUE(has_unknown_elements(filter));
  filter.resource_type_filter = 2;
  filter.operation = 16;
  EXPECT_TRUE(has_unknown_elements(filter));
  EXPECT_FALSE(has_unknown_elements(CreateAclsRequest()));
}

TEST(DelegationTokensTest, NotOverAConnectionThatSaysNotWhoIsThere) {
  Conversation talk;
  EXPECT_EQ(
      (talk.ask<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(
          R"({"ownerPrincipalType":"User","ownerPrincipalName":"bob","renewers":[],"maxLifetimeMs":-1})", 3)),
      R"({"errorCode":64,"principalType":"User","principalName":"bob","tokenRequesterPrincipalType":"User",)"
      R"("tokenRequesterPrincipalName":"ANONYMOUS","issueTimestampMs":-1,"expiryTimestampMs":-1,)"
      R"("maxTimestampMs":-1,"tokenId":"","hmac":"","throttleTimeMs":0})");
  EXPECT_EQ((talk.ask<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(
                R"({"renewers":[],"maxLifetimeMs":-1})", 1)),
            R"({"errorCode":64,"principalType":"User","principalName":"ANONYMOUS","issueTimestampMs":-1,)"
            R"("expiryTimestampMs":-1,"maxTimestampMs":-1,"tokenId":"","hmac":"","throttleTimeMs":0})");
  EXPECT_EQ((talk.ask<RenewDelegationTokenRequest, RenewDelegationTokenResponse>(
                R"({"hmac":"AAAA","renewPeriodMs":-1})")),
            R"({"errorCode":64,"expiryTimestampMs":-1,"throttleTimeMs":0})");
  EXPECT_EQ((talk.ask<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>(
                R"({"hmac":"AAAA","expiryTimePeriodMs":-1})")),
            R"({"errorCode":64,"expiryTimestampMs":-1,"throttleTimeMs":0})");
}

TEST(DelegationTokensTest, RefusalsNameNobodyInTheVersionsThatHaveRoomForIt) {
  const ControllerApi& api = *find_controller_api(protocol::ApiKey::create_delegation_token);
  Budget budget("tokens", 1 << 20);
  Arena arena(budget);
  const CreateDelegationTokenRequest request;
  for (const std::int16_t version : std::initializer_list<std::int16_t>{1, 2, 3}) {
    CreateDelegationTokenResponse response;
    ASSERT_TRUE(api.refuse(&request, version, ErrorCode::not_controller, arena, &response).ok());
    const std::string named = protocol::to_json(response, version);
    EXPECT_EQ(
        named.contains(R"("tokenRequesterPrincipalType":"User","tokenRequesterPrincipalName":"ANONYMOUS")"),
        version == 3)
        << named;
    EXPECT_TRUE(named.contains(R"("errorCode":41,"principalType":"User","principalName":"ANONYMOUS")"))
        << named;
    const protocol::Encodable part(response, version);
    EXPECT_TRUE(protocol::encode(std::span(&part, 1), protocol::Prefix::none).ok()) << version;
  }
}

TEST(DelegationTokensTest, ThroughABroker) {
  Conversation talk;
  talk.cluster().forward(true);
  EXPECT_EQ(
      (talk.ask<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(
          R"({"ownerPrincipalType":null,"ownerPrincipalName":null,"renewers":[],"maxLifetimeMs":-1})", 3)),
      R"({"errorCode":61,"principalType":"User","principalName":"ANONYMOUS","tokenRequesterPrincipalType":)"
      R"("User","tokenRequesterPrincipalName":"ANONYMOUS","issueTimestampMs":0,"expiryTimestampMs":0,)"
      R"("maxTimestampMs":0,"tokenId":"","hmac":"","throttleTimeMs":0})");
  EXPECT_EQ((talk.ask<RenewDelegationTokenRequest, RenewDelegationTokenResponse>(
                R"({"hmac":"AAAA","renewPeriodMs":-1})")),
            R"({"errorCode":61,"expiryTimestampMs":0,"throttleTimeMs":0})");
}

TEST(DelegationTokensTest, OnABrokersPlaintextListener) {
  Budget budget("tokens", 1 << 20);
  Arena arena(budget);
  CreateDelegationTokenResponse created;
  ASSERT_TRUE(
      refuse_token_on_plaintext(CreateDelegationTokenRequest(), 3, "User:ANONYMOUS", arena, created).ok());
  EXPECT_THAT(protocol::to_json(created, 3),
              ::testing::StartsWith(R"({"errorCode":64,"principalType":"User",)"
                                    R"("principalName":"ANONYMOUS")"));
  protocol::DescribeDelegationTokenResponse described;
  refuse_tokens_on_plaintext(described);
  EXPECT_EQ(protocol::to_json(described, 3), R"({"errorCode":64,"tokens":[],"throttleTimeMs":0})");
}

}  // namespace
}  // namespace ottla::controller
