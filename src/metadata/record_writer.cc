#include "metadata/record_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::metadata {
namespace {

class Writer {
 public:
  Writer(const MetadataImage& image, MetadataVersion version, bool elr_enabled, const WriterOptions& options,
         const RecordSink& sink)
      : image_(image), version_(version), elr_enabled_(elr_enabled), options_(options), sink_(sink) {}

  Result<> write_all() {
    OTTLA_CHECK(write_features());
    OTTLA_CHECK(write_brokers());
    OTTLA_CHECK(write_controllers());
    OTTLA_CHECK(write_topics());
    OTTLA_CHECK(write_configs());
    OTTLA_CHECK(write_quotas());
    OTTLA_CHECK(write_producer_ids());
    OTTLA_CHECK(write_acls());
    OTTLA_CHECK(write_scram());
    return write_tokens();
  }

 private:
  template <protocol::Message T>
  Result<> put(const T& record, std::int16_t record_version = 0) {
    return sink_(protocol::Encodable(record, record_version));
  }

  Result<> lose(std::string_view what) {
    if (options_.on_loss) {
      options_.on_loss(what);
      return {};
    }
    return Error(Errc::invalid_argument,
                 fmt::format("Metadata has been lost because the following could not be represented in "
                             "metadata.version {}: {}",
                             name_of(version_), what));
  }

  Result<> write_features();
  Result<> write_brokers();
  Result<> write_controllers();
  Result<> write_topics();
  Result<> write_partition(const Uuid& topic, PartitionId index, const Partition& partition);
  Result<> write_configs();
  Result<> write_quotas();
  Result<> write_producer_ids();
  Result<> write_acls();
  Result<> write_scram();
  Result<> write_tokens();

