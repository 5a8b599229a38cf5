#include "storage/format/meta_properties.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "base/uuid.h"
#include "config/properties.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kVersion = "version";
constexpr std::string_view kClusterId = "cluster.id";
constexpr std::string_view kDirectoryId = "directory.id";

std::string_view node_key(int version) {
  return version == 0 ? "broker.id" : "node.id";
}

std::optional<std::string_view> find(const std::vector<config::Property>& properties, std::string_view key) {
  for (auto each = properties.rbegin(); each != properties.rend(); ++each) {
    if (each->key == key) return each->value;
  }
  return std::nullopt;
}

// Without what Java's trim() takes away.
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

Error fault(Errc code, std::string_view path, std::string_view what) {
  return Error(
      code,
      fmt::format("{}: {}. Correct the file as the node's own configuration and its other directories say; "
                  "a directory without any of a cluster's data can be formatted again.",
                  path, what));
}

Error bad_value(std::string_view path, std::string_view key, std::string_view value,
                std::string_view wanted) {
  return fault(Errc::malformed, path, fmt::format("{} is {}, not {}", key, shown(value), wanted));
}

Result<> check_required(const MetaProperties& properties, std::string_view path) {
  if (properties.version == 0) return {};
  if (!properties.node_id) return fault(Errc::malformed, path, "node.id is missing");
  if (!properties.cluster_id) return fault(Errc::malformed, path, "cluster.id is missing");
  return {};
}

}  // namespace

std::string encode_meta_properties(const MetaProperties& properties, std::int64_t unix_seconds) {
  OTTLA_INVARIANT(check_required(properties, "what is to be written").ok(), "meta.properties without an id");
  std::vector<config::Property> all;
  const auto add = [&](std::string_view key, std::string value) {
    all.push_back({.key = std::string(key), .value = std::move(value)});
  };
  const auto add_node = [&] {
    if (!properties.node_id) return;
    add(node_key(properties.version), std::to_string(properties.node_id->raw()));
  };
  // In the order of their keys, as Java stores them.
  if (properties.version == 0) add_node();
  if (properties.cluster_id) add(kClusterId, *properties.cluster_id);
  if (properties.directory_id) add(kDirectoryId, properties.directory_id->to_string());
  if (properties.version != 0) add_node();
  add(kVersion, std::to_string(properties.version));
  return config::encode_properties(all, unix_seconds);
}

Result<MetaProperties> parse_meta_properties(std::string_view text, std::string_view path) {
  OTTLA_TRY(const std::vector<config::Property> all, config::parse_properties(text, path));
  MetaProperties properties{.version = 0, .cluster_id = {}, .node_id = {}, .directory_id = {}};
  if (const auto version = find(all, kVersion)) {
    const auto number = parse_int32(trimmed(*version));
    if (!number) return bad_value(path, kVersion, *version, "a number");
    if (*number != 0 && *number != 1) {
      return fault(Errc::unsupported, path, fmt::format("version {} is not known", *number));
    }
    properties.version = *number;
  }
  const std::string_view key = node_key(properties.version);
  if (const auto node = find(all, key)) {
    const auto number = parse_int32(*node);
    if (!number) return bad_value(path, key, *node, "a number");
    properties.node_id = NodeId(*number);
  }
  properties.cluster_id = find(all, kClusterId);
  if (const auto directory = find(all, kDirectoryId)) {
    const auto id = Uuid::parse(*directory);
    if (!id.ok()) return bad_value(path, kDirectoryId, *directory, "an id of 22 characters");
    properties.directory_id = *id;
  }
  OTTLA_CHECK(check_required(properties, path));
  return properties;
}

}  // namespace ottla::storage
