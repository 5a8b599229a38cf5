#include "test/protocol/golden/frame.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace ottla::golden {

void give_up(std::string_view why) {
  fmt::print(stderr, "protocol-golden: {}\n0 passed, 1 failed\n", why);
  std::exit(1);
}

Question& Question::number(std::uint64_t value, unsigned size) {
  for (unsigned i = size; i-- > 0;) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  return *this;
}

Question& Question::bytes(ByteView value) {
  int32(static_cast<std::int32_t>(value.size()));
  bytes_.append(reinterpret_cast<const char*>(value.data()), value.size());
  return *this;
}

std::string_view Answer::take(std::size_t size) {
  if (bytes_.size() - at_ < size) give_up("an answer of the reference's end is too short");
  const std::string_view part = std::string_view(bytes_).substr(at_, size);
  at_ += size;
  return part;
}

std::uint64_t Answer::number(std::size_t size) {
  std::uint64_t value = 0;
  for (const char c : take(size)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

ByteView Answer::bytes() {
  return as_view(text());
}

std::string_view Answer::text() {
  const std::int32_t size = int32();
  if (size < 0) give_up("an answer of the reference's end has a negative length");
  return take(static_cast<std::size_t>(size));
}

}  // namespace ottla::golden
