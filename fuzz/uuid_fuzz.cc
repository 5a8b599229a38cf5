// fuzz: base
//
// Any text: what parses as a UUID must print as a text that parses to the same, and the first 16 bytes taken as
// a UUID must survive both ways. Base64 of any bytes must decode to them.

#include "base/uuid.h"

#include <span>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/invariant.h"

namespace ottla {
namespace {

void check(std::string_view input) {
  const Result<Uuid> parsed = Uuid::parse(input);
  if (parsed.ok()) {
    const std::string text = parsed->to_string();
    OTTLA_INVARIANT(text.size() == Uuid::kTextSize, "text of another size", input, text);
    OTTLA_INVARIANT(Uuid::parse(text).value() == *parsed, "text that parses to another", input, text);
    OTTLA_INVARIANT(input.substr(0, Uuid::kTextSize - 1) == text.substr(0, Uuid::kTextSize - 1),
                    "only the last digit may differ", input, text);
  }
  const std::span<const std::byte> bytes = std::as_bytes(std::span(input));
  ByteReader reader(bytes);
  if (const Result<Uuid> uuid = reader.read_uuid(); uuid.ok()) {
    OTTLA_INVARIANT(Uuid::parse(uuid->to_string()).value() == *uuid, "printed and lost", uuid->to_string());
  }
  for (const auto alphabet : {Base64Alphabet::standard, Base64Alphabet::url}) {
    const std::string encoded = base64_encode(bytes, alphabet, Base64Padding::equals);
    OTTLA_INVARIANT(base64_decode(encoded, alphabet).value() == input, "base64 lost bytes", encoded);
    static_cast<void>(base64_decode(input, alphabet));
  }
  OTTLA_INVARIANT(hex_decode(hex_encode(bytes)).value() == input, "hexadecimal lost bytes");
  static_cast<void>(hex_decode(input));
}

}  // namespace
}  // namespace ottla

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ottla::check(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
