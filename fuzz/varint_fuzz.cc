// fuzz: base
//
// Any bytes: what decodes must encode to the very bytes that it was decoded from, since there is one form per
// value; and the answer must not depend on what follows.

#include "base/varint.h"

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "base/invariant.h"

namespace ottla {
namespace {

template <VarintValue T>
void check(std::span<const std::byte> input) {
  const std::byte* begin = input.data();
  const std::byte* end = begin + input.size();
  const DecodedVarint<T> decoded = decode_varint<T>(begin, end);
  if (!decoded.ok()) {
    // More bytes may only ever help what was cut short.
    std::vector<std::byte> longer(input.begin(), input.end());
    const bool truncated = varint_fault<T>(begin, end) == VarintFault::truncated;
    longer.resize(input.size() + kMaxVarintSize<T>, std::byte{1});
    const DecodedVarint<T> again = decode_varint<T>(longer.data(), longer.data() + longer.size());
    OTTLA_INVARIANT(truncated || !again.ok(), "an over-long varint was taken", input.size());
    OTTLA_INVARIANT(!truncated || input.size() < kMaxVarintSize<T>, "a whole varint was called truncated");
    return;
  }
  const auto size = static_cast<std::size_t>(decoded.next - begin);
  std::array<std::byte, kMaxVarintSize<T>> encoded;
  const std::byte* encoded_end = encode_varint(encoded.data(), decoded.value);
  OTTLA_INVARIANT(static_cast<std::size_t>(encoded_end - encoded.data()) == size, "two forms", size);
  OTTLA_INVARIANT(varint_size(decoded.value) == size, "wrong size", size, decoded.value);
  OTTLA_INVARIANT(std::memcmp(encoded.data(), begin, size) == 0, "two forms of one size", size);
  OTTLA_INVARIANT(zigzag(unzigzag(decoded.value)) == decoded.value, "zigzag", decoded.value);
  const DecodedVarint<T> alone = decode_varint<T>(begin, begin + size);
  OTTLA_INVARIANT(alone.value == decoded.value && alone.next == decoded.next, "depends on what follows",
                  size);
}

}  // namespace
}  // namespace ottla

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  ottla::check<std::uint32_t>(input);
  ottla::check<std::uint64_t>(input);
  return 0;
}
