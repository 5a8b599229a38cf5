// One access rule. Its numbers are those of the protocol; what is not known is zero.
//
// Concurrency: constant once an image holds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/counted.h"
#include "protocol/messages/cluster_metadata.h"

namespace ottla::metadata {

enum class AclResourceType : std::int8_t {
  unknown,
  any,
  topic,
  group,
  cluster,
  transactional_id,
  delegation_token,
  user,
};
enum class AclPatternType : std::int8_t { unknown, any, match, literal, prefixed };
enum class AclOperation : std::int8_t {
  unknown,
  any,
  all,
  read,
  write,
  create,
  remove,  // DELETE
  alter,
  describe,
  cluster_action,
  describe_configs,
  alter_configs,
  idempotent_write,
  create_tokens,
  describe_tokens,
  two_phase_commit,
};
enum class AclPermission : std::int8_t { unknown, any, deny, allow };

// As the reference writes them: TRANSACTIONAL_ID.
std::string_view name_of(AclResourceType value);
std::string_view name_of(AclPatternType value);
std::string_view name_of(AclOperation value);
std::string_view name_of(AclPermission value);

struct Acl : Counted {
  static Ref<const Acl> from(const protocol::AccessControlEntryRecord& record);

  AclResourceType resource_type = AclResourceType::unknown;
  std::string resource_name;
  AclPatternType pattern_type = AclPatternType::unknown;
  std::string principal;  // TYPE:NAME
  std::string host;
  AclOperation operation = AclOperation::unknown;
  AclPermission permission = AclPermission::unknown;

  friend bool operator==(const Acl& a, const Acl& b);
};

}  // namespace ottla::metadata
