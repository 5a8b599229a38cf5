#include "server/request_checks.h"

#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "protocol/messages/create_acls.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/describe_acls.h"

namespace ottla::server {
namespace {

using protocol::ApiKey;
using protocol::CreateAclsRequest;
using protocol::DeleteAclsRequest;
using protocol::DescribeAclsRequest;

// In the place of each kind of an access rule. Numbers that are not known at all are left to whoever keeps rules.
constexpr std::int8_t kUnknown = 0;

Result<> check(bool known) {
  if (known) return {};
  return Error(Errc::malformed, "an access rule of an unknown kind");
}

template <typename Filter>
bool is_known_filter(const Filter& filter) {
  return filter.resource_type_filter != kUnknown && filter.pattern_type_filter != kUnknown &&
         filter.operation != kUnknown && filter.permission_type != kUnknown;
}

bool is_known_rule(const CreateAclsRequest::AclCreation& rule) {
  return rule.resource_type != kUnknown && rule.resource_pattern_type != kUnknown &&
         rule.operation != kUnknown && rule.permission_type != kUnknown;
}

}  // namespace

Result<> check_request(ApiKey key, const void* request) {
  switch (key) {
    case ApiKey::describe_acls:
      return check(is_known_filter(*static_cast<const DescribeAclsRequest*>(request)));
    case ApiKey::create_acls:
      return check(
          std::ranges::all_of(static_cast<const CreateAclsRequest*>(request)->creations, is_known_rule));
    case ApiKey::delete_acls:
      return check(std::ranges::all_of(static_cast<const DeleteAclsRequest*>(request)->filters,
                                       is_known_filter<DeleteAclsRequest::DeleteAclsFilter>));
    default:
      return {};
  }
}

}  // namespace ottla::server
