#include "record/batch_records.h"

#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/decompressor.h"

namespace ottla::record {

Result<BatchRecords> BatchRecords::of(const BatchView& batch, CodecPool& codecs, const RecordLimits& limits) {
  const Attributes attributes = batch.attributes();
  if (!attributes.compression_is_known()) {
    return Error(Errc::corrupt, "a batch with codec " + std::to_string(attributes.compression_id()) +
                                    ", which there is not");
  }
  OTTLA_TRY(Decompressor plain, Decompressor::open(codecs, attributes.compression(), batch.records(),
                                                   {.max_output = limits.max_batch_bytes}));
  return BatchRecords(std::make_unique<Source>(std::move(plain), batch.count(), limits.max_record_bytes));
}

}  // namespace ottla::record
