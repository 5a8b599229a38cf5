#include "base/hex.h"

namespace ottla {
namespace {

int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string hex_encode(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    out += kDigits[static_cast<std::size_t>(byte >> 4)];
    out += kDigits[static_cast<std::size_t>(byte & std::byte{15})];
  }
  return out;
}

Result<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return Error(Errc::invalid_argument, "hexadecimal text of an odd length");
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = value_of(text[i]);
    const int low = value_of(text[i + 1]);
    if (high < 0 || low < 0) {
      return Error(Errc::invalid_argument, "hexadecimal text has a foreign character at index " +
                                               std::to_string(high < 0 ? i : i + 1));
    }
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

}  // namespace ottla
