#include "controller/testing/random_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "controller/brokers.h"
#include "controller/heartbeats.h"
#include "controller/leadership.h"
#include "controller/partitions.h"
#include "controller/topics.h"
#include "metadata/config_resource.h"
#include "metadata/feature.h"
#include "metadata/registration.h"

namespace ottla::controller::testing {
namespace {

using metadata::BrokerRegistration;
using metadata::Partition;
using metadata::TopicImage;

constexpr Duration kSession = std::chrono::seconds(9);
constexpr std::size_t kBrokers = 5;
constexpr std::size_t kMostTopics = 6;

template <typename T>
protocol::Array<T> one(const T& element) {
  return protocol::Array<T>(&element, 1);
}

bool has_empty_isr(const TopicImage& topic) {
  return std::ranges::any_of(topic.partitions, [](const auto& each) { return each.second->isr().empty(); });
}

bool same_size_everywhere(const TopicImage& topic) {
  const std::size_t size = topic.partitions.begin()->second->replicas().size();
  return std::ranges::all_of(topic.partitions,
                             [size](const auto& each) { return each.second->replicas().size() == size; });
}

}  // namespace

RandomCluster::RandomCluster(TestCluster& cluster, const RandomOptions& options)
    : cluster_(cluster), options_(options), random_(options.seed) {
  for (std::size_t i = 1; i <= kBrokers; ++i) {
    Broker& broker = brokers_.emplace_back();
    broker.id = static_cast<std::int32_t>(i);
    for (std::uint64_t dir = 0; dir < 1 + i % 2; ++dir) broker.directories.emplace_back(i, 1000 + dir);
  }
  if (options.plant != Plant::none) {
    cluster_.tamper = [this](RecordList& records) { plant(records); };
  }
}

void RandomCluster::violate(const std::string& broken) {
  if (cluster_.on_violation) return cluster_.on_violation(broken);
  OTTLA_INVARIANT(false, "an invariant of the cluster does not hold", broken);
}

void RandomCluster::step() {
  const std::uint64_t kind = below(100);
  if (kind < 30) {
    Broker& broker = any_broker();
    return broker.life == Life::stopped ? start(broker) : beat(broker);
  }
  if (kind < 34) return stop(any_broker());
  if (kind < 42) return pass_time();
  if (kind < 50) return create();
  if (kind < 53) return remove();
  if (kind < 57) return grow();
  if (kind < 75) return alter_isr();
  if (kind < 83) return reassign();
  if (kind < 85) return list();
  if (kind < 90) return elect();
  if (kind < 94) return assign_directory();
  if (kind < 95) return unregister();
  if (kind < 97) return configure();
  if (kind < 98 && !options_.as_the_reference) return cluster_.fail_over();
  static_cast<void>(cluster_.run(one_in(2) ? &elect_preferred_leaders : &elect_unclean_leaders));
}

void RandomCluster::start(Broker& broker) {
  const auto incarnation = broker.incarnation + 1;
  std::vector<protocol::BrokerRegistrationRequest::Listener> listeners(1);
  listeners[0].name = "PLAINTEXT";
  listeners[0].host = "host";
  listeners[0].port = 9092;
  std::vector<protocol::BrokerRegistrationRequest::Feature> features;
  for (const metadata::Feature& each : metadata::all_features()) {
    auto& feature = features.emplace_back();
    feature.name = each.name;
    feature.max_supported_version = one_in(20) ? std::int16_t{0} : each.latest();
  }
  auto& version = features.emplace_back();
  version.name = metadata::kMetadataVersionFeature;
  version.min_supported_version = level_of(metadata::kOldestMetadataVersion);
  version.max_supported_version = level_of(metadata::kLatestMetadataVersion);
  protocol::BrokerRegistrationRequest request;
  request.broker_id = broker.id;
  request.cluster_id = one_in(30) ? "other" : "cluster";
  request.incarnation_id = Uuid(static_cast<std::uint64_t>(broker.id), incarnation);
  request.listeners = listeners;
  request.features = features;
  request.rack = nullptr;
  request.log_dirs = broker.directories;
  request.previous_broker_epoch = broker.killed ? -1 : broker.previous_epoch;
  if (planted(Plant::trust_the_killed)) {
    const BrokerRegistration* now = cluster_.image().cluster.broker(NodeId(broker.id));
    request.previous_broker_epoch = now == nullptr ? -1 : now->epoch;
  }
  const auto response = cluster_.ask<protocol::BrokerRegistrationResponse>(request);
  if (response.error_code != 0) return;
  const bool was_killed = broker.killed;
  broker = {.id = broker.id,
            .life = Life::running,
            .incarnation = incarnation,
            .epoch = response.broker_epoch,
            .last_beat = cluster_.now(),
            .directories = broker.directories};
  if (!was_killed || !cluster_.image().features.elr_enabled()) return;
  for (const auto& [id, topic] : cluster_.image().topics.by_id) {
    for (const auto& [index, partition] : topic.partitions) {
      if (metadata::contains(partition->isr(), broker.id) ||
          metadata::contains(partition->elr(), broker.id)) {
        violate(fmt::format("broker {} was killed and counts as if it had lost nothing", broker.id));
      }
    }
  }
}

void RandomCluster::beat(Broker& broker) {
  if (broker.life == Life::running && one_in(25)) broker.life = Life::leaving;
  std::vector<Uuid> offline;
  const bool leaves = options_.as_the_reference && broker.life == Life::leaving;
  if (broker.directories.size() > 1 && !leaves && one_in(30)) offline.push_back(broker.directories[below(2)]);
  const std::vector<Uuid> cordoned(broker.directories.begin(),
                                   broker.directories.begin() + static_cast<std::ptrdiff_t>(one_in(3)));
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = broker.id;
  request.broker_epoch = one_in(40) ? broker.epoch - 1 : broker.epoch;
  request.current_metadata_offset =
      one_in(4) ? cluster_.last_offset() - static_cast<std::int64_t>(below(10)) : cluster_.last_offset();
  request.want_fence = one_in(40) && (offline.empty() || !options_.as_the_reference);
  request.want_shut_down = broker.life == Life::leaving;
  request.offline_log_dirs = offline;
  if (one_in(15)) request.cordoned_log_dirs = cordoned;
  const auto response = cluster_.ask<protocol::BrokerHeartbeatResponse>(request);
  if (response.error_code != 0) return;
  broker.last_beat = cluster_.now();
  for (const Uuid& each : offline) std::erase(broker.directories, each);
  if (!response.should_shut_down) return;
  broker.life = Life::stopped;
  broker.previous_epoch = broker.epoch;
}

void RandomCluster::stop(Broker& broker) {
  if (broker.life == Life::stopped) return;
  broker.life = Life::stopped;
  broker.killed = true;
}

void RandomCluster::pass_time() {
  cluster_.pass(std::chrono::seconds(1 + below(4)));
  // So that at most one session ends between two looks at them, most brokers tell that they live.
  for (Broker& broker : brokers_) {
    if (broker.life != Life::stopped && !one_in(5)) beat(broker);
  }
  if (planted(Plant::never_fence)) {
    cluster_.sessions().begin(cluster_.image(), cluster_.now());
  } else {
    while (cluster_.run(&fence_silent_broker)) {
    }
  }
  for (const Broker& broker : brokers_) {
    const BrokerRegistration* now = cluster_.image().cluster.broker(NodeId(broker.id));
    if (now == nullptr || now->fenced || now->epoch != broker.epoch) continue;
    // A controller that took over in between gave it another whole session.
    if (broker.last_beat + 4 * kSession < cluster_.now()) {
      violate(fmt::format("broker {} has been silent for long and is not fenced", broker.id));
    }
  }
}

std::string RandomCluster::any_name() {
  return fmt::format("topic{}{}", one_in(4) ? "." : one_in(3) ? "_" : "-", below(kMostTopics));
}

const TopicImage* RandomCluster::any_topic() {
  const auto& topics = cluster_.image().topics.by_id;
  if (topics.empty() || one_in(30)) return nullptr;
  auto place = topics.begin();
  for (std::uint64_t skipped = below(topics.size()); skipped > 0; --skipped) ++place;
  return &place->second;
}

std::int32_t RandomCluster::any_partition(const TopicImage* topic) {
  if (topic == nullptr || one_in(40)) return 77;
  return static_cast<std::int32_t>(below(topic->partitions.size()));
}

std::vector<std::int32_t> RandomCluster::any_brokers(std::size_t most) {
  std::vector<std::int32_t> all;
  for (const Broker& broker : brokers_) all.push_back(broker.id);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[below(i)]);
  all.resize(1 + below(most));
  if (one_in(40)) all.push_back(one_in(2) ? all.front() : 99);
  return all;
}

