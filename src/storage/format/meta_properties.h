// The file `meta.properties` of a log directory: to which cluster and node it belongs, and its own id.
//
// Errors: malformed and unsupported, with the file, the key and the cure.
// Format: docs/format/meta_properties.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"

namespace ottla::storage {

inline constexpr std::string_view kMetaProperties = "meta.properties";

struct MetaProperties {
  int version = 1;                        // 0 or 1
  std::optional<std::string> cluster_id;  // always there in version 1
  std::optional<NodeId> node_id;          // always there in version 1; version 0 calls it broker.id
  std::optional<Uuid> directory_id;

  friend bool operator==(const MetaProperties&, const MetaProperties&) = default;
};

// As the reference writes it at that time.
std::string encode_meta_properties(const MetaProperties& properties, std::int64_t unix_seconds);

// Keys that are not known are passed over, as the reference does. `path` is for messages.
Result<MetaProperties> parse_meta_properties(std::string_view text, std::string_view path);

}  // namespace ottla::storage
