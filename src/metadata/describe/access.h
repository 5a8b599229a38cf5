// What whoever asks may see and do.
//
// Lifetime:    outlives the call that it is handed to.
// Concurrency: asked on the shard of that call.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "metadata/acl.h"

namespace ottla::metadata {

inline constexpr std::string_view kClusterResource = "kafka-cluster";

// Stands in responses for operations that nobody asked for.
inline constexpr std::int32_t kOperationsOmitted = std::numeric_limits<std::int32_t>::min();

class Access {
 public:
  virtual ~Access() = default;
  virtual bool allows(AclOperation operation, AclResourceType type, std::string_view name) const = 0;

  bool allows_cluster(AclOperation operation) const {
    return allows(operation, AclResourceType::cluster, kClusterResource);
  }
};

// Where no authorizer is configured.
class FullAccess final : public Access {
 public:
  bool allows(AclOperation, AclResourceType, std::string_view) const override { return true; }
};

// Of the operations that a resource of that type knows those that are allowed, a bit for each.
std::int32_t allowed_operations(const Access& access, AclResourceType type, std::string_view name);

}  // namespace ottla::metadata
