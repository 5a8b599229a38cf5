// Control records of the metadata log as bytes: the batch that a leader writes, and what a batch or snapshot says.
//
// Concurrency: pure, but for the codecs, which are confined to their shard.
// Errors:      truncated and malformed. Control records that do not concern the quorum are passed over.
// Format:      docs/format/control_records.md
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "raft/log_batch.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/control_record.h"

namespace ottla::raft {

// The whole batch. Its control records must stand in a row from its base on.
Slice encode_control_batch(const Batch& batch, std::int64_t timestamp_ms);

// One record of it: what stands in its key, and its value.
struct EncodedControl {
  record::ControlType type;
  Slice value;
};
EncodedControl encode_control(const ControlRecord& record);

// Nothing for a batch of data.
Result<std::vector<ControlEntry>> read_control(const record::BatchView& batch, record::CodecPool& codecs);

// The batches that `bytes` consist of, each with its checksum checked and its control records read; a piece of a batch
// at the end is left out, as a reply of limited size ends with one.
Result<std::vector<Batch>> read_batches(const Slice& bytes, record::CodecPool& codecs);

}  // namespace ottla::raft
