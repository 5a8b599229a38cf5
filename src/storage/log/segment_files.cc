#include "storage/log/segment_files.h"

namespace ottla::storage {

Task<Result<SegmentFiles::Use>> SegmentFiles::use(Slot& slot, std::string path, Opening opening) {
  while (!slot.open()) {
    if (slot.opening_) {
      (void)co_await opened_.wait();
      continue;
    }
    slot.opening_ = true;
    make_room();
    ++open_count_;
    ++opens_;
    Result<std::unique_ptr<File>> file = co_await file_system_.open(
        std::move(path), opening == Opening::existing ? kReadWrite : kOpenOrCreate);
    slot.opening_ = false;
    opened_.wake_all();
    if (!file.ok()) {
      --open_count_;
      co_return std::move(file).error();
    }
    slot.file_ = std::move(*file);
    co_return begin_use(slot);
  }
  co_return begin_use(slot);
}

void SegmentFiles::make_room() {
  while (open_count_ >= limit_ && !resting_.empty()) forget(resting_.front());
}

void SegmentFiles::forget(Slot& slot) {
  if (!slot.open()) return;
  OTTLA_INVARIANT(slot.users_ == 0, "a file that is in use was forgotten", slot.users_);
  slot.unlink();
  --open_count_;
  close_file(std::move(slot.file_));
}

void SegmentFiles::close_file(std::unique_ptr<File> file) {
  ++closing_count_;
  closing_.spawn(closing(std::move(file)));
}

Task<void> SegmentFiles::closing(std::unique_ptr<File> file) {
  co_await file->close();
  file.reset();
  if (--closing_count_ == 0) settled_.wake_all();
}

Task<void> SegmentFiles::settle() {
  while (closing_count_ > 0) (void)co_await settled_.wait();
}

Task<void> SegmentFiles::close() {
  while (!resting_.empty()) forget(resting_.front());
  co_await closing_.wait();
}

}  // namespace ottla::storage
