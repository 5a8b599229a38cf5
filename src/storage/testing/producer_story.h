// A partition of which only the producers matter: appends are told in a few words, and so is what becomes of them.
//
// Use:         ProducerStory log;  EXPECT_EQ(log.append({.id = 7, .sequence = 0, .count = 3}), "0-2");
// Answers:     "0-2": appended at these offsets; "again 0-2": a duplicate of what lies there; else the fault's name.
// Lifetime:    owns its states.
// Concurrency: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/producer_states.h"
#include "storage/producer/verification.h"

namespace ottla::storage::testing {

struct DataSpec {
  std::int64_t id = 1;
  std::int16_t epoch = 0;
  std::int32_t sequence = 0;
  std::int32_t count = 1;
  std::int64_t timestamp = 1000;
  bool transactional = false;
};

struct MarkerSpec {
  std::int64_t id = 1;
  std::int16_t epoch = 0;
  bool committed = true;
  std::int32_t coordinator_epoch = 0;
  std::int64_t timestamp = 1000;
};

// The bytes of a batch that begins at an offset.
Slice data_batch(const DataSpec& spec, Offset first);
Slice marker_batch(const MarkerSpec& spec, Offset at);

class ProducerStory {
 public:
  explicit ProducerStory(ProducerOptions options = {.verifies_transactions = false});

  // Who appends from now on.
  ProducerStory& as(record::AppendOrigin origin);
  // With that guard, from now on.
  ProducerStory& with(VerificationGuard guard);
  // Of the transactions that markers end, from now on.
  ProducerStory& of_version(std::int16_t transaction_version);

  std::string append(const DataSpec& spec);
  std::string mark(const MarkerSpec& spec);
  // All in one append.
  std::string append_all(const std::vector<DataSpec>& specs);
  std::string append_bytes(const std::vector<Slice>& batches);
  // What the last append completed: "7: 3-9 aborted, stable 10".
  std::string completed() const;

  // "7: epoch 0, sequences 0-4 5-5, offsets 0-4 5-5, open since 0, coordinator 3"; "none".
  std::string shown(std::int64_t id) const;
  std::string unstable() const;

  ProducerStates& states() { return states_; }
  Offset end() const { return end_; }
  void set_end(Offset end) { end_ = end; }
  // Appends of which the rest is told are kept for undo().
  void keep_undo() { keeps_undo_ = true; }
  void undo();

 private:
  VerificationGuards guards_;
  ProducerStates states_;
  ProducerAppend append_;
  AppendTerms terms_;
  ProducerUndo undo_;
  Offset undo_end_;
  Offset end_;
  bool keeps_undo_ = false;
};

}  // namespace ottla::storage::testing
