#include "controller/delegation_tokens.h"

#include <cstdint>
#include <string_view>

namespace ottla::controller {
namespace {

using protocol::CreateDelegationTokenRequest;
using protocol::CreateDelegationTokenResponse;

constexpr ErrorCode kNotHere = ErrorCode::delegation_token_request_not_allowed;
constexpr ErrorCode kDisabled = ErrorCode::delegation_token_auth_disabled;
constexpr std::int64_t kNever = -1;
constexpr std::int16_t kNamesRequester = 3;
// What a refusal names, whoever asked.
constexpr std::string_view kNobodyType = "User";
constexpr std::string_view kNobodyName = "ANONYMOUS";

// TYPE:NAME, or the owner that the request names.
struct Principal {
  explicit Principal(std::string_view text)
      : type(text.substr(0, text.find(':'))),
        name(text.contains(':') ? text.substr(text.find(':') + 1) : std::string_view()) {}

  std::string_view type;
  std::string_view name;
};

Result<> name_principals(const CreateDelegationTokenRequest& request, std::int16_t version,
                         std::string_view principal, Arena& arena, CreateDelegationTokenResponse& response) {
  OTTLA_TRY(const std::string_view text, arena.copy(principal));
  const Principal requester(text);
  if (version >= kNamesRequester) {
    response.token_requester_principal_type = requester.type;
    response.token_requester_principal_name = requester.name;
  }
  const bool for_another = !request.owner_principal_name.value_or("").empty();
  response.principal_type = for_another ? request.owner_principal_type.value_or("") : requester.type;
  response.principal_name = for_another ? *request.owner_principal_name : requester.name;
  return {};
}

template <typename Response>
void refuse(ErrorCode error, Response& response) {
  response.error_code = static_cast<std::int16_t>(error);
  response.expiry_timestamp_ms = kNever;
}

void refuse(ErrorCode error, CreateDelegationTokenResponse& response) {
  response.error_code = static_cast<std::int16_t>(error);
  response.issue_timestamp_ms = kNever;
  response.expiry_timestamp_ms = kNever;
  response.max_timestamp_ms = kNever;
}

// What has come through a broker has been judged there; what has not came past all who could say who is there.
template <typename Response>
void answer(const Asked& asked, Response& response) {
  if (asked.forwarded) {
    response.error_code = static_cast<std::int16_t>(kDisabled);
  } else {
    refuse(kNotHere, response);
  }
}

}  // namespace

ApiError create_delegation_token(const State&, const CreateDelegationTokenRequest& request, Call& call,
                                 CreateDelegationTokenResponse& response) {
  const Result<> named =
      name_principals(request, call.asked.version, call.asked.principal, call.arena, response);
  if (!named.ok()) return named.error();
  answer(call.asked, response);
  return {};
}

ApiError renew_delegation_token(const State&, const protocol::RenewDelegationTokenRequest&, Call& call,
                                protocol::RenewDelegationTokenResponse& response) {
  answer(call.asked, response);
  return {};
}

ApiError expire_delegation_token(const State&, const protocol::ExpireDelegationTokenRequest&, Call& call,
                                 protocol::ExpireDelegationTokenResponse& response) {
  answer(call.asked, response);
  return {};
}

Result<> refuse_create_delegation_token(const CreateDelegationTokenRequest&, std::int16_t version,
                                        const ApiError& error, Arena&,
                                        CreateDelegationTokenResponse& response) {
  response.principal_type = kNobodyType;
  response.principal_name = kNobodyName;
  if (version >= kNamesRequester) {
    response.token_requester_principal_type = kNobodyType;
    response.token_requester_principal_name = kNobodyName;
  }
  refuse(error.code, response);
  return {};
}

Result<> refuse_renew_delegation_token(const protocol::RenewDelegationTokenRequest&, const ApiError& error,
                                       Arena&, protocol::RenewDelegationTokenResponse& response) {
  response.error_code = error.wire_code();
  return {};
}

Result<> refuse_expire_delegation_token(const protocol::ExpireDelegationTokenRequest&, const ApiError& error,
                                        Arena&, protocol::ExpireDelegationTokenResponse& response) {
  response.error_code = error.wire_code();
  return {};
}

Result<> refuse_token_on_plaintext(const CreateDelegationTokenRequest& request, std::int16_t version,
                                   std::string_view principal, Arena& arena,
                                   CreateDelegationTokenResponse& response) {
  OTTLA_CHECK(name_principals(request, version, principal, arena, response));
  refuse(kNotHere, response);
  return {};
}

void refuse_tokens_on_plaintext(protocol::RenewDelegationTokenResponse& response) {
  refuse(kNotHere, response);
}

void refuse_tokens_on_plaintext(protocol::ExpireDelegationTokenResponse& response) {
  refuse(kNotHere, response);
}

void refuse_tokens_on_plaintext(protocol::DescribeDelegationTokenResponse& response) {
  response.error_code = static_cast<std::int16_t>(kNotHere);
}

}  // namespace ottla::controller
