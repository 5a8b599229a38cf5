#include "base/byte_writer.h"

namespace ottla {

ByteWriter ByteWriter::exact(std::size_t size, BufferSource& source) {
  ByteWriter writer(source);
  writer.exact_ = true;
  if (size == 0) return writer;
  // A pool may give more than was asked for, but the window has the very size.
  MutableBuffer block = source.allocate(size);
  writer.buffer_ = MutableBuffer(block.owner(), block.spare().first(size));
  return writer;
}

void ByteWriter::write_bytes(std::span<const std::byte> bytes) {
  const std::size_t fitted = buffer_.append(bytes);
  if (fitted == bytes.size()) return;
  const std::span<const std::byte> rest = bytes.subspan(fitted);
  grow(rest.size());
  buffer_.append(rest);
}

Chain ByteWriter::finish() && {
  OTTLA_INVARIANT(!exact_ || buffer_.spare().empty(), "an exact writer was left with room",
                  buffer_.spare().size(), size());
  seal();
  buffer_ = MutableBuffer();
  return std::move(sealed_);
}

void ByteWriter::grow(std::size_t count) {
  OTTLA_INVARIANT(!exact_, "an exact writer was overrun", count, buffer_.spare().size(), size());
  seal();
  buffer_ = source_->allocate(std::max(count, next_block_));
  next_block_ = std::min(next_block_ * 2, std::max(kLargestBlock, next_block_));
}

}  // namespace ottla
