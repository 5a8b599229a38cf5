#include "metadata/testing/random_records.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>

#include "base/chain.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "metadata/feature.h"

namespace ottla::metadata {

std::string text_of(const Result<Chain>& bytes) {
  OTTLA_INVARIANT(bytes.ok(), "a test's record cannot be encoded", bytes.error());
  return std::string(bytes->flatten().as_string_view());
}

namespace {

// In a version that can carry it, most often the newest.
template <protocol::Message T>
std::string in_some_version(const T& record, protocol::RandomBits& random) {
  const protocol::Versions versions = T::message().versions;
  if (random.one_in(4)) {
    const auto version =
        static_cast<std::int16_t>(random.below(static_cast<std::uint64_t>(versions.last) + 1));
    if (const auto bytes = protocol::encode_metadata_record(record, version); bytes.ok())
      return text_of(bytes);
  }
  return encoded_record(record);
}

}  // namespace

std::string RandomRecords::word(std::string_view stem, std::uint64_t limit) {
  return fmt::format("{}{}", stem, below(limit));
}

RandomRecords::Ids RandomRecords::ids(std::size_t most) {
  Ids brokers;
  const std::size_t count = below(most + 1);
  const std::int32_t first = small(5);
  for (std::size_t i = 0; i < count; ++i) brokers.push_back(1 + (first + static_cast<std::int32_t>(i)) % 5);
  return brokers;
}

std::vector<Uuid> RandomRecords::directories(std::size_t count) {
  std::vector<Uuid> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(one_in(4) ? Uuid(0, below(3)) : uuid(7, 6));
  return all;
}

// One that is there, most often.
Uuid RandomRecords::topic_id(const MetadataImage& image) {
  if (image.topics.by_id.empty() || one_in(30)) return uuid(1, topics_ + 2);
  auto place = image.topics.by_id.begin();
  std::advance(place, static_cast<std::ptrdiff_t>(below(image.topics.by_id.size())));
  return place->first;
}

std::string RandomRecords::topic(const MetadataImage& image) {
  if (image.topics.by_id.size() > 30 || one_in(3)) {
    protocol::RemoveTopicRecord record;
    record.topic_id = topic_id(image);
    return in_some_version(record, random_);
  }
  const std::string name = fmt::format("topic-{}{}", topics_, one_in(9) ? "-with-a-name-that-is-longer" : "");
  protocol::TopicRecord record;
  record.name = name;
  record.topic_id = Uuid(std::uint64_t{1} << 32U, ++topics_);
  return in_some_version(record, random_);
}

std::string RandomRecords::partition(const MetadataImage& image) {
  const Ids replicas = ids(4);
  const Ids isr = ids(replicas.size());
  const Ids adding = ids(one_in(5) ? 2 : 0);
  const Ids removing = ids(one_in(5) ? 2 : 0);
  const Ids elr = ids(one_in(3) ? 2 : 0);
  const Ids last = ids(one_in(5) ? 2 : 0);
  const std::vector<Uuid> all = directories(one_in(5) ? 0 : one_in(20) ? below(4) : replicas.size());
  protocol::PartitionRecord record;
  record.partition_id = small(12);
  record.topic_id = topic_id(image);
  record.replicas = replicas;
  record.isr = isr;
  record.adding_replicas = adding;
  record.removing_replicas = removing;
  record.leader = small(6) - 1;
  record.leader_recovery_state = static_cast<std::int8_t>(one_in(40) ? 2 : below(2));
  record.leader_epoch = small(100);
  record.partition_epoch = one_in(50) ? INT32_MAX : small(100);
  record.directories = all;
  if (!elr.empty()) record.eligible_leader_replicas = elr;
  if (!last.empty()) record.last_known_elr = last;
  return in_some_version(record, random_);
}

std::string RandomRecords::change(const MetadataImage& image) {
  protocol::PartitionChangeRecord record;
  record.topic_id = topic_id(image);
  const TopicImage* topic = image.topics.find(record.topic_id);
  record.partition_id = small(12);
  if (topic != nullptr && !topic->partitions.empty() && !one_in(20)) {
    const auto place = topic->partitions.lower_bound(PartitionId(record.partition_id));
    record.partition_id = (place == topic->partitions.end() ? topic->partitions.begin() : place)->first.raw();
  }
  const Ids replicas = ids(4);
  const Ids isr = ids(4);
  const Ids adding = ids(2);
  const Ids removing = ids(2);
  const Ids elr = ids(2);
  const Ids last = ids(2);
  const std::vector<Uuid> all = directories(one_in(2) ? replicas.size() : below(4));
  if (one_in(2)) record.isr = isr;
  if (one_in(2)) record.leader = small(6) - 1;
  if (one_in(5)) record.replicas = replicas;
  if (one_in(5)) record.adding_replicas = adding;
  if (one_in(5)) record.removing_replicas = removing;
  if (one_in(5)) record.eligible_leader_replicas = elr;
  if (one_in(5)) record.last_known_elr = last;
  if (!record.replicas.is_null() || one_in(8)) record.directories = all;
  if (one_in(4)) record.leader_recovery_state = static_cast<std::int8_t>(one_in(20) ? 2 : small(3) - 1);
  return in_some_version(record, random_);
}

std::string RandomRecords::broker() {
  const std::string rack = word("rack-", 3);
  const std::string host = word("host-", 9);
  std::vector<protocol::RegisterBrokerRecord::BrokerEndpoint> endpoints(1 + below(3));
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    constexpr std::string_view kNames[] = {"PLAINTEXT", "EXTERNAL", "REPLICATION"};
    endpoints[i].name = one_in(60) ? "" : one_in(20) ? kNames[0] : kNames[i];
    endpoints[i].host = host;
    endpoints[i].port = static_cast<std::uint16_t>(9000 + below(9));
    endpoints[i].security_protocol = static_cast<std::int16_t>(below(4));
  }
  std::vector<protocol::RegisterBrokerRecord::BrokerFeature> features(below(3));
  for (std::size_t i = 0; i < features.size(); ++i) {
    features[i].name = i == 0 ? kMetadataVersionFeature : kKraftVersionFeature;
    features[i].max_supported_version = static_cast<std::int16_t>(one_in(5) ? INT16_MAX : small(40));
    features[i].min_supported_version =
        static_cast<std::int16_t>(one_in(2) ? small(8) : features[i].max_supported_version);
  }
  const std::vector<Uuid> all = directories(below(4));
  const std::vector<Uuid> cordoned = directories(below(3));
  protocol::RegisterBrokerRecord record;
  record.broker_id = 1 + small(5);
  record.incarnation_id = uuid(3, 1000);
  record.broker_epoch = small(4);
  record.end_points = endpoints;
  record.features = features;
  record.rack = one_in(2) ? protocol::NullableText(rack) : nullptr;
  record.fenced = one_in(2);
  record.in_controlled_shutdown = one_in(4);
  record.is_migrating_zk_broker = one_in(9);
  record.log_dirs = all;
  if (one_in(3)) record.cordoned_log_dirs = cordoned;
  return in_some_version(record, random_);
}

