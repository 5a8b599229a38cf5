#include "runtime/frame_pool.h"

#include <cstdlib>
#include <new>

#if defined(__has_feature)
  #if __has_feature(address_sanitizer)
    #define OTTLA_RECYCLE_FRAMES 0
  #endif
#endif
#ifndef OTTLA_RECYCLE_FRAMES
  #define OTTLA_RECYCLE_FRAMES 1
#endif

namespace ottla {

FramePool::~FramePool() {
  for (FreeFrame* frame : free_) {
    while (frame != nullptr) {
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

void* FramePool::allocate(std::size_t size) {
  ++live_;
  const std::size_t cls = class_of(size);
  if (OTTLA_RECYCLE_FRAMES && cls <= kClasses) {
    if (FreeFrame* frame = free_[cls]) {
      free_[cls] = frame->next;
      --kept_[cls];
      return frame;
    }
  }
  ++mallocs_;
  return allocate_unpooled(size);
}

void FramePool::release(void* frame, std::size_t size) {
  --live_;
  const std::size_t cls = class_of(size);
  if (OTTLA_RECYCLE_FRAMES && cls <= kClasses && kept_[cls] < kMaxKeptPerClass) {
    free_[cls] = new (frame) FreeFrame{free_[cls]};
    ++kept_[cls];
    return;
  }
  release_unpooled(frame, size);
}

}  // namespace ottla
