// What values a key accepts beyond its type, as data. check_value() in config/value_check.h applies it.
//
// Lifetime: constants; lists of words are string literals.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace ottla::config {

struct Validator {
  enum class Kind : std::uint8_t {
    none,
    range,
    word,              // one of `words`
    word_in_any_case,  // the same, upper or lower case
    list,              // of `words`, or of anything when there are none
    non_empty,         // null is fine
    non_null,
    gzip_level,          // 1 to 9, or -1
    throttled_replicas,  // PARTITION:BROKER,… or *
    offset_reset,        // latest, earliest or by_duration:…
    quorum_voters,       // ID@HOST:PORT,…
    quorum_bootstrap,    // HOST:PORT,…
  };

  Kind kind = Kind::none;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::string_view words = {};  // separated by ", "
  bool empty_allowed = false;
  bool null_allowed = false;
};

inline constexpr Validator kAny{};
inline constexpr Validator kNonEmpty{.kind = Validator::Kind::non_empty};
inline constexpr Validator kNonNull{.kind = Validator::Kind::non_null};
inline constexpr Validator kGzipLevel{.kind = Validator::Kind::gzip_level};
inline constexpr Validator kThrottledReplicas{.kind = Validator::Kind::throttled_replicas};
inline constexpr Validator kOffsetReset{.kind = Validator::Kind::offset_reset};
inline constexpr Validator kQuorumVoters{.kind = Validator::Kind::quorum_voters};
inline constexpr Validator kQuorumBootstrap{.kind = Validator::Kind::quorum_bootstrap};
// Lists whose elements differ and are not empty.
inline constexpr Validator kList{.kind = Validator::Kind::list, .empty_allowed = true};
inline constexpr Validator kFilledList{.kind = Validator::Kind::list};
inline constexpr Validator kListOrNull{
    .kind = Validator::Kind::list, .empty_allowed = true, .null_allowed = true};
inline constexpr Validator kFilledListOrNull{.kind = Validator::Kind::list, .null_allowed = true};

constexpr Validator at_least(double least) {
  return {.kind = Validator::Kind::range, .least = least};
}
constexpr Validator between(double least, double most) {
  return {.kind = Validator::Kind::range, .least = least, .most = most};
}
constexpr Validator one_of(std::string_view words) {
  return {.kind = Validator::Kind::word, .words = words};
}
constexpr Validator one_of_in_any_case(std::string_view words) {
  return {.kind = Validator::Kind::word_in_any_case, .words = words};
}
constexpr Validator list_of(std::string_view words) {
  return {.kind = Validator::Kind::list, .words = words, .empty_allowed = true};
}
constexpr Validator filled_list_of(std::string_view words) {
  return {.kind = Validator::Kind::list, .words = words};
}

}  // namespace ottla::config
