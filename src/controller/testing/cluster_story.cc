#include "controller/testing/cluster_story.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <deque>
#include <span>

#include "controller/brokers.h"
#include "controller/heartbeats.h"
#include "controller/leadership.h"
#include "controller/partitions.h"
#include "controller/topics.h"
#include "metadata/config_resource.h"
#include "metadata/feature.h"
#include "protocol/error_info.h"

namespace ottla::controller::testing {
namespace {

using metadata::BrokerRegistration;
using metadata::Partition;

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::int32_t> ids_of(std::string_view text) {
  std::vector<std::int32_t> ids;
  for (const std::string_view each : split(text, ','))
    ids.push_back(static_cast<std::int32_t>(number_of(each)));
  return ids;
}

// Directory D of broker B: tests give small numbers, and low ones have a meaning of their own.
Uuid directory(std::int64_t number) {
  return number >= 100 ? Uuid(0, static_cast<std::uint64_t>(number - 100))
                       : Uuid(1, static_cast<std::uint64_t>(number));
}

std::vector<Uuid> directories_of(std::string_view text) {
  std::vector<Uuid> uuids;
  for (const std::string_view each : split(text, ',')) uuids.push_back(directory(number_of(each)));
  return uuids;
}

std::string shown_directory(const Uuid& uuid) {
  if (uuid == metadata::kMigratingDirectory) return "migrating";
  if (uuid == metadata::kUnassignedDirectory) return "unassigned";
  if (uuid == metadata::kLostDirectory) return "lost";
  return std::to_string(uuid.low());
}

std::string joined(metadata::BrokerIds ids) {
  return fmt::format("{}", fmt::join(ids, ","));
}

template <typename Results, typename Show>
std::string all_of(const Results& results, Show show) {
  std::string text;
  for (const auto& each : results) text += (text.empty() ? "" : "; ") + show(each);
  return text;
}

}  // namespace

std::string shown_error(std::int16_t code, protocol::NullableText message) {
  if (code == 0) return "ok";
  std::string shown = protocol::info_of(static_cast<ErrorCode>(code)).name;
  if (!message.is_null()) shown += fmt::format(": {}", *message);
  return shown;
}

class ClusterStory::Line {
 public:
  explicit Line(std::string_view text) {
    for (const std::string_view word : split(text, ' ')) {
      const std::size_t equal = word.find('=');
      if (equal == std::string_view::npos) {
        plain_.push_back(word);
      } else {
        named_.emplace_back(word.substr(0, equal), word.substr(equal + 1));
      }
    }
  }

  std::string_view word(std::size_t index) const { return index < plain_.size() ? plain_[index] : ""; }
  std::int32_t number(std::size_t index) const { return static_cast<std::int32_t>(number_of(word(index))); }
  std::size_t words() const { return plain_.size(); }
  bool says(std::string_view flag) const { return std::ranges::find(plain_, flag) != plain_.end(); }
  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::string_view named(std::string_view key, std::string_view otherwise = "") const {
    const auto* found = find(key);
    return found == nullptr ? otherwise : found->second;
  }
  std::int64_t named_number(std::string_view key, std::int64_t otherwise) const {
    return has(key) ? number_of(named(key)) : otherwise;
  }
  const std::vector<std::pair<std::string_view, std::string_view>>& pairs() const { return named_; }

 private:
  const std::pair<std::string_view, std::string_view>* find(std::string_view key) const {
    const auto found = std::ranges::find(named_, key, &std::pair<std::string_view, std::string_view>::first);
    return found == named_.end() ? nullptr : &*found;
  }

