// Appends that are written together: what came to one log since its last write began.
//
// Lifetime:    a part of a Log; members live in the frames that wait.
// Concurrency: confined to the log's shard.
#pragma once

#include <coroutine>
#include <cstdint>
#include <vector>

#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/shard.h"
#include "runtime/waiter.h"
#include "storage/format/index_entry.h"
#include "storage/log/stored_batch.h"
#include "storage/producer/producer_states.h"

namespace ottla::storage {

struct AppendGroup {
  // One append, or several small ones whose copies lie together.
  struct Part {
    Slice bytes;
    std::uint32_t batches = 0;
    bool staged = false;  // by the tail of the log
  };
  std::vector<Part> parts;
  std::vector<StoredBatch> batches;         // of all parts, in order
  std::vector<AbortedTransaction> aborted;  // whose markers are among them
  ProducerUndo undo;                        // of what producers were said to have written

  bool empty() const { return parts.empty(); }
  Chain bytes() const {
    Chain chain;
    if (parts.size() > Chain::kInlinePieces) chain.reserve(parts.size());
    for (const Part& part : parts) chain.append(part.bytes);
    return chain;
  }
  void clear() {
    parts.clear();
    batches.clear();
    aborted.clear();
    undo.clear();
  }
};

// Waits for the write of a group; may be told instead to carry it out.
class GroupMember final : public Waiter {
 public:
  explicit GroupMember(WaiterList& members) : members_(members) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    handle = waiting;
    priority = Shard::current().priority();
    members_.push_back(*this);
  }
  // True when this one is to write.
  bool await_resume() const { return writes_; }

  void become_writer() {
    writes_ = true;
    Shard::current().schedule(*this);
  }
  void end(const Result<void>& result) {
    result_ = result;
    Shard::current().schedule(*this);
  }
  const Result<void>& result() const { return result_; }

 private:
  WaiterList& members_;
  bool writes_ = false;
  Result<void> result_;
};

}  // namespace ottla::storage
