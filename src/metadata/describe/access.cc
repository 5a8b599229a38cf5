#include "metadata/describe/access.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace ottla::metadata {
namespace {

using enum AclOperation;

constexpr AclOperation kOfTopics[] = {read,  write,    create,           remove,
                                      alter, describe, describe_configs, alter_configs};
constexpr AclOperation kOfGroups[] = {read, remove, describe, describe_configs, alter_configs};
constexpr AclOperation kOfClusters[] = {create,           alter,         describe,        cluster_action,
                                        describe_configs, alter_configs, idempotent_write};
constexpr AclOperation kOfTransactions[] = {write, describe, two_phase_commit};
constexpr AclOperation kOfTokens[] = {describe};
constexpr AclOperation kOfUsers[] = {create_tokens, describe_tokens};

std::span<const AclOperation> operations_of(AclResourceType type) {
  switch (type) {
    case AclResourceType::topic:
      return kOfTopics;
    case AclResourceType::group:
      return kOfGroups;
    case AclResourceType::cluster:
      return kOfClusters;
    case AclResourceType::transactional_id:
      return kOfTransactions;
    case AclResourceType::delegation_token:
      return kOfTokens;
    case AclResourceType::user:
      return kOfUsers;
    case AclResourceType::unknown:
    case AclResourceType::any:
      return {};
  }
  return {};
}

}  // namespace

std::int32_t allowed_operations(const Access& access, AclResourceType type, std::string_view name) {
  std::uint32_t bits = 0;
  for (const AclOperation operation : operations_of(type)) {
    if (access.allows(operation, type, name)) bits |= 1U << static_cast<unsigned>(operation);
  }
  return static_cast<std::int32_t>(bits);
}

}  // namespace ottla::metadata