void RandomCluster::create() {
  const std::string name = any_name();
  std::vector<std::vector<std::int32_t>> lists;
  const std::size_t size = 1 + below(3);
  for (std::uint64_t count = 1 + below(3); lists.size() < count;) {
    lists.push_back(any_brokers(kBrokers));
    if (lists.back().size() > size) lists.back().resize(size);
  }
  std::vector<protocol::CreateTopicsRequest::CreatableReplicaAssignment> assignments;
  for (const auto& list : lists) {
    auto& each = assignments.emplace_back();
    each.partition_index = static_cast<std::int32_t>(assignments.size() - 1) + (one_in(50) ? 1 : 0);
    each.broker_ids = list;
  }
  protocol::CreateTopicsRequest::CreatableTopicConfig config;
  config.name = one_in(2) ? "min.insync.replicas" : "unclean.leader.election.enable";
  config.value = config.name == "min.insync.replicas" ? "2" : one_in(2) ? "true" : one_in(8) ? "x" : "false";
  protocol::CreateTopicsRequest::CreatableTopic topic;
  topic.name = one_in(40) ? std::string_view("bad/name") : std::string_view(name);
  topic.num_partitions = one_in(40) ? 3 : -1;
  topic.replication_factor = one_in(40) ? 0 : -1;
  topic.assignments = assignments;
  if (!options_.as_the_reference && one_in(3)) {
    topic.assignments = {};
    topic.num_partitions = static_cast<std::int32_t>(below(5)) - 1;
    topic.replication_factor = static_cast<std::int16_t>(below(4)) - 1;
  }
  if (one_in(2)) topic.configs = one(config);
  protocol::CreateTopicsRequest request;
  request.topics = one(topic);
  request.validate_only = one_in(20);
  static_cast<void>(cluster_.ask<protocol::CreateTopicsResponse>(request));
}

