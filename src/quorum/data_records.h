// The values of a batch's records, as the metadata's readers take them.
//
// Lifetime:    values point into the batch, or into `unpacked` when the batch is compressed.
// Concurrency: pure, but for the codecs, which are confined to their shard.
// Errors:      those of BatchRecords; malformed for a record without a value, or one that leaves offsets out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"

namespace ottla::quorum {

// Appends to `records` and `unpacked`; one record each offset.
Result<> data_records_of(const record::BatchView& batch, record::CodecPool& codecs,
                         std::vector<std::vector<std::byte>>& unpacked,
                         std::vector<std::span<const std::byte>>& records);

}  // namespace ottla::quorum
