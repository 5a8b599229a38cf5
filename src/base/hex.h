// Bytes as lower-case hexadecimal text and back.
//
// Errors: invalid_argument for an odd length or a foreign character; both cases of digits are read.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ottla {

std::string hex_encode(std::span<const std::byte> bytes);
Result<std::string> hex_decode(std::string_view text);

}  // namespace ottla