std::string RandomRecords::broker_change(const MetadataImage& image) {
  const std::int32_t id = 1 + small(5);
  const BrokerRegistration* broker = image.cluster.broker(NodeId(id));
  const std::int64_t epoch = broker == nullptr || one_in(15) ? small(4) : broker->epoch;
  if (one_in(15)) {
    protocol::UnregisterBrokerRecord record;
    record.broker_id = id;
    record.broker_epoch = epoch;
    return in_some_version(record, random_);
  }
  if (one_in(10)) {
    protocol::FenceBrokerRecord record;
    record.id = id;
    record.epoch = epoch;
    return in_some_version(record, random_);
  }
  if (one_in(10)) {
    protocol::UnfenceBrokerRecord record;
    record.id = id;
    record.epoch = epoch;
    return in_some_version(record, random_);
  }
  const std::vector<Uuid> all = directories(below(3));
  const std::vector<Uuid> cordoned = directories(below(3));
  protocol::BrokerRegistrationChangeRecord record;
  record.broker_id = id;
  record.broker_epoch = epoch;
  record.fenced = static_cast<std::int8_t>(one_in(30) ? 2 : small(3) - 1);
  record.in_controlled_shutdown = static_cast<std::int8_t>(one_in(30) ? -1 : small(2));
  record.log_dirs = all;
  if (one_in(3)) record.cordoned_log_dirs = cordoned;
  return in_some_version(record, random_);
}

std::string RandomRecords::controller() {
  if (one_in(4)) {
    protocol::UnregisterControllerRecord record;
    record.controller_id = 3000 + small(4);
    return in_some_version(record, random_);
  }
  const std::string host = word("controller-", 9);
  std::vector<protocol::RegisterControllerRecord::ControllerEndpoint> endpoints(below(3));
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    endpoints[i].name = i == 0 ? "CONTROLLER" : "";
    endpoints[i].host = host;
    endpoints[i].port = 9093;
    endpoints[i].security_protocol = static_cast<std::int16_t>(below(4));
  }
  std::vector<protocol::RegisterControllerRecord::ControllerFeature> features(below(2));
  for (auto& each : features) each.name = kMetadataVersionFeature;
  protocol::RegisterControllerRecord record;
  record.controller_id = 3000 + small(4);
  record.incarnation_id = uuid(4, 1000);
  record.zk_migration_ready = one_in(9);
  record.end_points = endpoints;
  record.features = features;
  return in_some_version(record, random_);
}

