// What a snapshot says, batch by batch: checked, so that nothing is believed of a file that is not whole.
//
// Use:         SnapshotParser parser(codecs);  for each batch: OTTLA_TRY(auto records, parser.take(batch));
//              OTTLA_CHECK(parser.finish());
// Lifetime:    records that were taken are valid until the next batch is.
// Concurrency: pure, but for the codecs, which are confined to their shard.
// Invariants:  1. the first record is the header, the last one the footer  2. offsets begin at 0 and have no gaps
//              3. each batch's checksum holds
// Errors:      corrupt, malformed and truncated, without the path, which the caller knows; unsupported for versions of
//              header and footer that are not known.
// Format:      docs/format/metadata_snapshot.md
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "raft/log_batch.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/record_view.h"

namespace ottla::quorum {

struct SnapshotFacts {
  std::int64_t last_append_ms = 0;  // of the last batch that went into it
  std::optional<std::int16_t> kraft_version = {};
  std::optional<raft::VoterSet> voters = {};
};

// The same as records of the log: they stand at the snapshot's last offset.
std::vector<raft::ControlEntry> control_of(const SnapshotFacts& facts, const raft::LogPosition& id);

class SnapshotParser {
 public:
  using RecordBytes = std::span<const std::byte>;

  explicit SnapshotParser(record::CodecPool& codecs) : codecs_(codecs) {}

  // The metadata's records of that batch.
  Result<std::span<const RecordBytes>> take(const record::BatchView& batch);
  Result<> finish() const;

  bool begun() const { return begun_; }
  bool ended() const { return ended_; }
  const SnapshotFacts& facts() const { return facts_; }

 private:
  Result<> take_control(const record::BatchView& batch);
  Result<> take_header(const record::RecordView& record);
  Result<> take_footer(const record::RecordView& record);
  Result<> take_data(const record::BatchView& batch);

  record::CodecPool& codecs_;
  Offset next_ = Offset(0);
  bool begun_ = false;
  bool ended_ = false;
  SnapshotFacts facts_;
  std::vector<std::vector<std::byte>> unpacked_;  // records of a compressed batch
  std::vector<RecordBytes> records_;
};

}  // namespace ottla::quorum
