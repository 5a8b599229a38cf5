#include "server/request_checks.h"

#include <gtest/gtest.h>

#include "protocol/messages/create_acls.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/describe_acls.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;
using protocol::CreateAclsRequest;
using protocol::DeleteAclsRequest;
using protocol::DescribeAclsRequest;

TEST(RequestChecks, AccessRulesAreAskedForByKindsThatAreKnown) {
  const DescribeAclsRequest good = {
      .resource_type_filter = 1, .pattern_type_filter = 1, .operation = 1, .permission_type = 1};
  EXPECT_TRUE(check_request(ApiKey::describe_acls, &good).ok());
  for (auto field : {&DescribeAclsRequest::resource_type_filter, &DescribeAclsRequest::pattern_type_filter,
                     &DescribeAclsRequest::operation, &DescribeAclsRequest::permission_type}) {
    DescribeAclsRequest request = good;
    request.*field = 0;
    EXPECT_EQ(check_request(ApiKey::describe_acls, &request).error(), Errc::malformed);
    request.*field = 99;
    EXPECT_TRUE(check_request(ApiKey::describe_acls, &request).ok());
  }
}

TEST(RequestChecks, EveryAccessRuleOfARequestIsLookedAt) {
  using Rule = CreateAclsRequest::AclCreation;
  const Rule good = {.resource_type = 2, .resource_pattern_type = 3, .operation = 3, .permission_type = 3};
  for (auto field :
       {&Rule::resource_type, &Rule::resource_pattern_type, &Rule::operation, &Rule::permission_type}) {
    Rule rules[] = {good, good};
    const CreateAclsRequest request = {.creations = rules};
    EXPECT_TRUE(check_request(ApiKey::create_acls, &request).ok());
    rules[1].*field = 0;
    EXPECT_EQ(check_request(ApiKey::create_acls, &request).error(), Errc::malformed);
  }
  using Filter = DeleteAclsRequest::DeleteAclsFilter;
  Filter filters[] = {
      {.resource_type_filter = 1, .pattern_type_filter = 1, .operation = 1, .permission_type = 1},
      {.resource_type_filter = 1, .pattern_type_filter = 1, .operation = 1, .permission_type = 1}};
  const DeleteAclsRequest request = {.filters = filters};
  EXPECT_TRUE(check_request(ApiKey::delete_acls, &request).ok());
  filters[1].permission_type = 0;
  EXPECT_EQ(check_request(ApiKey::delete_acls, &request).error(), Errc::malformed);
}

}  // namespace
}  // namespace ottla::server