  std::vector<std::string_view> plain_;
  std::vector<std::pair<std::string_view, std::string_view>> named_;
};

std::int64_t ClusterStory::epoch_of(std::int32_t broker) const {
  const BrokerRegistration* registration = cluster_.image().cluster.broker(NodeId(broker));
  return registration == nullptr ? -1 : registration->epoch;
}

Uuid ClusterStory::id_of(std::string_view topic) const {
  const metadata::TopicImage* found = cluster_.image().topics.find(topic);
  return found == nullptr ? Uuid(9, 9) : found->id;
}

std::string ClusterStory::register_broker(const Line& line) {
  const std::int32_t id = line.number(1);
  std::vector<protocol::BrokerRegistrationRequest::Listener> listeners(1);
  listeners[0].name = line.named("listener", "PLAINTEXT");
  listeners[0].host = "host";
  listeners[0].port = static_cast<std::uint16_t>(line.named_number("port", 9092));
  listeners[0].security_protocol = static_cast<std::int16_t>(line.named_number("protocol", 0));
  std::vector<protocol::BrokerRegistrationRequest::Feature> features;
  const auto support = [&features](std::string_view name, std::int64_t least, std::int64_t most) {
    auto& feature = features.emplace_back();
    feature.name = name;
    feature.min_supported_version = static_cast<std::int16_t>(least);
    feature.max_supported_version = static_cast<std::int16_t>(most);
  };
  if (line.has("features")) {
    for (const std::string_view each : split(line.named("features"), '+')) {
      const auto parts = split(each, ':');
      support(parts[0], number_of(parts[1]), number_of(parts[2]));
    }
  } else {
    support(metadata::kMetadataVersionFeature, 7, 33);
    for (const metadata::Feature& each : metadata::all_features()) support(each.name, 0, each.latest());
  }
  const std::vector<Uuid> dirs = directories_of(line.named("dirs", std::to_string(id * 10)));
  protocol::BrokerRegistrationRequest request;
  request.broker_id = id;
  request.cluster_id = line.named("cluster", "cluster");
  request.incarnation_id = Uuid(2, static_cast<std::uint64_t>(line.named_number("incarnation", id)));
  request.listeners = listeners;
  request.features = features;
  request.rack =
      line.has("rack") ? protocol::NullableText(line.named("rack")) : protocol::NullableText(nullptr);
  request.log_dirs = dirs;
  request.is_migrating_zk_broker = line.says("zookeeper");
  request.previous_broker_epoch =
      line.named("previous") == "last" ? epoch_of(id) : line.named_number("previous", -1);
  const auto version = static_cast<std::int16_t>(line.named_number("version", 4));
  protocol::BrokerRegistrationResponse response;
  const ApiError error = cluster_.perform(*find_controller_api(protocol::ApiKey::broker_registration),
                                          version, &request, &response);
  if (!error.ok()) return shown_error(error.wire_code(), message_of(error));
  return std::to_string(response.broker_epoch);
}

std::string ClusterStory::beat(const Line& line) {
  const std::vector<Uuid> offline = directories_of(line.named("offline"));
  const std::vector<Uuid> cordoned = directories_of(line.named("cordoned"));
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = line.number(1);
  request.broker_epoch = line.named_number("epoch", epoch_of(request.broker_id));
  request.current_metadata_offset = line.named_number("offset", cluster_.last_offset());
  request.want_fence = line.says("fence");
  request.want_shut_down = line.says("shutdown");
  request.offline_log_dirs = offline;
  if (line.has("cordoned")) request.cordoned_log_dirs = cordoned;
  protocol::BrokerHeartbeatResponse response;
  const ApiError error =
      cluster_.perform(*find_controller_api(protocol::ApiKey::broker_heartbeat), 2, &request, &response);
  if (!error.ok()) return shown_error(error.wire_code(), message_of(error));
  std::string text = response.is_caught_up ? "caught up" : "behind";
  if (response.is_fenced) text += ", fenced";
  if (response.should_shut_down) text += ", may go";
  return text;
}

std::string ClusterStory::live(const Line& line) {
  for (std::size_t i = 1; i < line.words(); ++i) {
    std::string text = fmt::format("register {}", line.word(i));
    for (const auto& [key, value] : line.pairs()) text += fmt::format(" {}={}", key, value);
    if (const std::string answer = tell(text); answer.empty() || answer[0] < '0' || answer[0] > '9')
      return answer;
    if (const std::string answer = tell(fmt::format("beat {}", line.word(i))); answer != "caught up")
      return answer;
  }
  return "ok";
}

std::string ClusterStory::controller(const Line& line) {
  std::vector<protocol::ControllerRegistrationRequest::Listener> listeners(1);
  listeners[0].name = "CONTROLLER";
  listeners[0].host = "host";
  listeners[0].port = 9093;
  protocol::ControllerRegistrationRequest request;
  request.controller_id = line.number(1);
  request.listeners = listeners;
  const auto response = cluster_.ask<protocol::ControllerRegistrationResponse>(request);
  return shown_error(response.error_code, response.error_message);
}

namespace {

// "1,2/2,3" as lists that live here.
class Assignments {
 public:
  explicit Assignments(std::string_view text) {
    for (const std::string_view each : split(text, '/')) lists_.push_back(ids_of(each));
  }
  const std::deque<std::vector<std::int32_t>>& lists() const { return lists_; }

