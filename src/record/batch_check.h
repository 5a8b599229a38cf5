// The deep look at one batch that a client or a coordinator appends: its header against itself, and each of its
// records against the rules of the topic.
//
// Lifetime:    over a batch and a walker that outlive the call.
// Concurrency: pure.
// Invariants:  1. of a batch that passed, every record is well formed and there are as many as the header says
//              2. nothing of the batch is held: a compressed one is seen run by run
#pragma once

#include <cstdint>
#include <expected>

#include "record/append_rules.h"
#include "record/batch_view.h"
#include "record/record_walker.h"

namespace ottla::record {

// What the walk found out about records that keep to the rules.
struct RecordFindings {
  std::int64_t max_timestamp = kNoTimestamp;
  std::uint64_t bytes = 0;  // of all records, not compressed
  // Offsets count 0, 1, 2…; older clients of some languages got this wrong in compressed batches.
  bool contiguous = true;
  // The bytes are those that a builder would write: nothing would change but what is around them.
  bool canonical = true;
};

// The header: counts and offsets of every writer, and what clients may not write.
bool keeps_header_rules(const BatchView& batch, AppendOrigin origin);
// Of a header that does not keep to them.
Rejection refuse_header(const BatchView& batch, AppendOrigin origin);

// The records, which `walker` has without compression and within the limit of one.
std::expected<RecordFindings, Rejection> check_records(const BatchView& batch, RecordWalker& walker,
                                                       const AppendRules& rules, const AppendPlace& place);

}  // namespace ottla::record
