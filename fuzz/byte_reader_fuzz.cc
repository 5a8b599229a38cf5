// fuzz: base
//
// The input is both a list of reads (one byte each, from the front) and the bytes that they read (all of it).
// A reader over a slice and one over a span must agree, never leave their bytes, and stand still on a fault.

#include "base/byte_reader.h"

#include <optional>
#include <span>
#include <string>

#include "base/hex.h"
#include "base/invariant.h"

namespace ottla {
namespace {

std::string shown(bool value) {
  return value ? "true" : "false";
}
std::string shown(double value) {
  return std::to_string(std::bit_cast<std::uint64_t>(value));
}
std::string shown(const Uuid& uuid) {
  return uuid.to_string();
}
std::string shown(std::string_view text) {
  return std::string(text);
}
std::string shown(std::span<const std::byte> bytes) {
  return hex_encode(bytes);
}
std::string shown(std::integral auto value) {
  return std::to_string(value);
}

template <typename T>
std::optional<std::string> outcome(Result<T> result) {
  if (!result.ok()) {
    OTTLA_INVARIANT(result.error() == Errc::truncated || result.error() == Errc::malformed, "a foreign error",
                    result.error());
    return {};
  }
  return shown(*result);
}

// One read; nothing when it was refused.
std::optional<std::string> read(ByteReader& reader, unsigned what, std::size_t length) {
  switch (what % 16) {
    case 0:
      return outcome(reader.read_i8());
    case 1:
      return outcome(reader.read_i16());
    case 2:
      return outcome(reader.read_i32());
    case 3:
      return outcome(reader.read_i64());
    case 4:
      return outcome(reader.read_bool());
    case 5:
      return outcome(reader.read_f64());
    case 6:
      return outcome(reader.read_uuid());
    case 7:
      return outcome(reader.read_unsigned_varint());
    case 8:
      return outcome(reader.read_varint());
    case 9:
      return outcome(reader.read_unsigned_varlong());
    case 10:
      return outcome(reader.read_varlong());
    case 11:
      return outcome(reader.read_bytes(length));
    case 12:
      return outcome(reader.read_string_view(length));
    case 13:
      return outcome(reader.read_count(1 + length));
    case 14:
      return outcome(reader.read_compact_count(1 + length));
    default: {
      Result<ByteReader> inner = reader.read_reader(length);
      if (!inner.ok()) return {};
      OTTLA_INVARIANT(inner->remaining() == length, "an inner reader of another size", length);
      return outcome(inner->read_i16());
    }
  }
}

void check(std::span<const std::byte> input) {
  ByteReader over_slice(Slice::copy_of(input));
  ByteReader over_span(input);
  for (const std::byte step : input) {
    const auto what = static_cast<unsigned>(step);
    const std::size_t length = what / 16 == 15 ? SIZE_MAX - 1 : what / 16;
    const std::size_t before = over_slice.position();
    const std::optional<std::string> first = read(over_slice, what, length);
    const std::optional<std::string> second = read(over_span, what, length);
    OTTLA_INVARIANT(first == second, "slice and span differ", what, before);
    OTTLA_INVARIANT(over_slice.position() == over_span.position(), "slice and span stand apart", what,
                    before);
    OTTLA_INVARIANT(over_slice.position() + over_slice.remaining() == input.size(), "bytes got lost", before);
    OTTLA_INVARIANT(first || what % 16 == 15 || over_slice.position() == before, "moved on a fault", what,
                    before);
    if (!first && !over_slice.skip(1).ok()) return;
    if (!first) static_cast<void>(over_span.skip(1));
  }
}

}  // namespace
}  // namespace ottla

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ottla::check(std::as_bytes(std::span(data, size)));
  return 0;
}
