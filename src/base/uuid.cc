#include "base/uuid.h"

#include <array>
#include <span>

#include "base/base64.h"
#include "base/endian.h"

namespace ottla {

Result<Uuid> Uuid::parse(std::string_view text) {
  constexpr std::size_t kPaddedTextSize = 24;
  if (text.size() > kPaddedTextSize) {
    return Error(Errc::invalid_argument,
                 "\"" + std::string(text.substr(0, kPaddedTextSize)) + "…\" is too long for a base64 UUID");
  }
  OTTLA_TRY(const std::string bytes, base64_decode(text, Base64Alphabet::url));
  if (bytes.size() != 16) {
    return Error(Errc::invalid_argument, "\"" + std::string(text) + "\" holds " +
                                             std::to_string(bytes.size()) + " bytes; a base64 UUID has 16");
  }
  const std::byte* data = std::as_bytes(std::span(bytes)).data();
  return Uuid(load_big_endian<std::uint64_t>(data), load_big_endian<std::uint64_t>(data + 8));
}

std::string Uuid::to_string() const {
  std::array<std::byte, 16> bytes;
  store_big_endian(bytes.data(), high_);
  store_big_endian(bytes.data() + 8, low_);
  return base64_encode(bytes, Base64Alphabet::url, Base64Padding::none);
}

}  // namespace ottla
