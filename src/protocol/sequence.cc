#include "protocol/sequence.h"

#include <string_view>

#include "base/invariant.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

const std::byte* read_element(const std::byte* at, const std::byte* end, bool flexible,
                              std::string_view& out) {
  static constexpr FieldInfo kText = {.name = "element", .offset = 0, .kind = Kind::string};
  WireReader reader({at, end}, 0, flexible, nullptr, nullptr);
  const bool read = reader.read_leaf(kText, Kind::string, reinterpret_cast<std::byte*>(&out));
  OTTLA_INVARIANT(read, "an element that was checked cannot be read");
  return reader.at();
}

}  // namespace ottla::protocol