  const MetadataImage& image_;
  const MetadataVersion version_;
  const bool elr_enabled_;
  const WriterOptions& options_;
  const RecordSink& sink_;
};

Result<> Writer::write_features() {
  protocol::FeatureLevelRecord record;
  record.name = kMetadataVersionFeature;
  record.feature_level = level_of(version_);
  OTTLA_CHECK(put(record));
  for (const auto& [name, level] : image_.features.finalized) {
    record.name = name;
    record.feature_level = level;
    OTTLA_CHECK(put(record));
  }
  return {};
}

template <typename Endpoint>
std::vector<Endpoint> endpoints_of(const std::vector<Listener>& listeners) {
  std::vector<Endpoint> endpoints(listeners.size());
  std::ranges::transform(listeners, endpoints.begin(), [](const Listener& each) {
    Endpoint endpoint;
    endpoint.name = each.name;
    endpoint.host = each.host;
    endpoint.port = each.port;
    endpoint.security_protocol = static_cast<std::int16_t>(each.protocol);
    return endpoint;
  });
  return endpoints;
}

template <typename Feature>
std::vector<Feature> features_of(const std::vector<SupportedFeature>& supported) {
  std::vector<Feature> features(supported.size());
  std::ranges::transform(supported, features.begin(), [](const SupportedFeature& each) {
    Feature feature;
    feature.name = each.name;
    feature.min_supported_version = each.least;
    feature.max_supported_version = each.most;
    return feature;
  });
  return features;
}

Result<> Writer::write_brokers() {
  for (const auto& [id, broker] : image_.cluster.brokers) {
    const auto endpoints = endpoints_of<protocol::RegisterBrokerRecord::BrokerEndpoint>(broker->listeners);
    const auto features = features_of<protocol::RegisterBrokerRecord::BrokerFeature>(broker->features);
    protocol::RegisterBrokerRecord record;
    record.broker_id = id.raw();
    record.incarnation_id = broker->incarnation_id;
    record.broker_epoch = broker->epoch;
    record.end_points = endpoints;
    record.features = features;
    record.rack = broker->rack.has_value() ? protocol::NullableText(*broker->rack) : nullptr;
    record.fenced = broker->fenced;
    record.in_controlled_shutdown = broker->in_controlled_shutdown;
    if (broker->migrating_from_zookeeper && has_migration_fields(version_)) {
      record.is_migrating_zk_broker = true;
    } else if (broker->migrating_from_zookeeper) {
      OTTLA_CHECK(lose("the isMigratingZkBroker state of one or more brokers"));
    }
    if (broker->directories.empty() || has_directory_assignment(version_)) {
      record.log_dirs = broker->directories;
    } else {
      OTTLA_CHECK(lose("the online log directories of one or more brokers"));
    }
    if (broker->cordoned_directories.has_value() && has_cordoned_directories(version_)) {
      record.cordoned_log_dirs = *broker->cordoned_directories;
    } else if (broker->cordoned_directories.has_value()) {
      OTTLA_CHECK(lose("the cordoned log directories of one or more brokers"));
    }
    OTTLA_CHECK(put(record, register_broker_record_version(version_)));
  }
  return {};
}

Result<> Writer::write_controllers() {
  if (image_.cluster.controllers.empty()) return {};
  if (!has_controller_registration(version_)) return lose("controller registration data");
  for (const auto& [id, controller] : image_.cluster.controllers) {
    const auto endpoints =
        endpoints_of<protocol::RegisterControllerRecord::ControllerEndpoint>(controller->listeners);
    const auto features =
        features_of<protocol::RegisterControllerRecord::ControllerFeature>(controller->features);
    protocol::RegisterControllerRecord record;
    record.controller_id = id.raw();
    record.incarnation_id = controller->incarnation_id;
    record.zk_migration_ready = controller->ready_to_migrate;
    record.end_points = endpoints;
    record.features = features;
    OTTLA_CHECK(put(record));
  }
  return {};
}

Result<> Writer::write_topics() {
  for (const auto& [id, topic] : image_.topics.by_id) {
    protocol::TopicRecord record;
    record.name = topic.name;
    record.topic_id = id;
    OTTLA_CHECK(put(record));
    for (const auto& [index, partition] : topic.partitions)
      OTTLA_CHECK(write_partition(id, index, *partition));
  }
  return {};
}

Result<> Writer::write_partition(const Uuid& topic, PartitionId index, const Partition& partition) {
  const std::int16_t record_version = partition_record_version(version_);
  protocol::PartitionRecord record;
  record.partition_id = index.raw();
  record.topic_id = topic;
  record.replicas = partition.replicas();
  record.isr = partition.isr();
  record.removing_replicas = partition.removing_replicas();
  record.adding_replicas = partition.adding_replicas();
  record.leader = partition.leader();
  record.leader_recovery_state = static_cast<std::int8_t>(partition.leader_recovery());
  record.leader_epoch = partition.leader_epoch();
  record.partition_epoch = partition.partition_epoch();
  const bool has_elr = !partition.elr().empty() || !partition.last_known_elr().empty();
  if (elr_enabled_ && has_elr && !has_eligible_leader_replicas(version_)) {
    OTTLA_CHECK(lose("the eligible leader replicas of one or more partitions"));
  } else if (elr_enabled_) {
    if (!partition.elr().empty()) record.eligible_leader_replicas = partition.elr();
    if (!partition.last_known_elr().empty()) record.last_known_elr = partition.last_known_elr();
  }
  if (has_directory_assignment(version_)) {
    record.directories = partition.directories();
  } else if (std::ranges::any_of(partition.directories(),
                                 [](const Uuid& each) { return each != kMigratingDirectory; })) {
    OTTLA_CHECK(lose("the directory assignment state of one or more replicas"));
  }
  return put(record, record_version);
}

Result<> Writer::write_configs() {
  for (const auto& [resource, values] : image_.configs) {
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(resource.type);
    record.resource_name = resource.name;
    for (const auto& [key, value] : values) {
      record.name = key;
      record.value = protocol::NullableText(value);
      OTTLA_CHECK(put(record));
    }
  }
  return {};
}

Result<> Writer::write_quotas() {
  for (const auto& [entity, values] : image_.client_quotas) {
    std::vector<protocol::ClientQuotaRecord::EntityData> parts;
    for (const QuotaEntityPart& each : entity.parts) {
      protocol::ClientQuotaRecord::EntityData part;
      part.entity_type = each.type;
      part.entity_name = each.name.has_value() ? protocol::NullableText(*each.name) : nullptr;
      parts.push_back(part);
    }
    for (const auto& [key, value] : values) {
      protocol::ClientQuotaRecord record;
      record.entity = parts;
      record.key = key;
      record.value = value;
      record.remove = false;
      OTTLA_CHECK(put(record));
    }
  }
  return {};
}

Result<> Writer::write_producer_ids() {
  if (image_.next_producer_id < 0) return {};
  protocol::ProducerIdsRecord record;
  record.broker_id = -1;
  record.broker_epoch = -1;
  record.next_producer_id = image_.next_producer_id;
  return put(record);
}

Result<> Writer::write_acls() {
  for (const auto& [id, acl] : image_.acls) {
    protocol::AccessControlEntryRecord record;
    record.id = id;
    record.resource_type = static_cast<std::int8_t>(acl->resource_type);
    record.resource_name = acl->resource_name;
    record.pattern_type = static_cast<std::int8_t>(acl->pattern_type);
    record.principal = acl->principal;
    record.host = acl->host;
    record.operation = static_cast<std::int8_t>(acl->operation);
    record.permission_type = static_cast<std::int8_t>(acl->permission);
    OTTLA_CHECK(put(record));
  }
  return {};
}

Result<> Writer::write_scram() {
  if (!has_scram(version_)) {
    return image_.scram.empty() ? Result<>() : lose("the SCRAM credentials of one or more users");
  }
  for (const auto& [user, credential] : image_.scram) {
    protocol::UserScramCredentialRecord record;
    record.name = user.name;
    record.mechanism = static_cast<std::int8_t>(user.mechanism);
    record.salt = credential->salt;
    record.stored_key = credential->stored_key;
    record.server_key = credential->server_key;
    record.iterations = credential->iterations;
    OTTLA_CHECK(put(record));
  }
  return {};
}

Result<> Writer::write_tokens() {
  if (!has_delegation_tokens(version_)) {
    return image_.delegation_tokens.empty() ? Result<>() : lose("one or more delegation tokens");
  }
  for (const auto& [id, token] : image_.delegation_tokens) {
    const std::vector<std::string_view> renewers(token->renewers.begin(), token->renewers.end());
    protocol::DelegationTokenRecord record;
    record.owner = token->owner;
    record.requester = token->requester;
    record.renewers = renewers;
    record.issue_timestamp = token->issued_ms;
    record.max_timestamp = token->most_ms;
    record.expiration_timestamp = token->expires_ms;
    record.token_id = id;
    OTTLA_CHECK(put(record));
  }
  return {};
}

}  // namespace

Result<> write_records(const MetadataImage& image, const WriterOptions& options, const RecordSink& sink) {
  const std::optional<MetadataVersion> version =
      options.version.has_value() ? options.version : image.features.metadata_version;
  if (!version.has_value()) {
    return Error(Errc::invalid_argument, "the image has no metadata.version, so that it cannot be written");
  }
  const bool elr_enabled = options.elr_enabled.value_or(image.features.elr_enabled());
  return Writer(image, *version, elr_enabled, options, sink).write_all();
}

}  // namespace ottla::metadata
