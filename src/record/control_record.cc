#include "record/control_record.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/byte_reader.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

constexpr std::int16_t kVersion = 0;  // of keys and of end markers; later ones may only add

// A version that is not negative, whatever it is.
Result<> read_version(ByteReader& reader) {
  OTTLA_TRY(const std::int16_t version, reader.read_i16());
  if (version < 0) return Errc::malformed;
  return {};
}

}  // namespace

Result<std::optional<ControlType>> read_control_type(const RecordView& record) {
  if (!record.key) return Error(Errc::malformed, "a control record without a key");
  ByteReader reader(*record.key);
  OTTLA_CHECK(read_version(reader));
  OTTLA_TRY(const std::int16_t type, reader.read_i16());
  const auto last = static_cast<std::int16_t>(ControlType::voters);
  if (type < 0 || type > last) return std::optional<ControlType>();
  return std::optional(static_cast<ControlType>(type));
}

Result<EndMarker> read_end_marker(ControlType type, const RecordView& record) {
  if (type != ControlType::abort && type != ControlType::commit) {
    return Error(Errc::invalid_argument, "a control record that ends no transaction");
  }
  if (!record.value) return Error(Errc::malformed, "the end of a transaction without a value");
  ByteReader reader(*record.value);
  OTTLA_CHECK(read_version(reader));
  OTTLA_TRY(const std::int32_t epoch, reader.read_i32());
  return EndMarker{.committed = type == ControlType::commit, .coordinator_epoch = epoch};
}

std::array<std::byte, 4> control_key(ControlType type) {
  std::array<std::byte, 4> key{};
  store_big_endian(key.data(), kVersion);
  store_big_endian(key.data() + 2, static_cast<std::int16_t>(type));
  return key;
}

Slice end_marker_batch(const EndMarkerOptions& options, const EndMarker& marker, BufferSource& source) {
  const auto key = control_key(marker.committed ? ControlType::commit : ControlType::abort);
  std::array<std::byte, 6> value{};
  store_big_endian(value.data(), kVersion);
  store_big_endian(value.data() + 2, marker.coordinator_epoch);
  BatchBuilder builder({.base_offset = options.offset,
                        .leader_epoch = options.leader_epoch,
                        .producer_id = options.producer_id,
                        .producer_epoch = options.producer_epoch,
                        .transactional = true,
                        .control = true},
                       source);
  builder.append({.timestamp = options.timestamp, .key = key, .value = value});
  return std::move(builder).finish();
}

}  // namespace ottla::record
