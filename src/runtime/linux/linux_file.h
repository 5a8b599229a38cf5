// A file of the real disk.
//
// Writes and everything else that changes the file go through one queue (write_queue.h), reads past it.
#pragma once

#include <memory>

#include "runtime/event.h"
#include "runtime/file.h"
#include "runtime/gate.h"
#include "runtime/linux/file_sync.h"
#include "runtime/linux/open_file.h"
#include "runtime/linux/write_queue.h"

namespace ottla {

class LinuxFile final : public File {
 public:
  // Takes over `opened`, whose size is `size`.
  LinuxFile(OpenFile opened, std::uint64_t size);
  ~LinuxFile() override;

  std::uint64_t size() const override { return writes_.size(); }
  Task<Result<std::uint64_t>> append(Chain chain) override;
  Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override;
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override;
  Task<Result<void>> sync() override;
  Task<Result<void>> truncate(std::uint64_t size) override;
  Task<Result<void>> preallocate(std::uint64_t size) override;
  bool would_block(std::uint64_t offset, std::uint64_t length) override;
  Task<Result<void>> warm(std::uint64_t offset, std::uint64_t length) override;
  Range range(std::uint64_t offset, std::uint64_t length) override;
  Task<Result<std::unique_ptr<Mapping>>> map(std::uint64_t size) override;
  Task<void> close() override;

 private:
  class Source;

  // A pass for an operation that changes the file.
  Result<Gate::Pass> enter_to_write();
  Result<void> check_end(std::uint64_t offset, std::uint64_t length) const;

  OpenFile file_;
  WriteQueue writes_;
  FileSync sync_;
  Gate gate_;                 // operations under way
  Event ranges_back_;         // set when the source was given back for good
  Source* source_ = nullptr;  // made with the first range; this file holds one claim
  bool closed_ = false;
};

}  // namespace ottla
