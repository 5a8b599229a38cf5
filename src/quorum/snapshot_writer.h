// A snapshot as the batches that its file consists of: a header with what the quorum has to know, the records of the
// metadata, a footer.
//
// Use:         SnapshotWriter writer(head, sink);  OTTLA_CHECK(writer.add(record)) …;  OTTLA_CHECK(writer.finish());
// Concurrency: pure, but for the sink.
// Invariants:  1. offsets begin at 0 and have no gaps  2. all records have the time of `now_ms`
// Errors:      too_large for a record that fits into no batch; those of the sink.
// Format:      docs/format/metadata_snapshot.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/slice.h"
#include "quorum/metadata_topic.h"
#include "raft/log_batch.h"
#include "record/batch_builder.h"

namespace ottla::quorum {

struct SnapshotHead {
  raft::LogPosition id;
  std::int64_t now_ms = 0;
  std::int64_t last_append_ms = 0;  // of the last batch that went into it
  std::int16_t kraft_version = raft::kStaticVoters;
  std::optional<raft::VoterSet> voters = {};  // none with configured voters
};

class SnapshotWriter {
 public:
  // Takes whole batches, one after the other.
  using Sink = std::function<Result<>(Slice batch)>;

  SnapshotWriter(SnapshotHead head, Sink sink, std::int32_t largest_batch = kLargestBatch);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  Result<> add(std::span<const std::byte> record);
  Result<> finish();

 private:
  record::BatchBuilder new_batch(bool control) const;
  Result<> write_header();
  // What is gathered becomes a part of the batch that is being made, or of the next one when it does not fit.
  Result<> settle_group();
  Result<> end_batch();
  Result<> emit(record::BatchBuilder batch);
  std::size_t size_of(std::size_t record_size) const;

  const SnapshotHead head_;
  const Sink sink_;
  const std::size_t largest_batch_;
  Offset next_ = Offset(0);
  bool begun_ = false;
  std::optional<record::BatchBuilder> batch_;
  std::vector<std::vector<std::byte>> group_;
  std::size_t group_bytes_ = 0;
};

}  // namespace ottla::quorum
