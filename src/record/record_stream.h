// The records of a batch, whole, one after the other, out of runs of plain bytes.
//
// Use:         PlainRun run(batch.records());  RecordStream records(run, batch.count(), most);
//              for (;;) { OTTLA_TRY(auto record, records.next()); if (!record) break; … }
// Lifetime:    over runs that outlive it. A record is valid until the next one is asked for.
// Concurrency: confined to its reader.
// Invariants:  1. memory: nothing is held but one record that straddles runs, and only what has arrived of it
//              2. the end has been seen only when all records were given and no bytes lie behind them
// Errors:      malformed and truncated for records that do not fit into each other or their batch; too_large for one
//              of more than `most` bytes; those of the runs. After an error it is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/record_runs.h"
#include "record/record_view.h"

namespace ottla::record {

class RecordStream {
 public:
  // `count`: what the batch promises. `most`: of what follows a record's size.
  RecordStream(RecordRuns& runs, std::int32_t count, std::size_t most)
      : runs_(runs), count_(count), most_(most) {}

  // Nothing at the end.
  Result<std::optional<RecordView>> next();

 private:
  Result<std::uint32_t> read_size();
  Result<std::span<const std::byte>> read_body(std::size_t size);
  Result<> check_end();
  // True when bytes lie in run_.
  Result<bool> refill();

  RecordRuns& runs_;
  std::span<const std::byte> run_;  // what is left of it
  std::vector<std::byte> straddling_;
  const std::int32_t count_;
  const std::size_t most_;
  std::int32_t position_ = 0;
  bool over_ = false;
};

}  // namespace ottla::record
