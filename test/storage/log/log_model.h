// What one log must hold, as a list of batches in memory, and what of it a crash may take.
//
// Lifetime:    outlives the processes whose log it judges.
// Concurrency: confined to the world's one thread.
// Invariants:  1. what a log shows is a prefix of batches(), from its start on
//              2. answered() of them are in the page cache at least, durable() on the disk: the first survive a
//                 process, the second a machine
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/offset.h"
#include "storage/format/index_entry.h"
#include "storage/producer/producer_states.h"

namespace ottla::storage {

struct ModelBatch {
  Offset base;
  Offset last;
  std::int64_t timestamp = 0;
  std::int32_t epoch = 0;
  std::string bytes;
  // Of its producer, if it has one.
  std::int64_t producer = -1;
  std::int32_t last_sequence = -1;
  enum class Kind : std::uint8_t { plain, in_transaction, commit, abort } kind = Kind::plain;
};

class LogModel {
 public:
  const std::vector<ModelBatch>& batches() const { return batches_; }
  // Where the next batch goes.
  Offset next() const { return next_; }
  std::size_t answered() const { return answered_; }
  std::size_t durable() const { return durable_; }

  // --- What is done -----------------------------------------------------------------------------------------
  void attempt(ModelBatch batch);
  // The log said no; nothing was attempted behind it.
  void take_back() { pop(); }
  void answer(Offset last);
  void flushed(Offset end);
  // From the beginning of a truncation on its batches may be gone; from its end on they must be.
  void truncation_begins(Offset offset);
  void truncation_ends(Offset offset);

  // --- After a death ----------------------------------------------------------------------------------------
  enum class Death : std::uint8_t { none, process, machine };
  std::size_t must_have(Death death) const;
  // The log came back with so many batches, the first `count` of the list, and goes on at `end`.
  void came_back(std::size_t count, Offset end);

  // --- What follows from the batches ------------------------------------------------------------------------
  // Of the batch that holds the offset, or the next one.
  std::size_t index_of(Offset offset) const;
  std::optional<Offset> first_at(std::int64_t timestamp, Offset from) const;
  std::vector<AbortedTransaction> aborted_in(Offset from, Offset end) const;
  std::optional<Offset> open_transaction_of(std::int64_t producer) const;
  Offset first_open_transaction() const;
  std::int32_t next_sequence(std::int64_t producer) const;
  // What the producers' snapshot has to be, of a log that has all batches.
  std::string snapshot() const;

 private:
  void pop();

  std::vector<ModelBatch> batches_;
  Offset next_;
  std::size_t answered_ = 0;
  std::size_t durable_ = 0;
};

}  // namespace ottla::storage
