// How records change an image: the one place where the cluster's state is made, on controllers and brokers, live and
// at load.
//
// Use:         MetadataImage next = now;   OTTLA_CHECK(replay(next, topic_record));
// Lifetime:    an image keeps copies; records need live only for the call.
// Concurrency: as the image.
// Invariants:  a record that is refused has changed nothing.
// Errors:      not_found (an unknown topic, partition, broker, rule), invalid_argument (a record that contradicts the
//              image or itself), unsupported (a metadata.version that is not known); for encoded records those of
//              protocol/record_codec.h too.
// Notes:       stricter than the reference, whose verdict depends on how records fall into batches, in what no
//              controller writes: two topics of one name, changes to a topic that was removed, a rule removed twice.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/config_resource.h"
#include "metadata/image.h"
#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"

namespace ottla::metadata {

Result<> replay(MetadataImage& image, const protocol::FeatureLevelRecord& record);

Result<> replay(MetadataImage& image, const protocol::RegisterBrokerRecord& record);
Result<> replay(MetadataImage& image, const protocol::UnregisterBrokerRecord& record);
Result<> replay(MetadataImage& image, const protocol::FenceBrokerRecord& record);
Result<> replay(MetadataImage& image, const protocol::UnfenceBrokerRecord& record);
Result<> replay(MetadataImage& image, const protocol::BrokerRegistrationChangeRecord& record);
Result<> replay(MetadataImage& image, const protocol::RegisterControllerRecord& record);
Result<> replay(MetadataImage& image, const protocol::UnregisterControllerRecord& record);

Result<> replay(MetadataImage& image, const protocol::TopicRecord& record);
Result<> replay(MetadataImage& image, const protocol::RemoveTopicRecord& record);
Result<> replay(MetadataImage& image, const protocol::PartitionRecord& record);
Result<> replay(MetadataImage& image, const protocol::PartitionChangeRecord& record);
Result<> replay(MetadataImage& image, const protocol::ClearElrRecord& record);

Result<> replay(MetadataImage& image, const protocol::ConfigRecord& record);
Result<> replay(MetadataImage& image, const protocol::ClientQuotaRecord& record);
Result<> replay(MetadataImage& image, const protocol::ProducerIdsRecord& record);
Result<> replay(MetadataImage& image, const protocol::AccessControlEntryRecord& record);
Result<> replay(MetadataImage& image, const protocol::RemoveAccessControlEntryRecord& record);
Result<> replay(MetadataImage& image, const protocol::UserScramCredentialRecord& record);
Result<> replay(MetadataImage& image, const protocol::RemoveUserScramCredentialRecord& record);
Result<> replay(MetadataImage& image, const protocol::DelegationTokenRecord& record);
Result<> replay(MetadataImage& image, const protocol::RemoveDelegationTokenRecord& record);

// Mean nothing to an image.
Result<> replay(MetadataImage& image, const protocol::NoOpRecord& record);
Result<> replay(MetadataImage& image, const protocol::ZkMigrationStateRecord& record);

// What a node does its own way.
struct ReplayRules {
  // Configurations that this returns false for stay out of the image; null lets all in.
  bool (*config_supported)(ConfigResourceType type, std::string_view key) = nullptr;
};

// A record of any type; `record` is a structure of that message. Those that begin and end transactions are not for an
// image: the loader knows them.
Result<> replay(MetadataImage& image, const protocol::MessageInfo& message, const void* record,
                const ReplayRules& rules = {});
// The same, still encoded; the arena is for the decoded record, which is not needed after the call.
Result<> replay(MetadataImage& image, const protocol::EncodedMessage& record, Arena& arena,
                const ReplayRules& rules = {});

}  // namespace ottla::metadata
