#include "protocol/sequence.h"

#include <span>
#include <string_view>

#include "base/invariant.h"
#include "protocol/decoder.h"
#include "protocol/schema.h"

namespace ottla::protocol {

const std::byte* read_element(const std::byte* at, const std::byte* end, bool flexible,
                              std::string_view& out) {
  static constexpr FieldInfo kText = {.name = "element", .offset = 0, .kind = Kind::string};
  Decoder decoder(std::span(at, end), 0, flexible, nullptr);
  const bool read = decoder.read_leaf(kText, Kind::string, reinterpret_cast<std::byte*>(&out));
  OTTLA_INVARIANT(read, "an element that was checked cannot be read");
  return decoder.at();
}

}  // namespace ottla::protocol
