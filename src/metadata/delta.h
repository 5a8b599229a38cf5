// What differs between two images, in the shape of those who act on it. Costs what changed: what the images share is
// not looked at.
//
// Use:         const MetadataDelta delta = delta_between(before, after);
//              for (const TopicChange& topic : delta.topics) …
// Lifetime:    a delta keeps both images, and points into them.
// Concurrency: constant.
// Invariants:  1. each list ascends by its key; in each change `before` or `after` is there, and they differ
//              2. a topic that was deleted and made again under its name is two changes, under two ids
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/image.h"

namespace ottla::metadata {

// Null is for none: created, changed or gone.
template <typename Key, typename V>
struct Change {
  Key key;
  const V* before;
  const V* after;

  bool created() const { return before == nullptr; }
  bool gone() const { return after == nullptr; }
};

using PartitionChange = Change<PartitionId, Partition>;

struct TopicChange {
  Uuid id;
  const TopicImage* before;
  const TopicImage* after;
  std::vector<PartitionChange> partitions;  // all of them, when the topic was created or is gone

  bool created() const { return before == nullptr; }
  bool gone() const { return after == nullptr; }
  const std::string& name() const { return gone() ? before->name : after->name; }
};

struct ConfigChange {
  ConfigResourceView resource;
  std::vector<Change<std::string_view, std::string>> values;
};

struct QuotaChange {
  const QuotaEntity* entity;
  std::vector<Change<std::string_view, double>> values;
};

struct MetadataDelta {
  SharedImage before;
  SharedImage after;
  std::vector<Change<std::string_view, std::int16_t>> features;  // all but metadata.version
  std::vector<Change<NodeId, BrokerRegistration>> brokers;
  std::vector<Change<NodeId, ControllerRegistration>> controllers;
  std::vector<TopicChange> topics;
  std::vector<ConfigChange> configs;
  std::vector<QuotaChange> client_quotas;
  std::vector<Change<Uuid, Acl>> acls;
  std::vector<Change<const ScramUser*, ScramCredential>> scram;
  std::vector<Change<std::string_view, DelegationToken>> delegation_tokens;

  bool metadata_version_changed() const {
    return before->features.metadata_version != after->features.metadata_version;
  }
  bool producer_ids_changed() const { return before->next_producer_id != after->next_producer_id; }
  // Nothing has changed but, perhaps, the offset.
  bool empty() const;
};

// Neither is null.
MetadataDelta delta_between(SharedImage before, SharedImage after);

// What a delta means for the replicas of one broker.
struct LocalReplica {
  Uuid topic_id;
  std::string_view topic;
  PartitionId index;
  const Partition* partition;  // as it was, for those that go
};
struct LocalChanges {
  std::vector<LocalReplica> gone;     // the broker has them no more
  std::vector<LocalReplica> elected;  // it leads them in a new epoch
  std::vector<LocalReplica> leading;  // it leads them, and something has changed; those that were elected too
  std::vector<LocalReplica> following;  // it follows, and something has changed
  std::vector<LocalReplica> placed;     // the directory that they are to be in was told or has changed
};

LocalChanges local_changes(const MetadataDelta& delta, NodeId broker);

}  // namespace ottla::metadata
