#include "storage/format/directory_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/partition_id.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "base/topic_partition.h"
#include "base/uuid.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kSuffixes[] = {"", "-delete", "-future", "-stray"};
constexpr std::size_t kLongestName = 255;

std::string_view suffix_of(DirectoryRole role) {
  return kSuffixes[static_cast<std::size_t>(role)];
}

DirectoryRole role_of(std::string_view name) {
  for (const DirectoryRole role : {DirectoryRole::deleted, DirectoryRole::future, DirectoryRole::stray}) {
    if (name.ends_with(suffix_of(role))) return role;
  }
  return DirectoryRole::log;
}

// Something, '-', something, '.', something, and no blank.
bool has_id(std::string_view name) {
  if (name.empty() || name.find_first_of(" \t\n\v\f\r") != std::string_view::npos) return false;
  const std::size_t dot = name.substr(0, name.size() - 1).rfind('.');
  const std::size_t dash = name.find('-', 1);
  return dot != std::string_view::npos && dash != std::string_view::npos && dash + 1 < dot;
}

Error fault(std::string_view name) {
  return Error(
      Errc::malformed,
      fmt::format("a directory named {} is no partition's, which would be topic-partition, or "
                  "topic-partition.id-delete when it is to be deleted: move it out of the log directory",
                  shown(name)));
}

}  // namespace

std::string directory_name(const TopicPartition& partition, DirectoryRole role, const Uuid& id) {
  if (role == DirectoryRole::log) return partition.to_string();
  const std::string end =
      fmt::format("-{}.{:016x}{:016x}{}", partition.partition.raw(), id.high(), id.low(), suffix_of(role));
  // Only these two are cut: a future log keeps its topic whole.
  const bool cut = role != DirectoryRole::future;
  const std::size_t room = cut ? kLongestName - end.size() : partition.topic.size();
  return partition.topic.substr(0, std::min(partition.topic.size(), room)) + end;
}

Result<DirectoryName> parse_directory_name(std::string_view name) {
  const DirectoryRole role = role_of(name);
  std::string_view left = name;
  if (role != DirectoryRole::log) {
    if (!has_id(left.substr(0, left.size() - suffix_of(role).size()))) return fault(name);
    left = left.substr(0, left.rfind('.'));
  }
  const std::size_t dash = left.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return fault(name);
  const auto partition = parse_int32(left.substr(dash + 1));
  if (!partition) return fault(name);
  return DirectoryName{{std::string(left.substr(0, dash)), PartitionId(*partition)}, role};
}

}  // namespace ottla::storage
