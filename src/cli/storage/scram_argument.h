// The argument of --add-scram: MECHANISM=[name=…,password=…,…].
//
// Errors:  invalid_argument, in the reference's words.
// Secrets: passwords are not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ottla::cli {

struct ScramUserRecord {
  std::string name;
  std::int8_t mechanism = 0;  // as in UserScramCredentialRecord
  std::vector<std::byte> salt;
  std::vector<std::byte> stored_key;
  std::vector<std::byte> server_key;
  std::int32_t iterations = 0;

  // As the metadata log has it.
  std::string encoded() const;
};

// `random` gives 64 bits, for a salt that is not given.
Result<ScramUserRecord> parse_scram(std::string_view argument, const std::function<std::uint64_t()>& random);

}  // namespace ottla::cli
