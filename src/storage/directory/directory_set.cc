#include "storage/directory/directory_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace ottla::storage {
namespace {

constexpr std::uint64_t kReservedIds = 100;

Error wrong(const std::string& path, std::string what) {
  return Error(Errc::invalid_argument, fmt::format("{}/{}: {}", path, kMetaProperties, what));
}

// The first directory that names a cluster speaks for all.
Result<std::string> cluster_of(const std::vector<DirectoryIdentity>& directories) {
  for (const DirectoryIdentity& directory : directories) {
    if (directory.identity && directory.identity->cluster_id) return *directory.identity->cluster_id;
  }
  return Error(Errc::invalid_argument, "no log directory has a readable meta.properties: format them first");
}

Result<void> check(const DirectoryIdentity& directory, const std::string& cluster, NodeId node) {
  const MetaProperties& identity = *directory.identity;
  if (identity.cluster_id && *identity.cluster_id != cluster) {
    return wrong(directory.path,
                 fmt::format("belongs to cluster {}, where {} is expected", *identity.cluster_id, cluster));
  }
  if (identity.node_id && *identity.node_id != node) {
    return wrong(directory.path, fmt::format("belongs to node {}, where {} is expected",
                                             identity.node_id->raw(), node.raw()));
  }
  if (identity.directory_id && is_reserved_directory_id(*identity.directory_id)) {
    return wrong(directory.path,
                 fmt::format("the directory id {} is reserved", identity.directory_id->to_string()));
  }
  return {};
}

Result<void> check_ids_differ(const std::vector<DirectoryIdentity>& directories) {
  std::vector<std::pair<Uuid, const std::string*>> ids;
  for (const DirectoryIdentity& directory : directories) {
    if (!directory.identity || !directory.identity->directory_id) continue;
    const Uuid& id = *directory.identity->directory_id;
    const auto same =
        std::find_if(ids.begin(), ids.end(), [&id](const auto& other) { return other.first == id; });
    if (same != ids.end()) {
      return wrong(directory.path,
                   fmt::format("has the directory id {}, which is that of {} too: one is a copy of the other",
                               id.to_string(), *same->second));
    }
    ids.emplace_back(id, &directory.path);
  }
  return {};
}

bool holds(const std::vector<MetaProperties>& identities, const Uuid& id) {
  return std::any_of(identities.begin(), identities.end(),
                     [&id](const MetaProperties& identity) { return identity.directory_id == id; });
}

}  // namespace

bool is_reserved_directory_id(const Uuid& id) {
  return id.high() == 0 && id.low() < kReservedIds;
}

Result<DirectorySet> unite_directories(const std::vector<DirectoryIdentity>& directories, NodeId node,
                                       const std::string& metadata_path,
                                       const std::function<Uuid()>& new_id) {
  DirectorySet set;
  OTTLA_TRY(set.cluster_id, cluster_of(directories));
  for (const DirectoryIdentity& directory : directories) {
    if (!directory.identity && directory.path == metadata_path) {
      return wrong(metadata_path,
                   "is missing, and this directory is to hold the cluster's metadata: format it first");
    }
    if (directory.identity) OTTLA_CHECK(check(directory, set.cluster_id, node));
    set.identities.push_back(directory.identity.value_or(
        MetaProperties{.version = 1, .cluster_id = set.cluster_id, .node_id = node, .directory_id = {}}));
  }
  OTTLA_CHECK(check_ids_differ(directories));
  for (MetaProperties& identity : set.identities) {
    while (!identity.directory_id) {
      const Uuid id = new_id();
      if (!is_reserved_directory_id(id) && !holds(set.identities, id)) identity.directory_id = id;
    }
  }
  return set;
}

}  // namespace ottla::storage
