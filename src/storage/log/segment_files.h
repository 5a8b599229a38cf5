// The open descriptors of a shard's logs, a bounded number of them: a file is opened when somebody uses it, and
// the one that has rested longest is closed when another one needs its place.
//
// Use:         OTTLA_CO_TRY(SegmentFiles::Use file, co_await files.use(slot, path, Opening::read_write));
//              co_await file->append(…);
// Lifetime:    outlives its slots and uses; close() must have ended before it is destroyed. A slot must be empty
//              (forget) before its owner dies, unless the shard was killed.
// Concurrency: confined to its shard.
// Invariants:  1. a file in use is never closed
//              2. open_count() <= limit, unless more than that are in use at once
// Errors:      those of FileSystem::open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/intrusive_list.h"
#include "base/result.h"
#include "runtime/event.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::storage {

class SegmentFiles {
 public:
  enum class Opening : std::uint8_t { existing, or_create };

  // The place of one file, in whoever knows its name. Empty until the first use.
  class Slot : public ListHook<struct RestingFileTag> {
   public:
    Slot() = default;
    bool open() const { return file_ != nullptr; }

   private:
    friend class SegmentFiles;
    std::unique_ptr<File> file_;
    std::uint32_t users_ = 0;
    bool opening_ = false;
  };

  // Keeps the file open while it lives.
  class [[nodiscard]] Use {
   public:
    Use() = default;
    Use(Use&& other) noexcept
        : files_(std::exchange(other.files_, nullptr)), slot_(std::exchange(other.slot_, nullptr)) {}
    Use& operator=(Use&& other) noexcept {
      std::swap(files_, other.files_);
      std::swap(slot_, other.slot_);
      return *this;
    }
    ~Use() { end(); }
    File* operator->() const { return slot_->file_.get(); }
    File& operator*() const { return *slot_->file_; }
    explicit operator bool() const { return slot_ != nullptr; }
    void end() {
      if (slot_ != nullptr && !Shard::current().killed()) files_->end_use(*slot_);
      slot_ = nullptr;
    }

   private:
    friend class SegmentFiles;
    Use(SegmentFiles& files, Slot& slot) : files_(&files), slot_(&slot) {}
    SegmentFiles* files_ = nullptr;
    Slot* slot_ = nullptr;
  };

  SegmentFiles(FileSystem& file_system, std::size_t limit) : file_system_(file_system), limit_(limit) {}
  SegmentFiles(const SegmentFiles&) = delete;
  SegmentFiles& operator=(const SegmentFiles&) = delete;

  // Empty when the file would have to be opened first.
  Use try_use(Slot& slot) { return slot.open() ? begin_use(slot) : Use(); }
  Task<Result<Use>> use(Slot& slot, std::string path, Opening opening);
  // Closes the slot's file, behind the caller's back: who has ranges of it keeps them. Nobody may be using it.
  void forget(Slot& slot);
  // Waits until all that was forgotten or pushed out is closed. Uses that come later open files again.
  Task<void> settle();
  // Closes every file that rests, and no more are opened. All slots must be at rest.
  Task<void> close();

  FileSystem& file_system() { return file_system_; }
  std::size_t open_count() const { return open_count_; }
  std::size_t limit() const { return limit_; }
  std::uint64_t opens() const { return opens_; }

 private:
  Use begin_use(Slot& slot) {
    if (slot.users_++ == 0) slot.unlink();
    return Use(*this, slot);
  }
  void end_use(Slot& slot) {
    OTTLA_INVARIANT(slot.users_ > 0, "a file was given back more often than it was taken");
    if (--slot.users_ == 0) resting_.push_back(slot);
  }
  void make_room();
  void close_file(std::unique_ptr<File> file);
  Task<void> closing(std::unique_ptr<File> file);

  FileSystem& file_system_;
  const std::size_t limit_;
  std::size_t open_count_ = 0;  // with those that are being opened
  std::uint64_t opens_ = 0;
  std::size_t closing_count_ = 0;
  IntrusiveList<Slot, RestingFileTag> resting_;  // open and unused, the longest first
  Event opened_;                                 // woken when an opening ends, however it ends
  Event settled_;
  TaskGroup closing_;
};

}  // namespace ottla::storage
