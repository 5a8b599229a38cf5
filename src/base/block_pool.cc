#include "base/block_pool.h"

#include <new>
#include <utility>

#include "base/block.h"

namespace ottla {
namespace {

#if defined(__has_feature) && __has_feature(address_sanitizer)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

}  // namespace

class BlockPool::PooledBlock final : public Block {
 public:
  static PooledBlock* make(Shelf* shelf, std::size_t capacity) {
    static_assert(sizeof(PooledBlock) <= kHeader);
    void* memory = ::operator new(kHeader + capacity);
    return new (memory) PooledBlock(shelf, capacity);
  }
  static void free(PooledBlock* block) noexcept {
    block->~PooledBlock();
    ::operator delete(static_cast<void*>(block));
  }

  std::byte* data() { return reinterpret_cast<std::byte*>(this) + kHeader; }
  void use_again() { revive(); }

  PooledBlock* next = nullptr;  // while it is idle

 private:
  static constexpr std::size_t kHeader = 48;  // keeps the bytes aligned like malloc's own

  PooledBlock(Shelf* shelf, std::size_t capacity) : Block(capacity, &released), shelf_(shelf) {}
  static void released(Block* block) noexcept;

  Shelf* const shelf_;
};

class BlockPool::Shelf {
 public:
  Shelf(std::size_t block_size, std::size_t most_idle) : block_size_(block_size), most_idle_(most_idle) {}
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;
  ~Shelf() = default;

  std::size_t block_size() const { return block_size_; }
  std::size_t idle() const { return idle_; }

  PooledBlock* take() {
    ++out_;
    if (first_ == nullptr) return PooledBlock::make(this, block_size_);
    PooledBlock* const block = std::exchange(first_, first_->next);
    --idle_;
    block->use_again();
    return block;
  }

  void give_back(PooledBlock* block) noexcept {
    --out_;
    if (kKeeps && !closed_ && idle_ < most_idle_) {
      block->next = std::exchange(first_, block);
      ++idle_;
      return;
    }
    PooledBlock::free(block);
    if (closed_ && out_ == 0) delete this;
  }

  void close() noexcept {
    closed_ = true;
    while (first_ != nullptr) PooledBlock::free(std::exchange(first_, first_->next));
    if (out_ == 0) delete this;
  }

 private:
  const std::size_t block_size_;
  const std::size_t most_idle_;
  PooledBlock* first_ = nullptr;
  std::size_t idle_ = 0;
  std::size_t out_ = 0;  // blocks in use
  bool closed_ = false;  // the pool is gone
};

void BlockPool::PooledBlock::released(Block* block) noexcept {
  auto* const pooled = static_cast<PooledBlock*>(block);
  pooled->shelf_->give_back(pooled);
}

BlockPool::BlockPool(std::size_t block_size, std::size_t most_idle)
    : shelf_(new Shelf(block_size, most_idle)) {}

BlockPool::~BlockPool() {
  shelf_->close();
}

MutableBuffer BlockPool::allocate(std::size_t capacity) {
  const std::size_t size = shelf_->block_size();
  if (capacity > size || capacity <= size / 2) return MutableBuffer::on_heap(capacity);
  PooledBlock* const block = shelf_->take();
  return MutableBuffer(Claim<Block>::adopt(block), {block->data(), size});
}

std::size_t BlockPool::idle() const {
  return shelf_->idle();
}

}  // namespace ottla
