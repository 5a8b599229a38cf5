#include "runtime/tls/record_pool.h"

#include <new>
#include <utility>

namespace ottla {

RecordBlock::RecordBlock(std::shared_ptr<RecordPool> home, std::size_t size_class, std::size_t capacity)
    : Block(capacity, &come_home), home_(std::move(home)), size_class_(size_class) {
  static_assert(sizeof(RecordBlock) <= kHeader);
}

void RecordBlock::destroy(RecordBlock* block) noexcept {
  block->~RecordBlock();
  ::operator delete(block);
}

void RecordBlock::come_home(Block* returned) noexcept {
  auto* block = static_cast<RecordBlock*>(returned);
  // The pool may have been waiting for this block only: it goes when `home` does.
  const std::shared_ptr<RecordPool> home = std::move(block->home_);
  RecordPool::Kept& kept = home->kept_[block->size_class_];
  if (kept.count == RecordPool::kMaxKept) {
    destroy(block);
    return;
  }
  block->next_kept_ = kept.first;
  kept.first = block;
  ++kept.count;
}

Claim<RecordBlock> RecordPool::take(Size size) {
  const auto size_class = static_cast<std::size_t>(size);
  Kept& kept = kept_[size_class];
  if (kept.first != nullptr) {
    RecordBlock* block = kept.first;
    kept.first = std::exchange(block->next_kept_, nullptr);
    --kept.count;
    block->home_ = shared_from_this();
    block->revive();
    return Claim<RecordBlock>::adopt(block);
  }
  const std::size_t capacity = kCapacity[size_class];
  void* memory = ::operator new(RecordBlock::kHeader + capacity);
  return Claim<RecordBlock>::adopt(new (memory) RecordBlock(shared_from_this(), size_class, capacity));
}

RecordPool::~RecordPool() {
  for (Kept& kept : kept_) {
    while (kept.first != nullptr) RecordBlock::destroy(std::exchange(kept.first, kept.first->next_kept_));
  }
}

}  // namespace ottla
