#include "metadata/testing/story.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <span>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "metadata/record_writer.h"
#include "metadata/replay.h"
#include "metadata/testing/random_records.h"
#include "protocol/json.h"

namespace ottla::metadata {
namespace {

// The words of a line: plain ones by their place, KEY=VALUE by their key. Owns the lists that a record points to.
class Line {
 public:
  explicit Line(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      add(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::string_view verb() const { return plain_.front(); }
  std::string_view word(std::size_t index) const { return index < plain_.size() ? plain_[index] : ""; }
  std::size_t words() const { return plain_.size(); }
  std::string_view pair(std::size_t index) const { return pairs_in_order_[index]; }
  template <typename T>
  T number(std::size_t index) const {
    return static_cast<T>(number_of(word(index)));
  }
  bool has(std::string_view key) const { return named_.contains(key); }
  std::string_view named(std::string_view key) const { return named_.at(key); }
  template <typename T>
  void set(std::string_view key, T& field) const {
    if (has(key)) field = static_cast<T>(number_of(named(key)));
  }
  void set(std::string_view key, protocol::Array<std::int32_t>& field) {
    if (has(key)) field = numbers_.emplace_back(list_of<std::int32_t>(named(key)));
  }
  void set(std::string_view key, protocol::Array<Uuid>& field) {
    if (!has(key)) return;
    std::vector<Uuid>& uuids = uuids_.emplace_back();
    for (const auto each : list_of<std::uint64_t>(named(key))) uuids.emplace_back(0, each);
    field = uuids;
  }

  static std::int64_t number_of(std::string_view text) {
    return std::strtoll(std::string(text).c_str(), nullptr, 10);
  }

 private:
  void add(std::string_view word) {
    const std::size_t equal = word.find('=');
    if (equal == std::string_view::npos) {
      plain_.push_back(word);
      return;
    }
    named_[word.substr(0, equal)] = word.substr(equal + 1);
    pairs_in_order_.push_back(word);
  }

  template <typename T>
  static std::vector<T> list_of(std::string_view text) {
    std::vector<T> list;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(','), text.size());
      list.push_back(static_cast<T>(number_of(text.substr(0, end))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return list;
  }

  std::vector<std::string_view> plain_;
  std::vector<std::string_view> pairs_in_order_;
  std::map<std::string_view, std::string_view> named_;
  std::deque<std::vector<std::int32_t>> numbers_;
  std::deque<std::vector<Uuid>> uuids_;
};

std::string broker_record(Line& line) {
  protocol::RegisterBrokerRecord::BrokerEndpoint endpoint;
  endpoint.name = line.has("listener") ? line.named("listener") : "PLAINTEXT";
  endpoint.host = "localhost";
  endpoint.port = 9092;
  line.set("protocol", endpoint.security_protocol);
  protocol::RegisterBrokerRecord record;
  record.broker_id = line.number<std::int32_t>(1);
  record.end_points = protocol::Array(&endpoint, 1);
  record.rack = line.has("rack") ? protocol::NullableText(line.named("rack")) : nullptr;
  line.set("epoch", record.broker_epoch);
  line.set("fenced", record.fenced);
  line.set("shutdown", record.in_controlled_shutdown);
  line.set("dirs", record.log_dirs);
  line.set("cordoned", record.cordoned_log_dirs);
  return encoded_record(record);
}

std::string broker_change_record(Line& line) {
  protocol::BrokerRegistrationChangeRecord record;
  record.broker_id = line.number<std::int32_t>(1);
  record.broker_epoch = line.number<std::int64_t>(2);
  line.set("fenced", record.fenced);
  line.set("shutdown", record.in_controlled_shutdown);
  line.set("dirs", record.log_dirs);
  line.set("cordoned", record.cordoned_log_dirs);
  return encoded_record(record);
}

template <typename T>
std::string partition_record(Line& line) {
  T record;
  record.topic_id = Uuid(0, line.number<std::uint64_t>(1));
  record.partition_id = line.number<std::int32_t>(2);
  line.set("replicas", record.replicas);
  line.set("isr", record.isr);
  line.set("leader", record.leader);
  line.set("dirs", record.directories);
  line.set("adding", record.adding_replicas);
  line.set("removing", record.removing_replicas);
  line.set("elr", record.eligible_leader_replicas);
  line.set("last", record.last_known_elr);
  line.set("recovery", record.leader_recovery_state);
  if constexpr (requires { record.leader_epoch; }) {
    line.set("epoch", record.leader_epoch);
    line.set("pepoch", record.partition_epoch);
  }
  return encoded_record(record);
}

std::string config_record(const Line& line) {
  protocol::ConfigRecord record;
  record.resource_type = line.number<std::int8_t>(1);
  record.resource_name = line.word(2);
  const std::string_view pair = line.words() > 3 ? line.word(3) : line.pair(0);
  const std::size_t equal = pair.find('=');
  record.name = pair.substr(0, equal);
  record.value = equal == std::string_view::npos ? nullptr : protocol::NullableText(pair.substr(equal + 1));
  return encoded_record(record);
}

// The first pair may have others behind commas; an empty name is the default.
std::string quota_record(const Line& line) {
  std::vector<protocol::ClientQuotaRecord::EntityData> parts;
  std::string_view entity = line.pair(0);
  while (!entity.empty()) {
    const std::size_t end = std::min(entity.find(','), entity.size());
    const std::string_view part = entity.substr(0, end);
    const std::size_t equal = part.find('=');
    parts.emplace_back();
    parts.back().entity_type = part.substr(0, equal);
    const std::string_view name = part.substr(equal + 1);
    parts.back().entity_name = name.empty() ? nullptr : protocol::NullableText(name);
    entity.remove_prefix(std::min(end + 1, entity.size()));
  }
  protocol::ClientQuotaRecord record;
  record.entity = parts;
  record.remove = line.words() > 1;
  const std::string_view pair = record.remove ? line.word(1) : line.pair(1);
  record.key = pair.substr(0, pair.find('='));
  if (!record.remove)
    record.value = std::strtod(std::string(pair.substr(pair.find('=') + 1)).c_str(), nullptr);
  return encoded_record(record);
}

std::string secured_record(const Line& line) {
  if (line.verb() == "acl") {
    protocol::AccessControlEntryRecord record;
    record.id = Uuid(0, line.number<std::uint64_t>(1));
    record.principal = line.word(2);
    return encoded_record(record);
  }
  if (line.verb() == "remove-acl") {
    protocol::RemoveAccessControlEntryRecord record;
    record.id = Uuid(0, line.number<std::uint64_t>(1));
    return encoded_record(record);
  }
  if (line.verb() == "scram") {
    protocol::UserScramCredentialRecord record;
    record.mechanism = line.number<std::int8_t>(1);
    record.name = line.word(2);
    return encoded_record(record);
  }
  if (line.verb() == "remove-scram") {
    protocol::RemoveUserScramCredentialRecord record;
    record.mechanism = line.number<std::int8_t>(1);
    record.name = line.word(2);
    return encoded_record(record);
  }
  if (line.verb() == "remove-token") {
    protocol::RemoveDelegationTokenRecord record;
    record.token_id = line.word(1);
    return encoded_record(record);
  }
  OTTLA_INVARIANT(line.verb() == "token", "a story has an unknown word", line.verb());
  std::vector<std::string_view> renewers;
  for (std::size_t i = 3; i < line.words(); ++i) renewers.push_back(line.word(i));
  protocol::DelegationTokenRecord record;
  record.token_id = line.word(1);
  record.owner = line.word(2);
  record.requester = line.word(2);
  record.renewers = renewers;
  return encoded_record(record);
}

// Those that name one thing by a number or by a word.
template <typename T, typename Field>
std::string naming(Field T::* field, std::string_view word) {
  T record;
  if constexpr (std::is_same_v<Field, std::string_view>) {
    record.*field = word;
  } else if constexpr (std::is_same_v<Field, Uuid>) {
    record.*field = Uuid(0, static_cast<std::uint64_t>(Line::number_of(word)));
  } else {
    record.*field = static_cast<Field>(Line::number_of(word));
  }
  return encoded_record(record);
}

template <typename T>
std::string fence_record(const Line& line) {
  T record;
  record.id = line.number<std::int32_t>(1);
  record.epoch = line.number<std::int64_t>(2);
  return encoded_record(record);
}

}  // namespace

std::string record_of(std::string_view text) {
  Line line(text);
  const std::string_view verb = line.verb();
  if (verb == "feature") {
    protocol::FeatureLevelRecord record;
    record.name = line.word(1);
    record.feature_level = line.number<std::int16_t>(2);
    return encoded_record(record);
  }
  if (verb == "topic") {
    protocol::TopicRecord record;
    record.name = line.word(1);
    record.topic_id = Uuid(0, line.number<std::uint64_t>(2));
    return encoded_record(record);
  }
  if (verb == "broker") return broker_record(line);
  if (verb == "broker-change") return broker_change_record(line);
  if (verb == "unregister") return naming(&protocol::UnregisterBrokerRecord::broker_id, line.word(1));
  if (verb == "fence") return fence_record<protocol::FenceBrokerRecord>(line);
  if (verb == "unfence") return fence_record<protocol::UnfenceBrokerRecord>(line);
  if (verb == "controller") return naming(&protocol::RegisterControllerRecord::controller_id, line.word(1));
  if (verb == "unregister-controller") {
    return naming(&protocol::UnregisterControllerRecord::controller_id, line.word(1));
  }
  if (verb == "remove-topic") return naming(&protocol::RemoveTopicRecord::topic_id, line.word(1));
  if (verb == "clear-elr") return naming(&protocol::ClearElrRecord::topic_name, line.word(1));
  if (verb == "producer-ids") return naming(&protocol::ProducerIdsRecord::next_producer_id, line.word(1));
  if (verb == "partition") return partition_record<protocol::PartitionRecord>(line);
  if (verb == "change") return partition_record<protocol::PartitionChangeRecord>(line);
  if (verb == "config") return config_record(line);
  if (verb == "quota") return quota_record(line);
  if (verb == "begin") return encoded_record(protocol::BeginTransactionRecord{});
  if (verb == "end") return encoded_record(protocol::EndTransactionRecord{});
  if (verb == "abort") return encoded_record(protocol::AbortTransactionRecord{});
  if (verb == "no-op") return encoded_record(protocol::NoOpRecord{});
  return secured_record(line);
}

std::vector<std::string> shown(const MetadataImage& image) {
  std::vector<std::string> lines;
  const Result<> written = write_records(
      image,
      {.version = image.features.metadata_version.value_or(kLatestMetadataVersion), .elr_enabled = true},
      [&](const protocol::Encodable& record) -> Result<> {
        std::string line = fmt::format("{} ", record.message->name);
        protocol::append_json(line, *record.message, record.version, record.data, protocol::kWholeJson);
        lines.push_back(std::move(line));
        return {};
      });
  OTTLA_INVARIANT(written.ok(), "an image cannot be shown", written.error());
  return lines;
}

std::string replay_encoded(MetadataImage& image, std::string_view record) {
  Budget budget("a record of a test", std::size_t{16} << 20U);
  Arena arena(budget, {});
  const auto opened = protocol::open_metadata_record("__cluster_metadata",
                                                     std::as_bytes(std::span(record.data(), record.size())));
  if (!opened.ok()) return opened.error().to_string();
  const Result<> replayed = replay(image, *opened, arena);
  return replayed.ok() ? "" : replayed.error().to_string();
}

Story& Story::tell_all(const std::vector<std::string_view>& lines) {
  for (const std::string_view each : lines) {
    const std::string error = tell(each);
    OTTLA_INVARIANT(error.empty(), "a story was refused", each, error);
  }
  return *this;
}

}  // namespace ottla::metadata
