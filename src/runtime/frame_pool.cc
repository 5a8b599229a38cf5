#include "runtime/frame_pool.h"

#include <cstdlib>
#include <new>

namespace ottla {

thread_local constinit FramePool* FramePool::current_ = nullptr;

FramePool::~FramePool() {
  for (const Kept& kept : kept_) {
    for (FreeFrame* frame = kept.first; frame != nullptr;) {
      FreeFrame* next = frame->next;
      std::free(frame);
      frame = next;
    }
  }
}

void* FramePool::allocate_unpooled(std::size_t size) {
  const std::size_t cls = class_of(size);
  void* frame = std::malloc(cls <= kClasses ? cls * kClassSize : size);
  if (frame == nullptr) throw std::bad_alloc();
  return frame;
}

void FramePool::release_unpooled(void* frame, std::size_t) {
  std::free(frame);
}

}  // namespace ottla
