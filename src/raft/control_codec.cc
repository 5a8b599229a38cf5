#include "raft/control_codec.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "protocol/codec.h"
#include "protocol/messages/raft_records.h"
#include "protocol/schema.h"
#include "record/batch_builder.h"
#include "record/batch_records.h"
#include "record/control_record.h"

namespace ottla::raft {
namespace {

using protocol::KRaftVersionRecord;
using protocol::LeaderChangeMessage;
using protocol::VotersRecord;
using record::ControlType;

// Larger than the voters of any quorum, and a bound for what a broken record may cost.
constexpr std::size_t kMostDecodedBytes = std::size_t{4} << 20;

template <typename Message>
Slice bytes_of(const Message& message) {
  Result<Chain> bytes = protocol::encode(message, 0);
  OTTLA_INVARIANT(bytes.ok(), "a control record that cannot be written", bytes.error().text());
  return bytes->flatten();
}

Slice value_of(const LeaderChange& change) {
  const auto voters_of = [](const std::vector<NodeId>& nodes) {
    std::vector<LeaderChangeMessage::Voter> voters;
    for (const NodeId node : nodes) voters.push_back({.voter_id = node.raw()});
    return voters;
  };
  const auto voters = voters_of(change.voters);
  const auto granting = voters_of(change.granting);
  return bytes_of(
      LeaderChangeMessage{.leader_id = change.leader.raw(), .voters = voters, .granting_voters = granting});
}

Slice value_of(const KRaftVersionChange& change) {
  return bytes_of(KRaftVersionRecord{.k_raft_version = change.version});
}

Slice value_of(const VotersChange& change) {
  std::vector<std::vector<VotersRecord::Endpoint>> endpoints;
  std::vector<VotersRecord::Voter> voters;
  for (const VoterNode& voter : change.voters) {
    auto& list = endpoints.emplace_back();
    for (const Endpoint& endpoint : voter.endpoints.list()) {
      list.push_back({.name = endpoint.listener, .host = endpoint.host, .port = endpoint.port});
    }
    // A moved vector keeps its elements where they are.
    voters.push_back({.voter_id = voter.key.id.raw(),
                      .voter_directory_id = voter.key.directory,
                      .endpoints = list,
                      .k_raft_version_feature = {.min_supported_version = voter.kraft_versions.least,
                                                 .max_supported_version = voter.kraft_versions.greatest}});
  }
  return bytes_of(VotersRecord{.voters = voters});
}

ControlType type_of(const ControlRecord& record) {
  if (std::holds_alternative<LeaderChange>(record)) return ControlType::leader_change;
  return std::holds_alternative<VotersChange>(record) ? ControlType::voters : ControlType::kraft_version;
}

template <typename Message>
Result<void> decode_value(std::span<const std::byte> bytes, Arena& arena, Message& out) {
  // Version 1 of a leader's beginning knows the voters' directories, too; the first field says which one it is.
  const std::int16_t last = Message::message().versions.last;
  std::int16_t version = bytes.size() < 2 ? std::int16_t{0} : static_cast<std::int16_t>(bytes[1]);
  if (version > last) version = last;
  OTTLA_CHECK(protocol::decode({.bytes = bytes, .version = version}, arena, out));
  return {};
}

Result<ControlRecord> read_leader_change(std::span<const std::byte> bytes, Arena& arena) {
  LeaderChangeMessage message;
  OTTLA_CHECK(decode_value(bytes, arena, message));
  LeaderChange change{NodeId(message.leader_id), {}, {}};
  for (const auto& voter : message.voters) change.voters.emplace_back(voter.voter_id);
  for (const auto& voter : message.granting_voters) change.granting.emplace_back(voter.voter_id);
  return ControlRecord(std::move(change));
}

Result<ControlRecord> read_voters(std::span<const std::byte> bytes, Arena& arena) {
  VotersRecord message;
  OTTLA_CHECK(decode_value(bytes, arena, message));
  std::vector<VoterNode> voters;
  for (const auto& voter : message.voters) {
    std::vector<Endpoint> endpoints;
    for (const auto& endpoint : voter.endpoints) {
      endpoints.push_back({std::string(endpoint.name), std::string(endpoint.host), endpoint.port});
    }
    const VersionRange versions{voter.k_raft_version_feature.min_supported_version,
                                voter.k_raft_version_feature.max_supported_version};
    voters.push_back(
        {{NodeId(voter.voter_id), voter.voter_directory_id}, Endpoints(std::move(endpoints)), versions});
  }
  return ControlRecord(VotersChange{VoterSet(std::move(voters))});
}

Result<std::optional<ControlRecord>> read_value(ControlType type, std::span<const std::byte> bytes) {
  Budget budget("control record", kMostDecodedBytes);
  Arena arena(budget);
  switch (type) {
    case ControlType::leader_change: {
      OTTLA_TRY(ControlRecord change, read_leader_change(bytes, arena));
      return std::optional(std::move(change));
    }
    case ControlType::kraft_version: {
      KRaftVersionRecord message;
      OTTLA_CHECK(decode_value(bytes, arena, message));
      return std::optional(ControlRecord(KRaftVersionChange{message.k_raft_version}));
    }
    case ControlType::voters: {
      OTTLA_TRY(ControlRecord voters, read_voters(bytes, arena));
      return std::optional(std::move(voters));
    }
    default:
      return std::optional<ControlRecord>();
  }
}

}  // namespace

EncodedControl encode_control(const ControlRecord& record) {
  return {type_of(record), std::visit([](const auto& change) { return value_of(change); }, record)};
}

Slice encode_control_batch(const Batch& batch, std::int64_t timestamp_ms) {
  record::BatchBuilder builder(
      {.base_offset = batch.base, .leader_epoch = batch.epoch.raw(), .control = true});
  for (const ControlEntry& entry : batch.control) {
    const EncodedControl encoded = encode_control(entry.record);
    const auto key = record::control_key(encoded.type);
    builder.append_at(entry.offset,
                      {.timestamp = timestamp_ms, .key = key, .value = encoded.value.as_span()});
  }
  return std::move(builder).finish();
}

Result<std::vector<ControlEntry>> read_control(const record::BatchView& batch, record::CodecPool& codecs) {
  std::vector<ControlEntry> entries;
  if (!batch.attributes().is_control()) return entries;
  OTTLA_TRY(record::BatchRecords records, record::BatchRecords::of(batch, codecs, {}));
  for (;;) {
    OTTLA_TRY(const std::optional<record::RecordView> record, records.next());
    if (!record) return entries;
    OTTLA_TRY(const std::optional<ControlType> type, record::read_control_type(*record));
    if (!type || !record->value) continue;
    OTTLA_TRY(std::optional<ControlRecord> change, read_value(*type, *record->value));
    OTTLA_TRY(const Offset offset, batch.base_offset().checked_add(record->offset_delta));
    if (change) entries.push_back({offset, std::move(*change)});
  }
}

Result<std::vector<Batch>> read_batches(const Slice& bytes, record::CodecPool& codecs) {
  std::vector<Batch> batches;
  Slice rest = bytes;
  while (!rest.empty()) {
    const Result<record::BatchView> view = record::BatchView::first_of(rest.as_span());
    if (!view.ok() && view.error() == Errc::truncated) break;
    if (!view.ok()) return view.error();
    if (!view->crc_holds()) {
      return Error(Errc::corrupt, "a batch of the metadata log at offset " + view->base_offset().to_string() +
                                      " fails its checksum");
    }
    OTTLA_TRY(const Offset last, view->last_offset());
    OTTLA_TRY(std::vector<ControlEntry> control, read_control(*view, codecs));
    const std::size_t size = view->size();
    const LeaderEpoch epoch(view->leader_epoch());
    const Offset base = view->base_offset();
    batches.push_back({base, last, epoch, std::move(control), rest.split_front(size)});
  }
  return batches;
}

}  // namespace ottla::raft
