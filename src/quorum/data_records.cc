#include "quorum/data_records.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "record/batch_records.h"

namespace ottla::quorum {
namespace {

// No batch of metadata is larger when it is unpacked, and no broken one may be.
constexpr record::RecordLimits kLimits{.max_record_bytes = 64 << 20,
                                       .max_batch_bytes = std::uint64_t{256} << 20};

}  // namespace

Result<> data_records_of(const record::BatchView& batch, record::CodecPool& codecs,
                         std::vector<std::vector<std::byte>>& unpacked,
                         std::vector<std::span<const std::byte>>& records) {
  OTTLA_TRY(record::BatchRecords source, record::BatchRecords::of(batch, codecs, kLimits));
  const std::span<const std::byte> whole = batch.bytes();
  std::int32_t expected = 0;
  std::size_t first_unpacked = unpacked.size();
  std::vector<std::size_t> places;  // of records that had to be copied
  for (;;) {
    OTTLA_TRY(const std::optional<record::RecordView> record, source.next());
    if (!record) break;
    if (!record->value || record->offset_delta != expected++) {
      return Error(Errc::malformed,
                   fmt::format("the batch at offset {} of the metadata has a record without a value, or one "
                               "that leaves offsets out",
                               batch.base_offset().raw()));
    }
    const std::span<const std::byte> value = *record->value;
    const bool lies_there =
        value.data() >= whole.data() && value.data() + value.size() <= whole.data() + whole.size();
    if (!lies_there) {
      unpacked.emplace_back(value.begin(), value.end());
      places.push_back(records.size());
    }
    records.push_back(value);
  }
  if (expected != batch.last_offset_delta() + 1) {
    return Error(Errc::malformed, fmt::format("the batch at offset {} of the metadata leaves offsets out",
                                              batch.base_offset().raw()));
  }
  for (const std::size_t place : places) records[place] = unpacked[first_unpacked++];
  return {};
}

}  // namespace ottla::quorum
