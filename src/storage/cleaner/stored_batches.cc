#include "storage/cleaner/stored_batches.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/legacy_view.h"

namespace ottla::storage {
namespace {

// Its length, attributes, time, offset, key, value and headers.
constexpr std::size_t kSmallestRecord = 7;

// Nobody counts to what a header says where there is no room for so many.
bool has_room(const record::BatchView& batch) {
  return batch.attributes().compression_id() != 0 ||
         static_cast<std::size_t>(batch.count()) <= batch.records().size() / kSmallestRecord;
}

}  // namespace

std::int8_t magic_of(std::span<const std::byte> batch) {
  return batch.size() > record::kMagicAt ? static_cast<std::int8_t>(batch[record::kMagicAt]) : record::kMagic;
}

Result<record::BatchView> checked_batch(std::span<const std::byte> batch) {
  OTTLA_TRY(const record::BatchView view, measured_batch(batch));
  OTTLA_CHECK(check_sum(view));
  return view;
}

Result<void> check_sum(const record::BatchView& batch) {
  if (batch.crc_holds()) return {};
  return Error(Errc::corrupt,
               "the batch at offset " + batch.base_offset().to_string() + " fails its checksum");
}

Result<record::BatchView> measured_batch(std::span<const std::byte> batch) {
  OTTLA_TRY(const record::BatchView view, record::BatchView::first_of(batch));
  if (view.base_offset() < Offset(0) || view.last_offset_delta() < 0 || !view.last_offset().ok() ||
      view.count() < 0 || !has_room(view)) {
    return Error(Errc::corrupt, "a batch from offset " + view.base_offset().to_string() + " with " +
                                    std::to_string(view.count()) + " records that ends " +
                                    std::to_string(view.last_offset_delta()) + " behind it");
  }
  return view;
}

Result<record::LegacyView> checked_message(std::span<const std::byte> batch) {
  OTTLA_TRY(const record::LegacyView message, record::LegacyView::first_of(batch));
  if (!message.crc_holds()) {
    return Error(Errc::corrupt,
                 "the message at offset " + message.offset().to_string() + " fails its checksum");
  }
  if (message.offset() < Offset(0)) {
    return Error(Errc::corrupt, "a message with offset " + message.offset().to_string());
  }
  return message;
}

}  // namespace ottla::storage
