#include "quorum/snapshot_writer.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/invariant.h"
#include "protocol/codec.h"
#include "protocol/messages/raft_records.h"
#include "raft/control_codec.h"
#include "record/control_record.h"

namespace ottla::quorum {
namespace {

using record::ControlType;

// The reference hands so many records over at a time, and each such group stays within one batch if it can.
constexpr std::size_t kGroup = 1024;

template <typename Message>
Slice encoded(const Message& message) {
  Result<Chain> bytes = protocol::encode(message, 0);
  OTTLA_INVARIANT(bytes.ok(), "a control record that cannot be written", bytes.error().text());
  return bytes->flatten();
}

void append_control(record::BatchBuilder& batch, std::int64_t now_ms, ControlType type, const Slice& value) {
  const auto key = record::control_key(type);
  batch.append({.timestamp = now_ms, .key = key, .value = value.as_span()});
}

void append_control(record::BatchBuilder& batch, std::int64_t now_ms, const raft::ControlRecord& record) {
  const raft::EncodedControl control = raft::encode_control(record);
  append_control(batch, now_ms, control.type, control.value);
}

}  // namespace

SnapshotWriter::SnapshotWriter(SnapshotHead head, Sink sink, std::int32_t largest_batch)
    : head_(std::move(head)),
      sink_(std::move(sink)),
      largest_batch_(static_cast<std::size_t>(largest_batch)) {}

record::BatchBuilder SnapshotWriter::new_batch(bool control) const {
  return record::BatchBuilder(
      {.base_offset = next_, .leader_epoch = head_.id.epoch.raw(), .control = control});
}

Result<> SnapshotWriter::emit(record::BatchBuilder batch) {
  next_ += batch.count();
  return sink_(std::move(batch).finish());
}

Result<> SnapshotWriter::write_header() {
  begun_ = true;
  record::BatchBuilder batch = new_batch(true);
  append_control(batch, head_.now_ms, ControlType::snapshot_header,
                 encoded(protocol::SnapshotHeaderRecord{
                     .version = 0, .last_contained_log_timestamp = head_.last_append_ms}));
  if (head_.kraft_version > raft::kStaticVoters) {
    append_control(batch, head_.now_ms, raft::KRaftVersionChange{head_.kraft_version});
    if (head_.voters) append_control(batch, head_.now_ms, raft::VotersChange{*head_.voters});
  }
  return emit(std::move(batch));
}

// No record of a snapshot is smaller, and offsets in it take as much as they can.
std::size_t SnapshotWriter::size_of(std::size_t record_size) const {
  constexpr std::size_t kMostFraming = 5 + 1 + 10 + 5 + 1 + 5 + 1;
  return record_size + kMostFraming;
}

Result<> SnapshotWriter::add(std::span<const std::byte> record) {
  if (!begun_) OTTLA_CHECK(write_header());
  const std::size_t size = size_of(record.size());
  if (size + record::kRecordsAt > largest_batch_) {
    return Error(Errc::too_large,
                 fmt::format("a metadata record of {} bytes is larger than a batch may be ({})",
                             record.size(), largest_batch_));
  }
  if (record::kRecordsAt + group_bytes_ + size > largest_batch_) OTTLA_CHECK(settle_group());
  group_.emplace_back(record.begin(), record.end());
  group_bytes_ += size;
  return group_.size() < kGroup ? Result<>() : settle_group();
}

Result<> SnapshotWriter::settle_group() {
  if (group_.empty()) return {};
  if (batch_ && batch_->size() + group_bytes_ > largest_batch_) OTTLA_CHECK(end_batch());
  if (!batch_) batch_.emplace(new_batch(false));
  for (const std::vector<std::byte>& record : group_) {
    batch_->append({.timestamp = head_.now_ms, .value = std::span<const std::byte>(record)});
  }
  group_.clear();
  group_bytes_ = 0;
  return {};
}

Result<> SnapshotWriter::end_batch() {
  if (!batch_) return {};
  record::BatchBuilder batch = *std::move(batch_);
  batch_.reset();
  return emit(std::move(batch));
}

Result<> SnapshotWriter::finish() {
  if (!begun_) OTTLA_CHECK(write_header());
  OTTLA_CHECK(settle_group());
  OTTLA_CHECK(end_batch());
  record::BatchBuilder batch = new_batch(true);
  append_control(batch, head_.now_ms, ControlType::snapshot_footer,
                 encoded(protocol::SnapshotFooterRecord{.version = 0}));
  return emit(std::move(batch));
}

}  // namespace ottla::quorum
