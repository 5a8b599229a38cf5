// Access rules, where no authorizer is configured: nobody could say what they mean.
//
// Errors: as call.h; per rule and filter in the responses.
// Notes:  a request that names a kind of resource, pattern, operation or permission that nobody knows cannot be read
//         (has_unknown_elements()): the reference hangs up on it.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/create_acls.h"
#include "protocol/messages/delete_acls.h"
#include "protocol/messages/describe_acls.h"

namespace ottla::controller {

ApiError create_acls(const State& state, const protocol::CreateAclsRequest& request, Call& call,
                     protocol::CreateAclsResponse& response);
ApiError delete_acls(const State& state, const protocol::DeleteAclsRequest& request, Call& call,
                     protocol::DeleteAclsResponse& response);

Result<> refuse_create_acls(const protocol::CreateAclsRequest& request, const ApiError& error, Arena& arena,
                            protocol::CreateAclsResponse& response);
Result<> refuse_delete_acls(const protocol::DeleteAclsRequest& request, const ApiError& error, Arena& arena,
                            protocol::DeleteAclsResponse& response);

// Brokers and controllers answer it themselves.
void describe_acls_without_authorizer(protocol::DescribeAclsResponse& response);

bool has_unknown_elements(const protocol::CreateAclsRequest& request);
bool has_unknown_elements(const protocol::DeleteAclsRequest& request);
bool has_unknown_elements(const protocol::DescribeAclsRequest& request);

}  // namespace ottla::controller
