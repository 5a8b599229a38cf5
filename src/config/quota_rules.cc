#include "config/quota_rules.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "config/key.h"

namespace ottla::config {
namespace {

// What a client's arithmetic may have added to a whole number; what it took away is not forgiven.
constexpr double kSlack = 1e-6;

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

Result<> check_whole(const Key& key, double value) {
  const bool small = key.type == Type::int32;
  const double most = small ? std::numeric_limits<std::int32_t>::max()
                            : static_cast<double>(std::numeric_limits<std::int64_t>::max());
  if (value > most) {
    return refused(fmt::format("Proposed value for {} is too large for {} {}.", key.name, small ? "an" : "a",
                               name_of(key.type)));
  }
  if (value - std::floor(value) <= kSlack) return {};
  return refused(fmt::format("{} cannot be a fractional value.", key.name));
}

}  // namespace

Result<> check_quota(Scope scope, std::string_view name, double value) {
  const Key* key = find_key(scope, name);
  if (key == nullptr) return refused(fmt::format("Invalid configuration key {}", name));
  if (!std::isfinite(value)) return refused(fmt::format("Quota {} must be a finite number", name));
  if (value <= 0) return refused(fmt::format("Quota {} must be greater than 0", name));
  return key->type == Type::real ? Result<>() : check_whole(*key, value);
}

}  // namespace ottla::config
