#include "controller/acls.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "metadata/acl.h"

namespace ottla::controller {
namespace {

using metadata::AclOperation;
using metadata::AclPatternType;
using metadata::AclPermission;
using metadata::AclResourceType;

ApiError disabled() {
  return {ErrorCode::security_disabled, "No Authorizer is configured."};
}

bool known(std::int8_t number, std::int8_t last) {
  return number >= 1 && number <= last;
}
bool known(std::int8_t resource, std::int8_t pattern, std::int8_t operation, std::int8_t permission) {
  return known(resource, static_cast<std::int8_t>(AclResourceType::user)) &&
         known(pattern, static_cast<std::int8_t>(AclPatternType::prefixed)) &&
         known(operation, static_cast<std::int8_t>(AclOperation::two_phase_commit)) &&
         known(permission, static_cast<std::int8_t>(AclPermission::allow));
}

template <typename T>
Result<std::span<T>> repeated(std::size_t count, const ApiError& error, Arena& arena) {
  OTTLA_TRY(const protocol::NullableText message, message_text(error, arena));
  OTTLA_TRY(const std::span<T> all, arena.make_span<T>(count));
  for (T& each : all) {
    each.error_code = error.wire_code();
    each.error_message = message;
  }
  return all;
}

}  // namespace

ApiError create_acls(const State&, const protocol::CreateAclsRequest&, Call&, protocol::CreateAclsResponse&) {
  return disabled();
}

ApiError delete_acls(const State&, const protocol::DeleteAclsRequest&, Call&, protocol::DeleteAclsResponse&) {
  return disabled();
}

Result<> refuse_create_acls(const protocol::CreateAclsRequest& request, const ApiError& error, Arena& arena,
                            protocol::CreateAclsResponse& response) {
  using Outcome = protocol::CreateAclsResponse::AclCreationResult;
  OTTLA_TRY(response.results, repeated<Outcome>(request.creations.size(), error, arena));
  return {};
}

Result<> refuse_delete_acls(const protocol::DeleteAclsRequest& request, const ApiError& error, Arena& arena,
                            protocol::DeleteAclsResponse& response) {
  using Outcome = protocol::DeleteAclsResponse::DeleteAclsFilterResult;
  OTTLA_TRY(response.filter_results, repeated<Outcome>(request.filters.size(), error, arena));
  return {};
}

void describe_acls_without_authorizer(protocol::DescribeAclsResponse& response) {
  response.error_code = disabled().wire_code();
  response.error_message = "No Authorizer is configured on the broker";
}

bool has_unknown_elements(const protocol::CreateAclsRequest& request) {
  return !std::ranges::all_of(request.creations, [](const auto& each) {
    return known(each.resource_type, each.resource_pattern_type, each.operation, each.permission_type);
  });
}

bool has_unknown_elements(const protocol::DeleteAclsRequest& request) {
  return !std::ranges::all_of(request.filters, [](const auto& each) {
    return known(each.resource_type_filter, each.pattern_type_filter, each.operation, each.permission_type);
  });
}

bool has_unknown_elements(const protocol::DescribeAclsRequest& request) {
  return !known(request.resource_type_filter, request.pattern_type_filter, request.operation,
                request.permission_type);
}

}  // namespace ottla::controller