void RandomCluster::remove() {
  const TopicImage* topic = any_topic();
  if (options_.as_the_reference && topic != nullptr && has_empty_isr(*topic)) return;
  const std::string name = topic == nullptr ? any_name() : topic->name;
  protocol::DeleteTopicsRequest::DeleteTopicState state;
  if (one_in(2)) {
    state.name = std::string_view(name);
  } else {
    state.topic_id = topic == nullptr ? Uuid(3, below(3)) : topic->id;
  }
  protocol::DeleteTopicsRequest request;
  request.topics = one(state);
  static_cast<void>(cluster_.ask<protocol::DeleteTopicsResponse>(request));
}

void RandomCluster::grow() {
  const TopicImage* topic = any_topic();
  // Which of its partitions says how many replicas the new ones have, is not told.
  if (topic != nullptr && !same_size_everywhere(*topic)) return;
  const std::string name = topic == nullptr ? any_name() : topic->name;
  const std::size_t there = topic == nullptr ? 1 : topic->partitions.size();
  const std::vector<std::int32_t> brokers = any_brokers(3);
  protocol::CreatePartitionsRequest::CreatePartitionsAssignment assignment;
  assignment.broker_ids = brokers;
  protocol::CreatePartitionsRequest::CreatePartitionsTopic asked;
  asked.name = name;
  asked.count = static_cast<std::int32_t>(there + (one_in(8) ? 0 : 1) + (one_in(8) ? 1 : 0));
  asked.assignments = one(assignment);
  if (!options_.as_the_reference && one_in(3)) {
    asked.assignments =
        protocol::Array<protocol::CreatePartitionsRequest::CreatePartitionsAssignment>::null();
  }
  protocol::CreatePartitionsRequest request;
  request.topics = one(asked);
  static_cast<void>(cluster_.ask<protocol::CreatePartitionsResponse>(request));
}

