// Follows the transactions of a log while its batches are read in order: which data is of an aborted transaction, and
// which markers may go.
//
// Only what lies below the last stable offset is cleaned, so that every transaction seen here has been decided, and the
// indexes name those that were aborted. A marker is needed as long as data of its transaction is in the log.
//
// Use:         add_aborted(of the segment's range);  on_data_batch() / on_control_batch() for each batch
// Lifetime:    of one reading of the log, from its first segment on.
// Concurrency: confined to whoever cleans.
// Use with:    batches of magic 2 whose last offset is known to exist.
// Invariants:  a transaction that still has data, if only as an empty batch, or had some when this reading came by, is
//              among retained()
// Errors:      malformed and truncated, for control records that cannot be read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <span>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "storage/format/index_entry.h"

namespace ottla::storage {

class CleanedTransactions {
 public:
  // Those that the index has for a range that will be read next: whose markers lie in it or behind it. The same one
  // may come again with the next range.
  void add_aborted(std::span<const AbortedTransaction> transactions);

  // Whether its records are of an aborted transaction.
  bool on_data_batch(const record::BatchView& batch);
  // Whether the marker is needed no more: no data of its transaction was seen, or it was cleaned before and is empty.
  Result<bool> on_control_batch(const record::BatchView& batch);

  // Aborted transactions whose markers came by since the last call, and that readers still have to know.
  std::vector<AbortedTransaction> take_retained();

 private:
  struct Later {
    bool operator()(const AbortedTransaction& a, const AbortedTransaction& b) const {
      return a.first_offset > b.first_offset;
    }
  };
  struct Ongoing {
    AbortedTransaction transaction;
    bool has_data = false;
  };
  void begin_up_to(Offset offset);

  std::priority_queue<AbortedTransaction, std::vector<AbortedTransaction>, Later> to_come_;
  std::map<std::int64_t, Ongoing> aborted_;  // by producer
  std::set<std::int64_t> committed_;         // producers
  std::vector<AbortedTransaction> retained_;
};

}  // namespace ottla::storage
