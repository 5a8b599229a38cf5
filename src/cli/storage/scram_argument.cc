#include "cli/storage/scram_argument.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/text_lines.h"
#include "config/java_numbers.h"
#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"
#include "security/scram_keys.h"

namespace ottla::cli {
namespace {

struct Mechanism {
  std::string_view name;
  std::string_view constant;  // as the reference's messages call it
  std::int8_t number;
  security::ScramHash hash;
};
constexpr Mechanism kMechanisms[] = {
    {"SCRAM-SHA-256", "SCRAM_SHA_256", 1, security::ScramHash::sha_256},
    {"SCRAM-SHA-512", "SCRAM_SHA_512", 2, security::ScramHash::sha_512},
};

constexpr std::size_t kSaltDigits = 26;

Error failure(std::string text) {
  return {Errc::invalid_argument, std::move(text)};
}

using Parts = std::map<std::string, std::string, std::less<>>;

Result<Parts> parse_parts(std::string_view text) {
  Parts parts;
  // Commas at the end separate nothing.
  const bool is_empty = text.empty();
  while (text.ends_with(',')) text.remove_suffix(1);
  if (text.empty() && !is_empty) return parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return failure(fmt::format("No equals sign found in SCRAM component: {}", part));
    }
    std::string_view value = part.substr(equals + 1);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    parts.insert_or_assign(std::string(part.substr(0, equals)), std::string(value));
  }
  return parts;
}

std::optional<std::string> take(Parts& parts, std::string_view name) {
  const auto found = parts.find(name);
  if (found == parts.end()) return std::nullopt;
  std::string value = std::move(found->second);
  parts.erase(found);
  return value;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Result<std::vector<std::byte>> decode(std::string_view what, const std::string& text) {
  const Result<std::string> bytes = base64_decode(text, Base64Alphabet::standard);
  if (!bytes.ok()) return failure(fmt::format("Failed to decode given {}: {}", what, text));
  return bytes_of(*bytes);
}

// Text, as the reference's own: 130 random bits in base 36.
std::vector<std::byte> random_salt(const std::function<std::uint64_t()>& random) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string salt;
  while (salt.size() < kSaltDigits) {
    for (std::uint64_t bits = random(); bits != 0 && salt.size() < kSaltDigits; bits >>= 6U) {
      if ((bits & 63U) < kDigits.size()) salt += kDigits[bits & 63U];
    }
  }
  return bytes_of(salt);
}

struct Given {
  std::string name;
  std::optional<std::vector<std::byte>> salt;
  std::optional<std::int32_t> iterations;
  std::optional<std::string> password;
  std::optional<std::vector<std::byte>> salted;
};

Result<> take_secret(Parts& parts, Given& given) {
  given.password = take(parts, "password");
  const auto salted = take(parts, "saltedpassword");
  if (given.password) return {};
  if (!salted) return failure("You must supply one of 'password' or 'saltedpassword' to add-scram");
  if (!given.salt) return failure("You must supply 'salt' with 'saltedpassword' to add-scram");
  OTTLA_TRY(given.salted, decode("saltedPassword", *salted));
  return {};
}

Result<Given> understand(Parts parts) {
  Given given;
  const auto name = take(parts, "name");
  if (!name) return failure("You must supply 'name' to add-scram");
  given.name = *name;
  if (const auto salt = take(parts, "salt")) {
    OTTLA_TRY(given.salt, decode("salt", *salt));
  }
  if (const auto iterations = take(parts, "iterations")) {
    given.iterations = parse_int32(*iterations);
    if (!given.iterations) return failure(fmt::format("Failed to parse iterations count: {}", *iterations));
  }
  OTTLA_CHECK(take_secret(parts, given));
  if (parts.empty()) return given;
  std::vector<std::string> unknown;
  for (const auto& [key, value] : parts) unknown.push_back(key);
  return failure(fmt::format("Unknown SCRAM configurations: {}", fmt::join(unknown, ", ")));
}

Result<> check_iterations(const Mechanism& mechanism, std::int32_t iterations) {
  const auto bound = [&](std::string_view sign, std::int32_t limit) {
    return failure(fmt::format("The 'iterations' value must be {} {} for add-scram using {}", sign, limit,
                               mechanism.constant));
  };
  if (iterations < security::kLeastScramIterations) return bound(">=", security::kLeastScramIterations);
  if (iterations > security::kMostScramIterations) return bound("<=", security::kMostScramIterations);
  return {};
}

struct Split {
  const Mechanism* mechanism;
  std::string_view parts;
};
Result<Split> split(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) {
    return failure(fmt::format("Failed to find equals sign in SCRAM argument '{}'", argument));
  }
  const std::string_view name = argument.substr(0, equals);
  const std::string_view parts = argument.substr(equals + 1);
  const auto mechanism = std::ranges::find(kMechanisms, name, &Mechanism::name);
  if (mechanism == std::end(kMechanisms)) {
    return failure(fmt::format("The add-scram mechanism {} is not supported.", name));
  }
  if (!parts.starts_with('[')) return failure("Expected configuration string to start with [");
  if (!parts.ends_with(']')) return failure("Expected configuration string to end with ]");
  return Split{.mechanism = mechanism, .parts = parts.substr(1, parts.size() - 2)};
}

}  // namespace

std::string ScramUserRecord::encoded() const {
  protocol::UserScramCredentialRecord record;
  record.name = name;
  record.mechanism = mechanism;
  record.salt = salt;
  record.stored_key = stored_key;
  record.server_key = server_key;
  record.iterations = iterations;
  const Result<Chain> bytes = protocol::encode_metadata_record(record, 0);
  OTTLA_INVARIANT(bytes.ok(), "a credential cannot be encoded", name);
  return std::string(bytes->flatten().as_string_view());
}

Result<ScramUserRecord> parse_scram(std::string_view argument, const std::function<std::uint64_t()>& random) {
  OTTLA_TRY(const Split said, split(config::java_trimmed(argument)));
  OTTLA_TRY(Parts parts, parse_parts(said.parts));
  OTTLA_TRY(Given given, understand(std::move(parts)));
  ScramUserRecord record{.name = std::move(given.name),
                         .mechanism = said.mechanism->number,
                         .salt = given.salt ? *std::move(given.salt) : random_salt(random),
                         .stored_key = {},
                         .server_key = {},
                         .iterations = given.iterations.value_or(security::kLeastScramIterations)};
  OTTLA_CHECK(check_iterations(*said.mechanism, record.iterations));
  if (!given.salted) {
    OTTLA_TRY(given.salted, security::salted_password(said.mechanism->hash, *given.password, record.salt,
                                                      record.iterations));
  }
  OTTLA_TRY(security::ScramKeys keys, security::scram_keys(said.mechanism->hash, *given.salted));
  record.stored_key = std::move(keys.stored_key);
  record.server_key = std::move(keys.server_key);
  return record;
}

}  // namespace ottla::cli