std::string RandomRecords::setting() {
  if (one_in(8)) {
    protocol::ProducerIdsRecord record;
    record.next_producer_id = small(50) * 1000;
    return in_some_version(record, random_);
  }
  if (one_in(3)) {
    const std::string user = word("user-", 4);
    std::vector<protocol::ClientQuotaRecord::EntityData> parts(1 + below(2));
    for (auto& each : parts) {
      each.entity_type = one_in(2) ? "user" : one_in(2) ? "client-id" : "ip";
      each.entity_name = one_in(3) ? nullptr : protocol::NullableText(user);
    }
    const std::string key = word("rate-", 3);
    protocol::ClientQuotaRecord record;
    record.entity = parts;
    record.key = key;
    record.value = static_cast<double>(below(1000)) / 8;
    record.remove = one_in(3);
    return in_some_version(record, random_);
  }
  constexpr std::int8_t kTypes[] = {2, 4, 16, 32, 8, 3};
  const std::string resource = word("topic-", 20);
  const std::string key = word("key-", 5);
  const std::string value = word("a value which is not that short, ", 100);
  protocol::ConfigRecord record;
  record.resource_type = kTypes[below(std::size(kTypes))];
  record.resource_name = one_in(5) ? "" : std::string_view(resource);
  record.name = key;
  record.value = one_in(3) ? nullptr : protocol::NullableText(value);
  return in_some_version(record, random_);
}

std::string RandomRecords::secured(const MetadataImage& image) {
  const std::string name = word("user-", 6);
  const std::string principal = fmt::format("{}{}", one_in(30) ? "" : "User:", name);
  const std::string id = word("token-", 8);
  const std::vector<std::byte> secret(below(4), std::byte{200});
  switch (below(6)) {
    case 0: {
      protocol::RemoveAccessControlEntryRecord record;
      record.id = image.acls.empty() || one_in(9) ? uuid(5, 40) : image.acls.begin()->first;
      return in_some_version(record, random_);
    }
    case 1: {
      protocol::AccessControlEntryRecord record;
      record.id = uuid(5, 40);
      record.resource_type = static_cast<std::int8_t>(small(10) - 1);
      record.resource_name = name;
      record.pattern_type = static_cast<std::int8_t>(small(7) - 1);
      record.principal = principal;
      record.host = "*";
      record.operation = static_cast<std::int8_t>(small(18) - 1);
      record.permission_type = static_cast<std::int8_t>(small(6) - 1);
      return in_some_version(record, random_);
    }
    case 2: {
      protocol::RemoveUserScramCredentialRecord record;
      record.name = name;
      record.mechanism = static_cast<std::int8_t>(1 + small(2));
      return in_some_version(record, random_);
    }
    case 3: {
      protocol::UserScramCredentialRecord record;
      record.name = name;
      record.mechanism = static_cast<std::int8_t>(one_in(20) ? 9 : 1 + small(2));
      record.salt = secret;
      record.stored_key = secret;
      record.iterations = small(9000);
      return in_some_version(record, random_);
    }
    case 4: {
      protocol::RemoveDelegationTokenRecord record;
      record.token_id = id;
      return in_some_version(record, random_);
    }
    default: {
      const std::vector<std::string_view> renewers(below(3), principal);
      protocol::DelegationTokenRecord record;
      record.owner = principal;
      record.requester = "User:a:b";
      record.renewers = renewers;
      record.issue_timestamp = small(1000);
      record.max_timestamp = small(1000);
      record.expiration_timestamp = small(1000);
      record.token_id = id;
      return in_some_version(record, random_);
    }
  }
}

std::string RandomRecords::feature() {
  protocol::FeatureLevelRecord record;
  const std::string other = word("feature-", 3);
  const std::size_t which = below(all_features().size() + 3);
  record.name = which < all_features().size() ? all_features()[which].name : std::string_view(other);
  record.feature_level = static_cast<std::int16_t>(small(3));
  if (which > all_features().size()) {
    record.name = kMetadataVersionFeature;
    record.feature_level = static_cast<std::int16_t>(one_in(10) ? small(40) : 7 + small(28));
  }
  return in_some_version(record, random_);
}

std::string RandomRecords::next(const MetadataImage& image) {
  const std::uint64_t kind = below(100);
  if (kind < 12 || image.topics.by_id.empty()) return topic(image);
  if (kind < 35) return partition(image);
  if (kind < 60) return change(image);
  if (kind < 63) return broker();
  if (kind < 70) return broker_change(image);
  if (kind < 73) return controller();
  if (kind < 85) return setting();
  if (kind < 94) return secured(image);
  if (kind < 96) return feature();
  if (kind < 98) return encoded_record(protocol::NoOpRecord{});
  if (kind < 99) return encoded_record(protocol::ZkMigrationStateRecord{});
  protocol::ClearElrRecord record;
  const TopicImage* some = image.topics.find(topic_id(image));
  record.topic_name = one_in(4) || some == nullptr ? std::string_view() : std::string_view(some->name);
  if (one_in(10)) record.topic_name = "no such topic";
  return in_some_version(record, random_);
}

}  // namespace ottla::metadata
