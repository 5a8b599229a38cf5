// Base64 (RFC 4648), both alphabets, with the leniency of java.util.Base64's decoders.
//
// Invariants: decode(encode(x)) == x for every alphabet and padding.
// Errors:     invalid_argument; the text says which character, or that the end is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ottla {

enum class Base64Alphabet : std::uint8_t {
  standard,  // + and /
  url,       // - and _
};
enum class Base64Padding : std::uint8_t { none, equals };

std::string base64_encode(std::span<const std::byte> bytes, Base64Alphabet alphabet, Base64Padding padding);

// Padding may be there in full or be missing; leftover bits of the last character are ignored.
Result<std::string> base64_decode(std::string_view text, Base64Alphabet alphabet);

}  // namespace ottla