// A leader finds replicas in sync, or not any more. What it knows of other brokers may be old.
void RandomCluster::alter_isr() {
  const TopicImage* topic = any_topic();
  const std::int32_t index = any_partition(topic);
  const Partition* now = topic == nullptr ? nullptr : topic->partition(PartitionId(index));
  const std::int32_t leader = now == nullptr || one_in(30) ? 1 : now->leader();
  std::vector<protocol::AlterPartitionRequest::BrokerState> isr;
  std::vector<std::int64_t> told(kBrokers + 1, -1);
  const std::vector<std::int32_t> all =
      now == nullptr ? any_brokers(3)
                     : std::vector<std::int32_t>(now->replicas().begin(), now->replicas().end());
  for (const std::int32_t broker : all) {
    if (broker < 1 || broker > static_cast<std::int32_t>(kBrokers)) continue;
    if (broker != leader && one_in(4)) continue;
    auto& member = isr.emplace_back();
    member.broker_id = broker;
    const auto place = static_cast<std::size_t>(broker);
    told[place] = brokers_[place - 1].epoch - (one_in(10) ? 3 : 0);
    member.broker_epoch = planted(Plant::stale_epochs) ? -1 : told[place];
  }
  protocol::AlterPartitionRequest::PartitionData partition;
  partition.partition_index = index;
  partition.leader_epoch =
      (now == nullptr ? 0 : now->leader_epoch()) + static_cast<std::int32_t>(below(25) == 0);
  partition.partition_epoch =
      (now == nullptr ? 0 : now->partition_epoch()) - static_cast<std::int32_t>(below(25) == 0);
  partition.new_isr_with_epochs = isr;
  partition.leader_recovery_state = one_in(30) ? 1 : 0;
  protocol::AlterPartitionRequest::TopicData data;
  data.topic_id = topic == nullptr ? Uuid(3, 3) : topic->id;
  data.partitions = one(partition);
  protocol::AlterPartitionRequest request;
  request.broker_id = leader;
  const BrokerRegistration* registration = cluster_.image().cluster.broker(NodeId(leader));
  request.broker_epoch = registration == nullptr ? 0 : registration->epoch;
  request.topics = one(data);
  const metadata::MetadataImage before = cluster_.image();
  static_cast<void>(cluster_.ask<protocol::AlterPartitionResponse>(request));
  check_joined(before, told);
}

void RandomCluster::check_joined(const metadata::MetadataImage& before,
                                 const std::vector<std::int64_t>& told) {
  for (const auto& [id, topic] : cluster_.image().topics.by_id) {
    for (const auto& [index, partition] : topic.partitions) {
      const Partition* then = before.topics.partition(id, index);
      for (const std::int32_t broker : partition->isr()) {
        if (then == nullptr || metadata::contains(then->isr(), broker)) continue;
        const BrokerRegistration* registration = before.cluster.broker(NodeId(broker));
        const auto place = static_cast<std::size_t>(broker);
        if (registration == nullptr || place >= told.size() || told[place] != registration->epoch) {
          violate(fmt::format("broker {} joined an ISR by the word for an earlier process", broker));
        }
      }
    }
  }
}

