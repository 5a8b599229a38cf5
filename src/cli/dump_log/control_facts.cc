#include "cli/dump_log/control_facts.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/byte_reader.h"
#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/message_text.h"
#include "cli/dump_log/report.h"
#include "protocol/messages/raft_records.h"
#include "protocol/schema.h"
#include "record/control_record.h"
#include "record/record_view.h"

namespace ottla::cli {
namespace {

using record::ControlType;

struct Known {
  std::string_view name;
  const protocol::MessageInfo* message;
};

Known known_of(ControlType type) {
  switch (type) {
    case ControlType::abort:
      return {"ABORT", nullptr};
    case ControlType::commit:
      return {"COMMIT", nullptr};
    case ControlType::leader_change:
      return {"LeaderChange", &protocol::LeaderChangeMessage::message()};
    case ControlType::snapshot_header:
      return {"SnapshotHeader", &protocol::SnapshotHeaderRecord::message()};
    case ControlType::snapshot_footer:
      return {"SnapshotFooter", &protocol::SnapshotFooterRecord::message()};
    case ControlType::kraft_version:
      return {"KRaftVersion", &protocol::KRaftVersionRecord::message()};
    case ControlType::voters:
      break;
  }
  return {"KRaftVoters", &protocol::VotersRecord::message()};
}

}  // namespace

Result<ControlFacts> control_facts(MessageText& texts, std::optional<std::span<const std::byte>> key,
                                   std::optional<std::span<const std::byte>> value) {
  const record::RecordView record = {.key = key, .value = value, .headers = {}};
  OTTLA_TRY(const std::optional<ControlType> type, record::read_control_type(record));
  ControlFacts facts;
  if (!type) {
    ByteReader reader(*key);
    OTTLA_CHECK(reader.skip(2));  // the key's version
    OTTLA_TRY(facts.type, reader.read_i16());
    return facts;
  }
  const Known known = known_of(*type);
  facts.type = static_cast<std::int16_t>(*type);
  facts.name = known.name;
  if (known.message == nullptr) {
    OTTLA_TRY(const record::EndMarker marker, record::read_end_marker(*type, record));
    facts.coordinator_epoch = marker.coordinator_epoch;
    return facts;
  }
  if (!value) return Error(Errc::malformed, "a control record without a value");
  OTTLA_TRY(facts.json, texts.json_of_self_versioned(*known.message, *value));
  return facts;
}

}  // namespace ottla::cli
