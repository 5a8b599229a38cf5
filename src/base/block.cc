#include "base/block.h"

#include <new>

namespace ottla {

Claim<HeapBlock> HeapBlock::allocate(std::size_t capacity) {
  static_assert(sizeof(HeapBlock) <= kHeader);
  void* memory = ::operator new(kHeader + capacity);
  return Claim<HeapBlock>::adopt(new (memory) HeapBlock(capacity));
}

void HeapBlock::free_block(Block* block) noexcept {
  static_cast<HeapBlock*>(block)->~HeapBlock();
  ::operator delete(static_cast<void*>(block));
}

}  // namespace ottla
