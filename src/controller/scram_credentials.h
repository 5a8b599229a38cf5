// SCRAM credentials of users: how they change.
//
// Errors:  as call.h; of single users in the response, in the reference's words.
// Order:   of the response: credentials that went, those that were set, users for whom something was wrong; each in the
//          order of the request.
// Secrets: salted passwords are turned into keys here, and only these are written.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/alter_user_scram_credentials.h"

namespace ottla::controller {

ApiError alter_user_scram_credentials(const State& state,
                                      const protocol::AlterUserScramCredentialsRequest& request, Call& call,
                                      protocol::AlterUserScramCredentialsResponse& response);

Result<> refuse_alter_user_scram_credentials(const protocol::AlterUserScramCredentialsRequest& request,
                                             const ApiError& error, Arena& arena,
                                             protocol::AlterUserScramCredentialsResponse& response);

}  // namespace ottla::controller