void RandomCluster::reassign() {
  const TopicImage* topic = any_topic();
  const std::string name = topic == nullptr ? any_name() : topic->name;
  const std::vector<std::int32_t> brokers = any_brokers(4);
  protocol::AlterPartitionReassignmentsRequest::ReassignablePartition partition;
  partition.partition_index = any_partition(topic);
  const Partition* now =
      topic == nullptr ? nullptr : topic->partition(PartitionId(partition.partition_index));
  const bool takes_back =
      now != nullptr && std::ranges::any_of(now->adding_replicas(), [&brokers](std::int32_t each) {
        return !metadata::contains(brokers, each);
      });
  const bool cancels = one_in(4) || (takes_back && options_.as_the_reference);
  if (!cancels) partition.replicas = brokers;
  protocol::AlterPartitionReassignmentsRequest::ReassignableTopic asked;
  asked.name = name;
  asked.partitions = one(partition);
  protocol::AlterPartitionReassignmentsRequest request;
  request.allow_replication_factor_change = !one_in(6);
  request.topics = one(asked);
  static_cast<void>(cluster_.ask<protocol::AlterPartitionReassignmentsResponse>(request));
}

void RandomCluster::list() {
  protocol::ListPartitionReassignmentsRequest request;
  static_cast<void>(cluster_.ask<protocol::ListPartitionReassignmentsResponse>(request));
}

void RandomCluster::elect() {
  const TopicImage* topic = any_topic();
  const std::string name = topic == nullptr ? any_name() : topic->name;
  const std::vector<std::int32_t> partitions = {any_partition(topic)};
  protocol::ElectLeadersRequest::TopicPartitions asked;
  asked.topic = name;
  asked.partitions = partitions;
  protocol::ElectLeadersRequest request;
  request.election_type = one_in(30) ? 5 : static_cast<std::int8_t>(below(2));
  request.topic_partitions = one(asked);
  if (one_in(5))
    request.topic_partitions = protocol::Array<protocol::ElectLeadersRequest::TopicPartitions>::null();
  static_cast<void>(cluster_.ask<protocol::ElectLeadersResponse>(request));
}

void RandomCluster::assign_directory() {
  const Broker& broker = any_broker();
  const TopicImage* topic = any_topic();
  protocol::AssignReplicasToDirsRequest::PartitionData partition;
  partition.partition_index = any_partition(topic);
  protocol::AssignReplicasToDirsRequest::TopicData data;
  data.topic_id = topic == nullptr ? Uuid(3, 3) : topic->id;
  data.partitions = one(partition);
  protocol::AssignReplicasToDirsRequest::DirectoryData directory;
  directory.id = (one_in(15) && !options_.as_the_reference) || broker.directories.empty()
                     ? Uuid(static_cast<std::uint64_t>(broker.id), 1000 + below(3))
                     : broker.directories[below(broker.directories.size())];
  directory.topics = one(data);
  protocol::AssignReplicasToDirsRequest request;
  request.broker_id = broker.id;
  request.broker_epoch = broker.epoch;
  request.directories = one(directory);
  static_cast<void>(cluster_.ask<protocol::AssignReplicasToDirsResponse>(request));
}

void RandomCluster::unregister() {
  protocol::UnregisterBrokerRequest request;
  request.broker_id = any_broker().id;
  static_cast<void>(cluster_.ask<protocol::UnregisterBrokerResponse>(request));
}

void RandomCluster::configure() {
  const TopicImage* topic = any_topic();
  const std::string name = topic == nullptr ? "" : topic->name;
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(topic == nullptr ? metadata::ConfigResourceType::broker
                                                                   : metadata::ConfigResourceType::topic);
  record.resource_name = name;
  record.name = one_in(2) ? "min.insync.replicas" : "unclean.leader.election.enable";
  record.value = record.name == "min.insync.replicas" ? std::string_view(one_in(2) ? "2" : "3")
                                                      : std::string_view(one_in(2) ? "true" : "false");
  cluster_.have(record);
}

}  // namespace ottla::controller::testing
