// Recycles coroutine frames: one free list a size class, one pool a shard.
//
// Concurrency: confined to the shard's thread.
// Lifetime:    a frame may be returned to another pool than it came from (every block is a plain malloc block
//              of its class's size), so frames may outlive the pool that made them.
// Sanitizers:  ASan builds recycle nothing, so that a use after destruction is seen.
// Speed:       all of the common path is inline: a frame's size is known where its coroutine is compiled, so
//              that its class folds into a constant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace ottla {

class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool();

  // The pool of the shard whose work is running now, or null.
  static FramePool* current_or_null() { return current_; }
  static void set_current(FramePool* pool) { current_ = pool; }

  void* allocate(std::size_t size) {
    ++live_;
    const std::size_t cls = class_of(size);
    if (cls <= kClasses) [[likely]] {
      Kept& kept = kept_[cls];
      if (FreeFrame* frame = kept.first) [[likely]] {
        kept.first = frame->next;
        --kept.count;
        return frame;
      }
    }
    ++mallocs_;
    return allocate_unpooled(size);
  }
  void release(void* frame, std::size_t size) {
    --live_;
    const std::size_t cls = class_of(size);
    if (kRecycle && cls <= kClasses) [[likely]] {
      Kept& kept = kept_[cls];
      if (kept.count < kMaxKeptPerClass) [[likely]] {
        kept.first = new (frame) FreeFrame{kept.first};
        ++kept.count;
        return;
      }
    }
    release_unpooled(frame, size);
  }

  // Frames that exist now, and mallocs made so far: the proof of a clean stop and of a warm steady state.
  std::int64_t live() const { return live_; }
  std::uint64_t mallocs() const { return mallocs_; }

  // For frames made where no shard runs (set-up code before the loop starts).
  static void* allocate_unpooled(std::size_t size);
  static void release_unpooled(void* frame, std::size_t size);

 private:
#if defined(__has_feature) && __has_feature(address_sanitizer)
  static constexpr bool kRecycle = false;
#else
  static constexpr bool kRecycle = true;
#endif
  static constexpr std::size_t kClassSize = 64;
  static constexpr std::size_t kClasses = 64;  // frames up to 4 KiB are recycled
  static constexpr std::uint32_t kMaxKeptPerClass = 1024;

  struct FreeFrame {
    FreeFrame* next;
  };
  struct Kept {
    FreeFrame* first = nullptr;
    std::uint32_t count = 0;
  };
  static std::size_t class_of(std::size_t size) { return (size + kClassSize - 1) / kClassSize; }

  // Where nothing runs this is null; set by Shard::Scope alone.
  [[gnu::tls_model("initial-exec")]] static thread_local constinit FramePool* current_;

  std::array<Kept, kClasses + 1> kept_{};
  std::int64_t live_ = 0;
  std::uint64_t mallocs_ = 0;
};

}  // namespace ottla
