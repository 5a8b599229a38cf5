#include "base/slice.h"

namespace ottla {

Slice Slice::copy_of(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  Claim<HeapBlock> block = HeapBlock::allocate(bytes.size());
  std::byte* data = block->data();
  std::memcpy(data, bytes.data(), bytes.size());
  return Slice(std::move(block), {data, bytes.size()});
}

Slice Slice::copy_of(std::string_view text) {
  return copy_of(std::as_bytes(std::span(text)));
}

}  // namespace ottla
