#include "base/mutable_buffer.h"

namespace ottla {
namespace {

class HeapBuffers final : public BufferSource {
 public:
  MutableBuffer allocate(std::size_t capacity) override { return MutableBuffer::on_heap(capacity); }
};

}  // namespace

MutableBuffer MutableBuffer::on_heap(std::size_t capacity) {
  Claim<HeapBlock> block = HeapBlock::allocate(capacity);
  std::byte* data = block->data();
  return MutableBuffer(std::move(block), {data, capacity});
}

BufferSource& heap_buffers() {
  static HeapBuffers source;
  return source;
}

}  // namespace ottla
