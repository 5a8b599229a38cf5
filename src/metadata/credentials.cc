#include "metadata/credentials.h"

#include <fmt/format.h>

#include <tuple>

#include "base/error.h"

namespace ottla::metadata {
namespace {

std::vector<std::byte> bytes_of(const protocol::Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

Result<std::string> principal_of(std::string_view text) {
  if (text.contains(':')) return std::string(text);
  return Error(Errc::invalid_argument,
               fmt::format("expected a string in format principalType:principalName but got {}", text));
}

auto all_of(const ScramCredential& credential) {
  return std::tie(credential.salt, credential.stored_key, credential.server_key, credential.iterations);
}
auto all_of(const DelegationToken& token) {
  return std::tie(token.id, token.owner, token.requester, token.renewers, token.issued_ms, token.most_ms,
                  token.expires_ms);
}

}  // namespace

std::string_view name_of(ScramMechanism mechanism) {
  switch (mechanism) {
    case ScramMechanism::unknown:
      return "UNKNOWN";
    case ScramMechanism::sha_256:
      return "SCRAM-SHA-256";
    case ScramMechanism::sha_512:
      return "SCRAM-SHA-512";
  }
  return "";
}

Ref<const ScramCredential> ScramCredential::from(const protocol::UserScramCredentialRecord& record) {
  Ref<ScramCredential> credential = make_ref<ScramCredential>();
  credential->salt = bytes_of(record.salt);
  credential->stored_key = bytes_of(record.stored_key);
  credential->server_key = bytes_of(record.server_key);
  credential->iterations = record.iterations;
  return credential;
}

bool operator==(const ScramCredential& a, const ScramCredential& b) {
  return all_of(a) == all_of(b);
}

Result<Ref<const DelegationToken>> DelegationToken::from(const protocol::DelegationTokenRecord& record) {
  Ref<DelegationToken> token = make_ref<DelegationToken>();
  token->id = record.token_id;
  for (const std::string_view each : record.renewers) {
    OTTLA_TRY(std::string renewer, principal_of(each));
    token->renewers.push_back(std::move(renewer));
  }
  OTTLA_TRY(token->owner, principal_of(record.owner));
  OTTLA_TRY(token->requester, principal_of(record.requester));
  token->issued_ms = record.issue_timestamp;
  token->most_ms = record.max_timestamp;
  token->expires_ms = record.expiration_timestamp;
  return Ref<const DelegationToken>(std::move(token));
}

bool operator==(const DelegationToken& a, const DelegationToken& b) {
  return all_of(a) == all_of(b);
}

}  // namespace ottla::metadata
