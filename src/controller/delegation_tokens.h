// Delegation tokens, where no secret key is configured: there are none, and none can be made.
//
// Errors: as call.h.
// Notes:  over a connection that does not say who is there, tokens may not even be asked for; a broker that passes a
//         request on has judged that already.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/create_delegation_token.h"
#include "protocol/messages/describe_delegation_token.h"
#include "protocol/messages/expire_delegation_token.h"
#include "protocol/messages/renew_delegation_token.h"

namespace ottla::controller {

ApiError create_delegation_token(const State& state, const protocol::CreateDelegationTokenRequest& request,
                                 Call& call, protocol::CreateDelegationTokenResponse& response);
ApiError renew_delegation_token(const State& state, const protocol::RenewDelegationTokenRequest& request,
                                Call& call, protocol::RenewDelegationTokenResponse& response);
ApiError expire_delegation_token(const State& state, const protocol::ExpireDelegationTokenRequest& request,
                                 Call& call, protocol::ExpireDelegationTokenResponse& response);

Result<> refuse_create_delegation_token(const protocol::CreateDelegationTokenRequest& request,
                                        std::int16_t version, const ApiError& error, Arena& arena,
                                        protocol::CreateDelegationTokenResponse& response);
Result<> refuse_renew_delegation_token(const protocol::RenewDelegationTokenRequest& request,
                                       const ApiError& error, Arena& arena,
                                       protocol::RenewDelegationTokenResponse& response);
Result<> refuse_expire_delegation_token(const protocol::ExpireDelegationTokenRequest& request,
                                        const ApiError& error, Arena& arena,
                                        protocol::ExpireDelegationTokenResponse& response);

// What a broker on a plaintext listener answers itself.
// `principal` is TYPE:NAME of whoever asks.
Result<> refuse_token_on_plaintext(const protocol::CreateDelegationTokenRequest& request,
                                   std::int16_t version, std::string_view principal, Arena& arena,
                                   protocol::CreateDelegationTokenResponse& response);
void refuse_tokens_on_plaintext(protocol::RenewDelegationTokenResponse& response);
void refuse_tokens_on_plaintext(protocol::ExpireDelegationTokenResponse& response);
void refuse_tokens_on_plaintext(protocol::DescribeDelegationTokenResponse& response);

}  // namespace ottla::controller
