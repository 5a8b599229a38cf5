#include "base/base64.h"

#include <array>

namespace ottla {
namespace {

constexpr std::string_view kStandardDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> values_of(std::string_view digits) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kStandardValues = values_of(kStandardDigits);
constexpr std::array<std::uint8_t, 256> kUrlValues = values_of(kUrlDigits);

}  // namespace

std::string base64_encode(std::span<const std::byte> bytes, Base64Alphabet alphabet, Base64Padding padding) {
  const std::string_view digits = alphabet == Base64Alphabet::url ? kUrlDigits : kStandardDigits;
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;  // bits not written yet
  for (const std::byte byte : bytes) {
    bits = bits << 8 | static_cast<std::uint32_t>(byte);
    for (held += 8; held >= 6; held -= 6) out += digits[bits >> (held - 6) & 63];
  }
  if (held > 0) out += digits[bits << (6 - held) & 63];
  while (padding == Base64Padding::equals && out.size() % 4 != 0) out += '=';
  return out;
}

Result<std::string> base64_decode(std::string_view text, Base64Alphabet alphabet) {
  const auto& values = alphabet == Base64Alphabet::url ? kUrlValues : kStandardValues;
  std::size_t digits = text.size();
  while (digits > 0 && text[digits - 1] == '=') --digits;
  const std::size_t padding = text.size() - digits;
  if (digits % 4 == 1) return Error(Errc::invalid_argument, "base64 text ends within a byte");
  if (padding != 0 && (digits % 4 == 0 || padding != 4 - digits % 4)) {
    return Error(Errc::invalid_argument, "base64 text has the wrong number of '=' at its end");
  }
  std::string out;
  out.reserve(digits * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;  // bits not written yet
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t value = values[static_cast<unsigned char>(text[i])];
    if (value == kNoDigit) {
      return Error(Errc::invalid_argument,
                   "base64 text has a foreign character at index " + std::to_string(i));
    }
    bits = bits << 6 | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

}  // namespace ottla
