#include "metadata/acl.h"

#include <array>
#include <cstddef>
#include <tuple>

namespace ottla::metadata {
namespace {

constexpr std::array<std::string_view, 8> kResourceTypes{
    "UNKNOWN", "ANY", "TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN", "USER"};
constexpr std::array<std::string_view, 5> kPatternTypes{"UNKNOWN", "ANY", "MATCH", "LITERAL", "PREFIXED"};
constexpr std::array<std::string_view, 16> kOperations{"UNKNOWN",
                                                       "ANY",
                                                       "ALL",
                                                       "READ",
                                                       "WRITE",
                                                       "CREATE",
                                                       "DELETE",
                                                       "ALTER",
                                                       "DESCRIBE",
                                                       "CLUSTER_ACTION",
                                                       "DESCRIBE_CONFIGS",
                                                       "ALTER_CONFIGS",
                                                       "IDEMPOTENT_WRITE",
                                                       "CREATE_TOKENS",
                                                       "DESCRIBE_TOKENS",
                                                       "TWO_PHASE_COMMIT"};
constexpr std::array<std::string_view, 4> kPermissions{"UNKNOWN", "ANY", "DENY", "ALLOW"};

template <typename Enum, std::size_t Count>
std::string_view nth(const std::array<std::string_view, Count>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

template <typename Enum, std::size_t Count>
Enum known(const std::array<std::string_view, Count>&, std::int8_t number) {
  const bool is_known = number >= 0 && static_cast<std::size_t>(number) < Count;
  return is_known ? static_cast<Enum>(number) : Enum::unknown;
}

auto all_of(const Acl& acl) {
  return std::tie(acl.resource_type, acl.resource_name, acl.pattern_type, acl.principal, acl.host,
                  acl.operation, acl.permission);
}

}  // namespace

std::string_view name_of(AclResourceType value) {
  return nth(kResourceTypes, value);
}
std::string_view name_of(AclPatternType value) {
  return nth(kPatternTypes, value);
}
std::string_view name_of(AclOperation value) {
  return nth(kOperations, value);
}
std::string_view name_of(AclPermission value) {
  return nth(kPermissions, value);
}

Ref<const Acl> Acl::from(const protocol::AccessControlEntryRecord& record) {
  Ref<Acl> acl = make_ref<Acl>();
  acl->resource_type = known<AclResourceType>(kResourceTypes, record.resource_type);
  acl->resource_name = record.resource_name;
  acl->pattern_type = known<AclPatternType>(kPatternTypes, record.pattern_type);
  acl->principal = record.principal;
  acl->host = record.host;
  acl->operation = known<AclOperation>(kOperations, record.operation);
  acl->permission = known<AclPermission>(kPermissions, record.permission_type);
  return acl;
}

bool operator==(const Acl& a, const Acl& b) {
  return all_of(a) == all_of(b);
}

}  // namespace ottla::metadata
