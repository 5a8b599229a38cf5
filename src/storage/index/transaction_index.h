// The aborted transactions whose last offset lies in a segment. The file exists only when there is one.
//
// Lifetime, concurrency and errors: index_file.h.
// Invariants:  last offsets grow from entry to entry
// Format:      docs/format/index.md; 34 bytes: version 0, producer id, first, last and last stable offset
#pragma once

#include <cstdint>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/format/index_entry.h"
#include "storage/index/index_file.h"

namespace ottla::storage {

class TransactionIndex {
 public:
  static constexpr std::size_t kEntrySize = AbortedTransaction::kSize;

  TransactionIndex(const LogTools& tools, const SegmentName& name)
      : name_(name), file_(tools, name, FileKind::transaction_index, kEntrySize) {}

  // No file is an empty index. Corrupt when the file cannot be this segment's index.
  Task<Result<void>> load();
  // There is no file: the directory says so.
  void start_empty() { file_.start_empty(); }
  bool loaded() const { return file_.loaded(); }
  std::uint32_t count() const { return file_.count(); }

  void append(const AbortedTransaction& transaction);
  // Adds to `out` what a reader of [from, end) has to know. True when no later segment can have more.
  Task<Result<bool>> collect(Offset from, Offset end, std::vector<AbortedTransaction>& out);
  Task<Result<AbortedTransaction>> entry(std::uint32_t number);
  // Forgets transactions that ended at `offset` or beyond.
  Task<Result<void>> truncate_to(Offset offset);

  IndexFile& file() { return file_; }

 private:
  const SegmentName& name_;
  IndexFile file_;
};

}  // namespace ottla::storage
