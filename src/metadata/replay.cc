#include "metadata/replay.h"

#include <fmt/format.h>

#include <cstring>

#include "base/error.h"
#include "protocol/codec.h"
#include "protocol/message.h"

namespace ottla::metadata {
namespace {

template <protocol::Message T>
Result<> replay_as(MetadataImage& image, const void* record) {
  return replay(image, *static_cast<const T*>(record));
}

struct Replayed {
  const protocol::MessageInfo& (*message)();
  Result<> (*replay)(MetadataImage& image, const void* record);
};

template <protocol::Message T>
constexpr Replayed replayed() {
  return {&T::message, &replay_as<T>};
}

// The most frequent first.
constexpr Replayed kReplayed[] = {
    replayed<protocol::PartitionChangeRecord>(),
    replayed<protocol::PartitionRecord>(),
    replayed<protocol::TopicRecord>(),
    replayed<protocol::ConfigRecord>(),
    replayed<protocol::NoOpRecord>(),
    replayed<protocol::BrokerRegistrationChangeRecord>(),
    replayed<protocol::RegisterBrokerRecord>(),
    replayed<protocol::UnregisterBrokerRecord>(),
    replayed<protocol::FenceBrokerRecord>(),
    replayed<protocol::UnfenceBrokerRecord>(),
    replayed<protocol::RemoveTopicRecord>(),
    replayed<protocol::DelegationTokenRecord>(),
    replayed<protocol::RemoveDelegationTokenRecord>(),
    replayed<protocol::UserScramCredentialRecord>(),
    replayed<protocol::RemoveUserScramCredentialRecord>(),
    replayed<protocol::FeatureLevelRecord>(),
    replayed<protocol::ClientQuotaRecord>(),
    replayed<protocol::ProducerIdsRecord>(),
    replayed<protocol::AccessControlEntryRecord>(),
    replayed<protocol::RemoveAccessControlEntryRecord>(),
    replayed<protocol::ZkMigrationStateRecord>(),
    replayed<protocol::RegisterControllerRecord>(),
    replayed<protocol::UnregisterControllerRecord>(),
    replayed<protocol::ClearElrRecord>(),
};

bool supported(const protocol::MessageInfo& message, const void* record, const ReplayRules& rules) {
  if (rules.config_supported == nullptr || &message != &protocol::ConfigRecord::message()) return true;
  const auto& config = *static_cast<const protocol::ConfigRecord*>(record);
  return rules.config_supported(config_resource_type_of(config.resource_type), config.name);
}

}  // namespace

Result<> replay(MetadataImage&, const protocol::NoOpRecord&) {
  return {};
}
Result<> replay(MetadataImage&, const protocol::ZkMigrationStateRecord&) {
  return {};
}

Result<> replay(MetadataImage& image, const protocol::MessageInfo& message, const void* record,
                const ReplayRules& rules) {
  for (const Replayed& each : kReplayed) {
    if (&each.message() != &message) continue;
    return supported(message, record, rules) ? each.replay(image, record) : Result<>();
  }
  return Error(Errc::invalid_argument, fmt::format("a {} does not change metadata", message.name));
}

Result<> replay(MetadataImage& image, const protocol::EncodedMessage& record, Arena& arena,
                const ReplayRules& rules) {
  const protocol::StructureInfo& structure = *record.message->root;
  void* decoded = arena.allocate(structure.size, structure.alignment);
  if (decoded == nullptr) return Errc::out_of_budget;
  std::memcpy(decoded, structure.initial, structure.size);
  const auto size =
      protocol::decode(*record.message, {.bytes = record.body, .version = record.version}, &arena, decoded);
  if (!size.ok()) return size.error();
  return replay(image, *record.message, decoded, rules);
}

}  // namespace ottla::metadata