 private:
  std::deque<std::vector<std::int32_t>> lists_;
};

}  // namespace

std::string ClusterStory::create(const Line& line) {
  const Assignments assignments(line.named("assign"));
  std::vector<protocol::CreateTopicsRequest::CreatableReplicaAssignment> assigned;
  for (const auto& list : assignments.lists()) {
    auto& each = assigned.emplace_back();
    each.partition_index = static_cast<std::int32_t>(assigned.size() - 1 +
                                                     static_cast<std::size_t>(line.named_number("first", 0)));
    each.broker_ids = list;
  }
  std::vector<protocol::CreateTopicsRequest::CreatableTopicConfig> configs;
  for (const auto& [key, value] : line.pairs()) {
    if (key == "parts" || key == "repl" || key == "assign" || key == "first") continue;
    auto& config = configs.emplace_back();
    config.name = key;
    config.value = value == "null" ? protocol::NullableText(nullptr) : protocol::NullableText(value);
  }
  std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics;
  for (const std::string_view name : split(line.word(1), '+')) {
    auto& topic = topics.emplace_back();
    topic.name = name == "''" ? "" : name;
    topic.num_partitions = static_cast<std::int32_t>(line.named_number("parts", assigned.empty() ? 1 : -1));
    topic.replication_factor =
        static_cast<std::int16_t>(line.named_number("repl", assigned.empty() ? 1 : -1));
    topic.assignments = assigned;
    topic.configs = configs;
  }
  protocol::CreateTopicsRequest request;
  request.topics = topics;
  request.validate_only = line.says("validate");
  const auto response = cluster_.ask<protocol::CreateTopicsResponse>(request);
  return all_of(response.topics, [this](const auto& each) {
    if (each.error_code == 0) created_.push_back(each.topic_id);
    return shown_error(each.error_code, each.error_message);
  });
}

std::string ClusterStory::remove(const Line& line) {
  std::vector<protocol::DeleteTopicsRequest::DeleteTopicState> topics;
  for (std::size_t i = 1; i < line.words(); ++i) {
    auto& topic = topics.emplace_back();
    if (line.word(0) == "delete") {
      topic.name = line.word(i);
    } else {
      const auto index = static_cast<std::size_t>(line.number(i));
      topic.topic_id = index < created_.size() ? created_[index] : Uuid(9, index);
    }
  }
  protocol::DeleteTopicsRequest request;
  request.topics = topics;
  const auto response = cluster_.ask<protocol::DeleteTopicsResponse>(request);
  return all_of(response.responses,
                [](const auto& each) { return shown_error(each.error_code, each.error_message); });
}

std::string ClusterStory::grow(const Line& line) {
  const Assignments assignments(line.named("assign"));
  std::vector<protocol::CreatePartitionsRequest::CreatePartitionsAssignment> assigned;
  for (const auto& list : assignments.lists()) assigned.emplace_back().broker_ids = list;
  std::vector<protocol::CreatePartitionsRequest::CreatePartitionsTopic> topics;
  for (const std::string_view name : split(line.word(1), '+')) {
    auto& topic = topics.emplace_back();
    topic.name = name;
    topic.count = line.number(2);
    topic.assignments =
        protocol::Array<protocol::CreatePartitionsRequest::CreatePartitionsAssignment>::null();
    if (line.has("assign")) topic.assignments = assigned;
  }
  protocol::CreatePartitionsRequest request;
  request.topics = topics;
  request.validate_only = line.says("validate");
  const auto response = cluster_.ask<protocol::CreatePartitionsResponse>(request);
  return all_of(response.results,
                [](const auto& each) { return shown_error(each.error_code, each.error_message); });
}

std::string ClusterStory::isr(const Line& line) {
  const Uuid topic = id_of(line.word(1));
  const PartitionId index(line.number(2));
  const Partition* now = cluster_.image().topics.partition(topic, index);
  const std::vector<std::int32_t> ids = ids_of(line.word(4));
  const std::vector<std::int32_t> epochs = ids_of(line.named("epochs"));
  std::vector<protocol::AlterPartitionRequest::BrokerState> members;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& member = members.emplace_back();
    member.broker_id = ids[i];
    member.broker_epoch = i < epochs.size() ? epochs[i] : epoch_of(ids[i]);
  }
  protocol::AlterPartitionRequest::PartitionData partition;
  partition.partition_index = index.raw();
  partition.leader_epoch =
      static_cast<std::int32_t>(line.named_number("lepoch", now == nullptr ? 0 : now->leader_epoch()));
  partition.partition_epoch =
      static_cast<std::int32_t>(line.named_number("pepoch", now == nullptr ? 0 : now->partition_epoch()));
  partition.new_isr_with_epochs = members;
  partition.leader_recovery_state = line.says("recovering") ? 1 : 0;
  protocol::AlterPartitionRequest::TopicData data;
  data.topic_id = topic;
  data.partitions = protocol::Array<protocol::AlterPartitionRequest::PartitionData>(&partition, 1);
  protocol::AlterPartitionRequest request;
  request.broker_id = line.number(3);
  request.broker_epoch = line.named_number("epoch", epoch_of(request.broker_id));
  request.topics = protocol::Array<protocol::AlterPartitionRequest::TopicData>(&data, 1);
  const auto response = cluster_.ask<protocol::AlterPartitionResponse>(request);
  if (response.error_code != 0) return shown_error(response.error_code, nullptr);
  return all_of(response.topics[0].partitions, [](const auto& each) {
    if (each.error_code != 0) return shown_error(each.error_code, nullptr);
    return fmt::format("isr={} leader={} epoch={}/{}", joined(each.isr.as_span()), each.leader_id,
                       each.leader_epoch, each.partition_epoch);
  });
}

