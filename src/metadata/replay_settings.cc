// Configurations, quotas, producer ids, access rules and credentials.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "metadata/replay.h"

namespace ottla::metadata {
namespace {

// Changes one value of a map of maps, in which none is empty. Null takes it away.
template <typename Map, typename Outer, typename Key, typename Value>
void set_nested(Map& map, const Outer& outer, const Key& key, const Value* value) {
  if (value != nullptr) {
    map.at_or_new(outer).set(key, *value);
    return;
  }
  const auto* inner = map.find(outer);
  if (inner == nullptr || !inner->contains(key)) return;
  if (inner->size() == 1) {
    map.erase(outer);
  } else {
    map.edit(outer)->erase(key);
  }
}

// Of several parts of one type the last one counts.
QuotaEntity entity_of(const protocol::ClientQuotaRecord& record) {
  std::map<std::string_view, protocol::NullableText> parts;
  for (const auto& each : record.entity) parts.insert_or_assign(each.entity_type, each.entity_name);
  QuotaEntity entity;
  for (const auto& [type, name] : parts) {
    std::optional<std::string> named;
    if (!name.is_null()) named = std::string(*name);
    entity.parts.push_back({.type = std::string(type), .name = std::move(named)});
  }
  return entity;
}

}  // namespace

Result<> replay(MetadataImage& image, const protocol::ConfigRecord& record) {
  const ConfigResourceView resource(config_resource_type_of(record.resource_type), record.resource_name);
  const std::string value(record.value.value_or(""));
  set_nested(image.configs, resource, record.name, record.value.is_null() ? nullptr : &value);
  return {};
}

Result<> replay(MetadataImage& image, const protocol::ClientQuotaRecord& record) {
  set_nested(image.client_quotas, entity_of(record), record.key, record.remove ? nullptr : &record.value);
  return {};
}

Result<> replay(MetadataImage& image, const protocol::ProducerIdsRecord& record) {
  // Below zero nothing has been given out, whatever the number.
  image.next_producer_id = std::max<std::int64_t>(record.next_producer_id, -1);
  return {};
}

Result<> replay(MetadataImage& image, const protocol::AccessControlEntryRecord& record) {
  image.acls.set(record.id, Acl::from(record));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::RemoveAccessControlEntryRecord& record) {
  if (image.acls.erase(record.id)) return {};
  return Error(Errc::not_found, fmt::format("Failed to find existing ACL with ID {}", record.id.to_string()));
}

Result<> replay(MetadataImage& image, const protocol::UserScramCredentialRecord& record) {
  image.scram.set(
      ScramUser{.mechanism = scram_mechanism_of(record.mechanism), .name = std::string(record.name)},
      ScramCredential::from(record));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::RemoveUserScramCredentialRecord& record) {
  image.scram.erase(
      ScramUser{.mechanism = scram_mechanism_of(record.mechanism), .name = std::string(record.name)});
  return {};
}

Result<> replay(MetadataImage& image, const protocol::DelegationTokenRecord& record) {
  OTTLA_TRY(Ref<const DelegationToken> token, DelegationToken::from(record));
  image.delegation_tokens.set(record.token_id, std::move(token));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::RemoveDelegationTokenRecord& record) {
  image.delegation_tokens.erase(record.token_id);
  return {};
}

}  // namespace ottla::metadata
