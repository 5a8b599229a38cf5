// SCRAM credentials (RFC 5802): what a server keeps of a password, so that it can check it and cannot tell it.
//
// Concurrency: pure.
// Errors:      invalid_argument for an empty password, as in the reference.
// Secrets:     the caller's; what is made on the way is not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ottla::security {

enum class ScramHash : std::uint8_t { sha_256, sha_512 };

inline constexpr std::int32_t kLeastScramIterations = 4096;
inline constexpr std::int32_t kMostScramIterations = 16384;

struct ScramKeys {
  std::vector<std::byte> stored_key;
  std::vector<std::byte> server_key;
};

// Hi() of the RFC.
Result<std::vector<std::byte>> salted_password(ScramHash hash, std::string_view password,
                                               std::span<const std::byte> salt, std::int32_t iterations);
Result<ScramKeys> scram_keys(ScramHash hash, std::span<const std::byte> salted_password);

}  // namespace ottla::security