std::string ClusterStory::elect(const Line& line) {
  protocol::ElectLeadersRequest::TopicPartitions topic;
  const std::vector<std::int32_t> partitions = ids_of(line.word(3));
  topic.topic = line.word(2);
  topic.partitions = partitions;
  protocol::ElectLeadersRequest request;
  request.election_type = line.word(1) == "unclean" ? 1 : line.word(1) == "preferred" ? 0 : 7;
  request.topic_partitions = protocol::Array<protocol::ElectLeadersRequest::TopicPartitions>::null();
  if (line.word(2) != "*") {
    request.topic_partitions = protocol::Array<protocol::ElectLeadersRequest::TopicPartitions>(&topic, 1);
  }
  const auto response = cluster_.ask<protocol::ElectLeadersResponse>(request);
  if (response.error_code != 0) return shown_error(response.error_code, nullptr);
  return all_of(response.replica_election_results, [](const auto& each) {
    return all_of(each.partition_result, [&each](const auto& result) {
      return fmt::format("{}-{} {}", each.topic, result.partition_id,
                         shown_error(result.error_code, result.error_message));
    });
  });
}

std::string ClusterStory::move(const Line& line) {
  const std::vector<std::int32_t> replicas = ids_of(line.word(0) == "move" ? line.word(3) : "");
  protocol::AlterPartitionReassignmentsRequest::ReassignablePartition partition;
  partition.partition_index = line.number(2);
  if (line.word(0) == "move") partition.replicas = replicas;
  protocol::AlterPartitionReassignmentsRequest::ReassignableTopic topic;
  topic.name = line.word(1);
  topic.partitions = protocol::Array<decltype(partition)>(&partition, 1);
  protocol::AlterPartitionReassignmentsRequest request;
  request.allow_replication_factor_change = !line.says("same-size");
  request.topics = protocol::Array<decltype(topic)>(&topic, 1);
  const auto response = cluster_.ask<protocol::AlterPartitionReassignmentsResponse>(request);
  if (response.error_code != 0) return shown_error(response.error_code, response.error_message);
  const auto& result = response.responses[0].partitions[0];
  return shown_error(result.error_code, result.error_message);
}

std::string ClusterStory::moving(const Line& line) {
  const std::vector<std::int32_t> partitions = {line.number(2)};
  protocol::ListPartitionReassignmentsRequest::ListPartitionReassignmentsTopics topic;
  topic.name = line.word(1);
  topic.partition_indexes = partitions;
  protocol::ListPartitionReassignmentsRequest request;
  if (line.words() > 1) request.topics = protocol::Array<decltype(topic)>(&topic, 1);
  const auto response = cluster_.ask<protocol::ListPartitionReassignmentsResponse>(request);
  return all_of(response.topics, [](const auto& each) {
    return all_of(each.partitions, [&each](const auto& now) {
      return fmt::format("{}-{} replicas={} adding={} removing={}", each.name, now.partition_index,
                         joined(now.replicas.as_span()), joined(now.adding_replicas.as_span()),
                         joined(now.removing_replicas.as_span()));
    });
  });
}

std::string ClusterStory::dirs(const Line& line) {
  protocol::AssignReplicasToDirsRequest::PartitionData partition;
  partition.partition_index = line.number(4);
  protocol::AssignReplicasToDirsRequest::TopicData topic;
  topic.topic_id = id_of(line.word(3));
  topic.partitions = protocol::Array<decltype(partition)>(&partition, 1);
  protocol::AssignReplicasToDirsRequest::DirectoryData data;
  data.id = directory(number_of(line.word(2)));
  data.topics = protocol::Array<decltype(topic)>(&topic, 1);
  protocol::AssignReplicasToDirsRequest request;
  request.broker_id = line.number(1);
  request.broker_epoch = line.named_number("epoch", epoch_of(request.broker_id));
  request.directories = protocol::Array<decltype(data)>(&data, 1);
  const auto response = cluster_.ask<protocol::AssignReplicasToDirsResponse>(request);
  if (response.error_code != 0) return shown_error(response.error_code, nullptr);
  return shown_error(response.directories[0].topics[0].partitions[0].error_code, nullptr);
}

