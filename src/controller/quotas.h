// Quotas of users, client ids and addresses: how they change.
//
// Errors: as call.h; of single entities in the response, in the reference's words.
// Order:  of the response that of the request, each entity once.
// Notes:  an address may be a host's name there, which the reference looks up; here it must have the form of one.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/alter_client_quotas.h"

namespace ottla::controller {

ApiError alter_client_quotas(const State& state, const protocol::AlterClientQuotasRequest& request,
                             Call& call, protocol::AlterClientQuotasResponse& response);

Result<> refuse_alter_client_quotas(const protocol::AlterClientQuotasRequest& request, const ApiError& error,
                                    Arena& arena, protocol::AlterClientQuotasResponse& response);

}  // namespace ottla::controller
