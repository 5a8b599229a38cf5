// What users prove themselves with: SCRAM credentials and delegation tokens.
//
// Concurrency: constant once an image holds them.
// Secrets:     never printed but where a caller asks for them; a token's own secret is computed, not kept.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/counted.h"
#include "base/result.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::metadata {

enum class ScramMechanism : std::int8_t { unknown, sha_256, sha_512 };

// `unknown` for numbers that mean nothing.
constexpr ScramMechanism scram_mechanism_of(std::int8_t number) {
  return number == 1 || number == 2 ? static_cast<ScramMechanism>(number) : ScramMechanism::unknown;
}
// SCRAM-SHA-256
std::string_view name_of(ScramMechanism mechanism);

// A user may have one credential for each mechanism.
struct ScramUser {
  ScramMechanism mechanism = ScramMechanism::unknown;
  std::string name;

  friend auto operator<=>(const ScramUser&, const ScramUser&) = default;
};

struct ScramCredential : Counted {
  static Ref<const ScramCredential> from(const protocol::UserScramCredentialRecord& record);

  std::vector<std::byte> salt;
  std::vector<std::byte> stored_key;
  std::vector<std::byte> server_key;
  std::int32_t iterations = 0;

  friend bool operator==(const ScramCredential& a, const ScramCredential& b);
};

// Principals are TYPE:NAME.
struct DelegationToken : Counted {
  static Result<Ref<const DelegationToken>> from(const protocol::DelegationTokenRecord& record);

  std::string id;
  std::string owner;
  std::string requester;
  std::vector<std::string> renewers;
  std::int64_t issued_ms = 0;
  std::int64_t most_ms = 0;  // until when it may be renewed
  std::int64_t expires_ms = 0;

  friend bool operator==(const DelegationToken& a, const DelegationToken& b);
};

}  // namespace ottla::metadata
