// All that a cluster knows of itself at one offset of its metadata log.
//
// Use:         MetadataImage next = now;   OTTLA_CHECK(replay(next, record));
// Lifetime:    a value: a copy costs a dozen counts and shares all that is in it. What runs on shards is a SharedImage,
//              one object a node.
// Concurrency: an image that is shared never changes; a copy belongs to who made it.
// Invariants:  1. topics.by_name and topics.by_id hold the same topics, each under its own name and id
//              2. no resource without a configuration, no quota entity without a quota
//              3. brokers, controllers and tokens stand under their own ids
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/counted.h"
#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/partition_id.h"
#include "base/uuid.h"
#include "metadata/acl.h"
#include "metadata/config_resource.h"
#include "metadata/credentials.h"
#include "metadata/metadata_version.h"
#include "metadata/partition.h"
#include "metadata/persistent_map.h"
#include "metadata/quota_entity.h"
#include "metadata/registration.h"

namespace ottla::metadata {

// Up to where an image tells.
struct Provenance {
  Offset offset{-1};  // of the last record; -1: nothing has been read
  LeaderEpoch epoch{-1};
  std::int64_t append_time_ms = -1;
  bool ends_batch = true;  // a snapshot may only end where a batch does

  friend bool operator==(const Provenance&, const Provenance&) = default;
};

struct FeaturesImage {
  std::optional<MetadataVersion> metadata_version;     // none before the first record
  PersistentMap<std::string, std::int16_t> finalized;  // all others; kraft.version is the quorum's

  // Zero when it is not finalised.
  std::int16_t level(std::string_view name) const;
  bool elr_enabled() const;
  friend bool operator==(const FeaturesImage&, const FeaturesImage&) = default;
};

struct ClusterImage {
  PersistentMap<NodeId, Ref<const BrokerRegistration>> brokers;
  PersistentMap<NodeId, Ref<const ControllerRegistration>> controllers;

  // Null when it is not registered.
  const BrokerRegistration* broker(NodeId id) const;
  const ControllerRegistration* controller(NodeId id) const;
  friend bool operator==(const ClusterImage&, const ClusterImage&) = default;
};

struct TopicImage {
  Uuid id;
  std::string name;
  PersistentMap<PartitionId, PartitionRef> partitions;

  // Null when there is none.
  const Partition* partition(PartitionId index) const;
  friend bool operator==(const TopicImage&, const TopicImage&) = default;
};

struct TopicsImage {
  PersistentMap<Uuid, TopicImage> by_id;
  PersistentMap<std::string, Uuid> by_name;

  // Null when there is none.
  const TopicImage* find(const Uuid& id) const { return by_id.find(id); }
  const TopicImage* find(std::string_view name) const;
  const Partition* partition(const Uuid& id, PartitionId index) const;
  friend bool operator==(const TopicsImage&, const TopicsImage&) = default;
};

using ConfigValues = PersistentMap<std::string, std::string>;
using ConfigsImage = PersistentMap<ConfigResource, ConfigValues, ByConfigResource>;
using QuotaValues = PersistentMap<std::string, double>;
using QuotasImage = PersistentMap<QuotaEntity, QuotaValues>;
using AclsImage = PersistentMap<Uuid, Ref<const Acl>>;
using ScramImage = PersistentMap<ScramUser, Ref<const ScramCredential>>;
using TokensImage = PersistentMap<std::string, Ref<const DelegationToken>>;

struct MetadataImage {
  Provenance provenance;
  FeaturesImage features;
  ClusterImage cluster;
  TopicsImage topics;
  ConfigsImage configs;
  QuotasImage client_quotas;
  std::int64_t next_producer_id = -1;  // -1: no block has been given out
  AclsImage acls;
  ScramImage scram;
  TokensImage delegation_tokens;

  // Null when nothing is configured.
  const std::string* config(const ConfigResourceView& resource, std::string_view key) const;
};

// All but the provenance.
bool same_contents(const MetadataImage& a, const MetadataImage& b);

// Null before the first image.
using SharedImage = std::shared_ptr<const MetadataImage>;

// Empty, or which of the invariants does not hold. For tests, fuzzers and simulations: looks at everything.
std::string broken_invariant(const MetadataImage& image);

}  // namespace ottla::metadata
