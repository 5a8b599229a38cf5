// Walks the records of a batch by their heads: keys, values and headers are measured and passed over, never kept.
//
// Use:         PlainRun run(batch.records());  RecordWalker walker(run, batch.count(), {});
//              RecordHead head;  while (walker.next(head)) { … }  if (walker.fault() != WalkFault::none) …
// Lifetime:    over runs that outlive it.
// Concurrency: as its runs.
// Invariants:  1. of a record that was given, every size fits into the others, and it fills its own
//              2. when next() says false without a fault, all records that were promised have been given and
//                 nothing lies behind them
// Errors:      a fault, which stays.
// Speed:       a record that lies in one run is read in place; one that straddles runs, byte by byte at its seams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/error.h"
#include "record/record_runs.h"

namespace ottla::record {

struct RecordHead {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::int32_t key_size = -1;    // negative: null
  std::int32_t value_size = -1;  // negative: null
  std::int32_t headers = 0;
  std::uint8_t attributes = 0;

  // As a builder writes it: no attribute set, and -1 as the only form of null. (The sizes of headers' null values
  // are not looked at.)
  bool is_canonical() const { return attributes == 0 && key_size >= -1 && value_size >= -1; }
};

enum class WalkFault : std::uint8_t {
  none,
  negative_count,    // fewer than no records were promised
  malformed,         // a record whose sizes do not fit into each other
  record_too_large,  // over the limit of one record
  cut,               // bytes end before the last record does
  bytes_left,        // more bytes than records
  undecodable,       // the source failed; see source_error()
};

class RecordWalker {
 public:
  // `max_record_bytes`: of what follows a record's size.
  RecordWalker(RecordRuns& runs, std::int32_t count,
               std::int32_t max_record_bytes = std::numeric_limits<std::int32_t>::max());

  // The next record; false at the end, or at a fault.
  bool next(RecordHead& head);

  WalkFault fault() const { return fault_; }
  // What the source said, when the fault is `undecodable`.
  const std::optional<Error>& source_error() const { return source_error_; }
  // Records given so far.
  std::int32_t position() const { return position_; }
  // Bytes that those records have, their sizes included.
  std::uint64_t bytes() const { return bytes_; }

 private:
  bool next_in_place(RecordHead& head, const std::byte* body, const std::byte* end);
  bool next_across(RecordHead& head);
  bool read_head_across(RecordHead& head);
  bool read_headers_across(std::int32_t count);
  bool check_end();
  bool fail(WalkFault fault);

  // Across runs; all count against the body that is being read.
  bool refill();
  bool read_byte(std::uint8_t& byte);
  bool read_varint(std::int32_t& value);
  bool read_varlong(std::int64_t& value);
  bool skip(std::int32_t size);

  RecordRuns& runs_;
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint64_t bytes_ = 0;
  std::uint64_t body_left_ = 0;  // of the record that is being read across runs
  const std::int32_t count_;
  const std::int32_t max_record_bytes_;
  std::int32_t position_ = 0;
  WalkFault fault_ = WalkFault::none;
  bool ended_ = false;
  std::optional<Error> source_error_;
};

}  // namespace ottla::record
