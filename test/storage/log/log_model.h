// What one log must hold, as a list of batches in memory: what of it a crash may take, and what compaction may.
//
// Lifetime:    outlives the processes whose log it judges.
// Concurrency: confined to the world's one thread. A copy judges for itself.
// Invariants:  1. batches() rise in their offsets
//              2. what was answered is in the page cache at least, what lies below durable_end() on the disk: the first
//                 survives a process, the second a machine
//              3. behind settled(), batches may have been refused, and may lie earlier than they are said to
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/offset.h"
#include "storage/format/index_entry.h"
#include "storage/format/producer_snapshot.h"
#include "storage/leader_epochs.h"
#include "storage/producer/producer_states.h"
#include "test/storage/log/fingerprint.h"

namespace ottla::storage {

struct ModelRecord {
  std::string key;
  std::optional<std::string> value;
};

struct ModelBatch {
  enum class Kind : std::uint8_t { plain, in_transaction, commit, abort };

  Offset base;
  Offset last;
  std::int64_t timestamp = 0;
  std::int32_t epoch = 0;
  std::string bytes;
  // Of its producer, if it has one.
  std::int64_t producer = -1;
  std::int32_t last_sequence = -1;
  Kind kind = Kind::plain;
  bool answered = false;
  bool refused = false;
  // Since when a cleaning may have seen it; its horizon counts from then.
  std::optional<std::int64_t> cleanable_since = {};
  std::vector<ModelRecord> records = {};  // of one that may be compacted

  bool is_marker() const { return kind == Kind::commit || kind == Kind::abort; }
  // Whether these bytes are the same batch, at whatever offset.
  bool same_but_offset(std::string_view other) const {
    return other.substr(8) == std::string_view(bytes).substr(8);
  }
  void move_to(Offset to);
};

class LogModel {
 public:
  enum class Death : std::uint8_t { none, process, machine };

  const std::vector<ModelBatch>& batches() const { return batches_; }
  // Where the next batch goes.
  Offset next() const { return next_; }
  std::size_t settled() const { return settled_; }

  // --- What is done -----------------------------------------------------------------------------------------
  // A number by which the batch is answered or refused.
  std::size_t attempt(ModelBatch batch);
  void answer(std::size_t number, Offset base);
  void refuse(std::size_t number) { batches_[number].refused = true; }
  // Nothing is under way any more, and of what was refused nothing is there. False when batches overlap.
  bool settle();
  void flushed(Offset end);
  // From the beginning of a truncation on its batches may be gone; from its end on they must be.
  void truncation_begins(Offset offset);
  void truncation_ends(Offset offset);
  // The same for all of them; the log goes on at `offset`.
  void restart_begins(Offset offset) {
    truncation_begins(Offset(0));
    next_ = std::max(next_, offset);
  }
  void restart_ends(Offset offset);
  // What lies below may be cleaned from now on.
  void committed(Offset end, std::int64_t now_millis);
  // What lies below was cleaned.
  void cleaned(Offset end) { clean_end_ = std::max(clean_end_, end); }
  Offset committed_end() const { return committed_end_; }
  Offset clean_end() const { return clean_end_; }

  // --- After a death ----------------------------------------------------------------------------------------
  bool must_stand(const ModelBatch& batch, Death death) const;
  // All by which that is judged.
  void print(Fingerprint& into) const;
  // The log begins and ends there: of the batches, those before the end are left, and behind settled() these.
  void came_back(Offset start, Offset end, const std::map<std::size_t, Offset>& unsettled);

  // --- What follows from the batches ------------------------------------------------------------------------
  // Of the batch that holds the offset, or the next one.
  std::size_t index_of(Offset offset) const;
  std::vector<AbortedTransaction> aborted_in(Offset from, Offset end) const;
  // As if the log ended at `end`.
  std::optional<Offset> open_transaction_of(std::int64_t producer, Offset end = Offset::max()) const;
  // `end`, if none is open there.
  Offset first_open_transaction(Offset end) const;
  // Batches of it were lost or cut off: what was cleaned before may have been the last ones that are left.
  bool lost_batches(std::int64_t producer) const { return producers_cut_.contains(producer); }
  // The last batch that it wrote with a sequence; null when there is none.
  const ModelBatch* last_of(std::int64_t producer) const;
  std::int32_t next_sequence(std::int64_t producer) const;
  // What a log with all batches knows of producers, by their ids.
  std::vector<ProducerSnapshotEntry> producers() const;
  // What the leader epochs have to be, of a log that begins there.
  LeaderEpochs epochs(Offset log_start) const;

 private:
  void pop();

  std::vector<ModelBatch> batches_;
  Offset next_;
  std::size_t settled_ = 0;
  Offset durable_end_;
  Offset cut_from_ = Offset::max();  // by a truncation that has not ended
  Offset committed_end_;
  Offset clean_end_;
  std::set<std::int64_t> producers_cut_;
};

std::vector<ProducerSnapshotEntry> entries_of(const ProducerStates& producers);

// What compaction may take, and what it must have taken, of a model as it stands.
class CompactionModel {
 public:
  struct Times {
    std::int64_t retention_millis = 0;
    std::int64_t now_millis = 0;
  };
  // Below `clean_end` it was cleaned.
  CompactionModel(const LogModel& model, Offset clean_end, Times times);

  // Whether the transaction of batch `index` was aborted (true), committed (false), or is open.
  std::optional<bool> aborted(std::size_t index) const { return aborted_[index]; }
  bool may_be_gone(std::size_t index, std::size_t record) const;
  bool may_be_gone(std::size_t index) const;
  bool must_be_gone(std::size_t index, std::size_t record) const;

 private:
  // The last record of each key that counts, of those below an offset.
  using LastOfKeys = std::map<std::string, Offset, std::less<>>;
  LastOfKeys last_of_keys(Offset end) const;
  bool superseded(const LastOfKeys& last, std::size_t index, std::size_t record) const;
  bool horizon_passed(const ModelBatch& batch) const;

  const LogModel& model_;
  const Offset clean_end_;
  const Times times_;
  std::vector<std::optional<bool>> aborted_;  // of each batch
  std::vector<Offset> decided_at_;            // by the marker that lies there
  LastOfKeys last_committed_;
  LastOfKeys last_clean_;
};

}  // namespace ottla::storage
