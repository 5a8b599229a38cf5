#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/record_decoder.h"
#include "cli/dump_log/report.h"
#include "protocol/array.h"
#include "protocol/messages/remote_log_metadata.h"
#include "protocol/record_codec.h"

namespace ottla::cli {
namespace {

constexpr std::string_view kTopic = "__remote_log_metadata";
constexpr std::size_t kMost = std::size_t{1} << 30;

template <std::size_t N>
Result<std::string_view> named(const std::array<std::string_view, N>& names, std::int8_t id) {
  const auto number = static_cast<std::uint8_t>(id);
  if (number >= N) return Error(Errc::malformed, fmt::format("the state {}", id));
  return names[number];
}

Result<std::string_view> segment_state(std::int8_t id) {
  constexpr std::array<std::string_view, 4> kNames = {"COPY_SEGMENT_STARTED", "COPY_SEGMENT_FINISHED",
                                                      "DELETE_SEGMENT_STARTED", "DELETE_SEGMENT_FINISHED"};
  return named(kNames, id);
}

Result<std::string_view> partition_state(std::int8_t id) {
  constexpr std::array<std::string_view, 3> kNames = {"DELETE_PARTITION_MARKED", "DELETE_PARTITION_STARTED",
                                                      "DELETE_PARTITION_FINISHED"};
  return named(kNames, id);
}

std::string custom_metadata(const protocol::Bytes& bytes) {
  if (bytes.is_null()) return "Optional.empty";
  return fmt::format("Optional[CustomMetadata{{{} bytes}}]", bytes.size());
}

template <typename Partition>
std::string partition_text(const Partition& partition) {
  return fmt::format("{}:{}-{}", partition.id.to_string(), partition.name, partition.partition);
}

template <typename Id>
std::string segment_id(const Id& id) {
  return fmt::format("RemoteLogSegmentId{{topicIdPartition={}, id={}}}",
                     partition_text(id.topic_id_partition), id.id.to_string());
}

// Sorted, and of one epoch the last, as they lie in the reference's map.
template <typename Epochs>
std::string epochs_text(const Epochs& epochs) {
  std::map<std::int32_t, std::int64_t> sorted;
  for (const auto& each : epochs) sorted[each.leader_epoch] = each.offset;
  std::string text = "{";
  for (const auto& [epoch, offset] : sorted) {
    fmt::format_to(std::back_inserter(text), "{}{}={}", text.size() > 1 ? ", " : "", epoch, offset);
  }
  return text + "}";
}

Result<std::string> text_of(const protocol::RemoteLogSegmentMetadataRecord& record) {
  OTTLA_TRY(const std::string_view state, segment_state(record.remote_log_segment_state));
  return fmt::format(
      "RemoteLogSegmentMetadata{{remoteLogSegmentId={}, startOffset={}, endOffset={}, brokerId={}, "
      "maxTimestampMs={}, "
      "eventTimestampMs={}, segmentLeaderEpochs={}, segmentSizeInBytes={}, customMetadata={}, state={}, "
      "txnIdxEmpty={}}}",
      segment_id(record.remote_log_segment_id), record.start_offset, record.end_offset, record.broker_id,
      record.max_timestamp_ms, record.event_timestamp_ms, epochs_text(record.segment_leader_epochs),
      record.segment_size_in_bytes, custom_metadata(record.custom_metadata), state, record.txn_index_empty);
}

Result<std::string> text_of(const protocol::RemoteLogSegmentMetadataUpdateRecord& record) {
  OTTLA_TRY(const std::string_view state, segment_state(record.remote_log_segment_state));
  return fmt::format(
      "RemoteLogSegmentMetadataUpdate{{remoteLogSegmentId={}, customMetadata={}, state={}, "
      "eventTimestampMs={}, "
      "brokerId={}}}",
      segment_id(record.remote_log_segment_id), custom_metadata(record.custom_metadata), state,
      record.event_timestamp_ms, record.broker_id);
}

Result<std::string> text_of(const protocol::RemotePartitionDeleteMetadataRecord& record) {
  OTTLA_TRY(const std::string_view state, partition_state(record.remote_partition_delete_state));
  return fmt::format(
      "RemotePartitionDeleteMetadata{{topicPartition={}, state={}, eventTimestampMs={}, brokerId={}}}",
      partition_text(record.topic_id_partition), state, record.event_timestamp_ms, record.broker_id);
}

Result<std::string> text_of(const protocol::RemoteLogSegmentMetadataSnapshotRecord& record) {
  OTTLA_TRY(const std::string_view state, segment_state(record.remote_log_segment_state));
  return fmt::format(
      "RemoteLogSegmentMetadataSnapshot{{segmentId={}, startOffset={}, endOffset={}, maxTimestampMs={}, "
      "segmentLeaderEpochs={}, segmentSizeInBytes={}, customMetadata={}, state={}, txnIdxEmpty={}}}",
      record.segment_id.to_string(), record.start_offset, record.end_offset, record.max_timestamp_ms,
      epochs_text(record.segment_leader_epochs), record.segment_size_in_bytes,
      custom_metadata(record.custom_metadata), state, record.txn_index_empty);
}

class RemoteMetadataDecoder final : public RecordDecoder {
 public:
  Result<ShownRecord> decode(const EncodedRecord& record) override {
    const Result<std::string> text = read(record);
    ShownRecord shown;
    shown.payload = Shown{.form = Shown::Form::text,
                          .text = text.ok() ? *text
                                            : fmt::format("Error at offset {}, skipping. {}", record.offset,
                                                          message_of(text.error()))};
    return shown;
  }

 private:
  template <typename T>
  Result<std::string> decoded(const protocol::EncodedMessage& encoded) {
    arena_.reset();
    T record;
    OTTLA_CHECK(protocol::decode(encoded, arena_, record));
    return text_of(record);
  }

  Result<std::string> read(const EncodedRecord& record) {
    const std::span<const std::byte> nothing;
    OTTLA_TRY(const protocol::EncodedMessage encoded,
              protocol::open_metadata_record(kTopic, record.value.value_or(nothing)));
    if (encoded.message == &protocol::RemoteLogSegmentMetadataRecord::message()) {
      return decoded<protocol::RemoteLogSegmentMetadataRecord>(encoded);
    }
    if (encoded.message == &protocol::RemoteLogSegmentMetadataUpdateRecord::message()) {
      return decoded<protocol::RemoteLogSegmentMetadataUpdateRecord>(encoded);
    }
    if (encoded.message == &protocol::RemotePartitionDeleteMetadataRecord::message()) {
      return decoded<protocol::RemotePartitionDeleteMetadataRecord>(encoded);
    }
    return decoded<protocol::RemoteLogSegmentMetadataSnapshotRecord>(encoded);
  }

  Budget budget_{"decoded records", kMost};
  Arena arena_{budget_};
};

}  // namespace

std::unique_ptr<RecordDecoder> make_remote_metadata_decoder() {
  return std::make_unique<RemoteMetadataDecoder>();
}

}  // namespace ottla::cli