std::string ClusterStory::configure(const Line& line) {
  const bool of_topic = line.word(0) == "topic-config";
  for (const auto& [key, value] : line.pairs()) {
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(of_topic ? metadata::ConfigResourceType::topic
                                                             : metadata::ConfigResourceType::broker);
    record.resource_name = of_topic ? line.word(1) : "";
    record.name = key;
    record.value = value;
    cluster_.have(record);
  }
  return "ok";
}

std::string ClusterStory::show(const Line& line) const {
  const Partition* now = cluster_.image().topics.partition(id_of(line.word(1)), PartitionId(line.number(2)));
  if (now == nullptr) return "none";
  std::string text =
      fmt::format("replicas={} isr={} leader={} epoch={}/{}", joined(now->replicas()), joined(now->isr()),
                  now->leader(), now->leader_epoch(), now->partition_epoch());
  if (!now->elr().empty()) text += fmt::format(" elr={}", joined(now->elr()));
  if (!now->last_known_elr().empty()) text += fmt::format(" last={}", joined(now->last_known_elr()));
  if (now->reassigning()) {
    text += fmt::format(" adding={} removing={}", joined(now->adding_replicas()),
                        joined(now->removing_replicas()));
  }
  if (now->leader_recovery() == metadata::LeaderRecovery::recovering) text += " recovering";
  if (line.says("dirs")) {
    text += " dirs=";
    for (std::size_t i = 0; i < now->directories().size(); ++i) {
      text += (i > 0 ? "," : "") + shown_directory(now->directories()[i]);
    }
  }
  return text;
}

std::string ClusterStory::brokers() const {
  return all_of(cluster_.image().cluster.brokers, [](const auto& each) {
    std::string text = fmt::format("{}", each.first.raw());
    if (each.second->fenced) text += " fenced";
    if (each.second->in_controlled_shutdown) text += " shuts down";
    return text;
  });
}

std::string ClusterStory::tell(std::string_view text) {
  const Line line(text);
  const std::string_view verb = line.word(0);
  if (verb == "register") return register_broker(line);
  if (verb == "beat") return beat(line);
  if (verb == "live") return live(line);
  if (verb == "controller") return controller(line);
  if (verb == "create") return create(line);
  if (verb == "delete" || verb == "delete-id") return remove(line);
  if (verb == "grow") return grow(line);
  if (verb == "isr") return isr(line);
  if (verb == "elect") return elect(line);
  if (verb == "move" || verb == "cancel") return move(line);
  if (verb == "moving") return moving(line);
  if (verb == "dirs") return dirs(line);
  if (verb == "topic-config" || verb == "cluster-config") return configure(line);
  if (verb == "show") return show(line);
  if (verb == "brokers") return brokers();
  if (verb == "unregister") {
    protocol::UnregisterBrokerRequest request;
    request.broker_id = line.number(1);
    const auto response = cluster_.ask<protocol::UnregisterBrokerResponse>(request);
    return shown_error(response.error_code, response.error_message);
  }
  if (verb == "unregister-controller") {
    protocol::UnregisterControllerRequest request;
    request.controller_id = line.number(1);
    const auto response = cluster_.ask<protocol::UnregisterControllerResponse>(request);
    return shown_error(response.error_code, response.error_message);
  }
  if (verb == "pass") return cluster_.pass(std::chrono::seconds(line.number(1))), "ok";
  if (verb == "silence") return cluster_.run(&fence_silent_broker) ? "more" : "done";
  if (verb == "balance") return cluster_.run(&elect_preferred_leaders) ? "more" : "done";
  if (verb == "unclean") return cluster_.run(&elect_unclean_leaders) ? "more" : "done";
  if (verb == "fail-over") return cluster_.fail_over(), "ok";
  OTTLA_INVARIANT(false, "a story has no such verb", verb);
  return {};
}

ClusterStory& ClusterStory::tell_all(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    const std::string answer = tell(line);
    const bool refused = !answer.empty() && answer[0] >= 'A' && answer[0] <= 'Z';
    OTTLA_INVARIANT(!refused, "a story goes another way than it was told", line, answer);
  }
  return *this;
}

}  // namespace ottla::controller::testing
