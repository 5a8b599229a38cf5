// 128-bit identifiers of topics, directories and clusters, in the reference's form: 22 characters of URL-safe
// base64 without padding ("ASNFZ4mrze_-3LqYdlQyEA").
//
// Invariants: ordered as the reference's Uuid.compareTo orders: the high half and then the low half, both
//             as signed numbers. The bytes on the wire sort differently.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace ottla {

class Uuid {
 public:
  static constexpr std::size_t kTextSize = 22;

  constexpr Uuid() = default;
  constexpr Uuid(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}
  // Version 4, variant 2 out of 128 random bits, as java.util.UUID.randomUUID sets them. New identifiers
  // come from random_uuid(), which refuses some of these.
  static constexpr Uuid from_random(std::uint64_t high, std::uint64_t low) {
    return Uuid((high & ~std::uint64_t{0xf000}) | 0x4000,
                (low & ~(std::uint64_t{3} << 62)) | std::uint64_t{2} << 62);
  }
  // Takes what the reference takes: 22 characters, or 24 with "==" at the end; the four bits beyond the
  // 128th are ignored.
  static Result<Uuid> parse(std::string_view text);

  constexpr std::uint64_t high() const { return high_; }
  constexpr std::uint64_t low() const { return low_; }
  // ZERO stands for "none", ONE is the metadata topic; no new identifier is either.
  constexpr bool reserved() const { return high_ == 0 && low_ <= 1; }
  constexpr bool is_zero() const { return high_ == 0 && low_ == 0; }
  std::string to_string() const;

  friend constexpr bool operator==(const Uuid& a, const Uuid& b) = default;
  friend constexpr std::strong_ordering operator<=>(const Uuid& a, const Uuid& b) {
    const auto high = static_cast<std::int64_t>(a.high_) <=> static_cast<std::int64_t>(b.high_);
    return high != 0 ? high : static_cast<std::int64_t>(a.low_) <=> static_cast<std::int64_t>(b.low_);
  }

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

inline constexpr Uuid kZeroUuid{};
inline constexpr Uuid kOneUuid{0, 1};
inline constexpr Uuid kMetadataTopicId = kOneUuid;

// A new identifier; `next` returns 64 random bits at each call. Like the reference, draws again when the
// result is reserved or its text begins with '-', which tools would take for a flag.
template <typename Next>
Uuid random_uuid(Next&& next) {
  for (;;) {
    const std::uint64_t high = next();
    const Uuid uuid = Uuid::from_random(high, next());
    constexpr std::uint64_t kDash = 62;  // '-' among the base64 digits; the first one is the top six bits
    if (!uuid.reserved() && uuid.high() >> 58 != kDash) return uuid;
  }
}

}  // namespace ottla

template <>
struct std::hash<ottla::Uuid> {
  std::size_t operator()(const ottla::Uuid& uuid) const noexcept {
    return static_cast<std::size_t>((uuid.high() ^ (uuid.low() * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd >>
                                    7);
  }
};
