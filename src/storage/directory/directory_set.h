// Whether the log directories of a node belong together, and what each has to be told so that they do.
//
// A node may get new directories, and lose some; all that speak must speak of one cluster, of this node, and have ids
// of their own.
//
// Concurrency: pure.
// Errors:      invalid_argument, with the file that is wrong, what it says and what was expected.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "storage/format/meta_properties.h"

namespace ottla::storage {

struct DirectoryIdentity {
  std::string path;
  std::optional<MetaProperties> identity;  // nothing in a new one
};

struct DirectorySet {
  std::string cluster_id;
  // As many as were given, in their order: complete, and what is to be written where it differs from what was there.
  std::vector<MetaProperties> identities;
};

// `metadata_path` is the one that holds the cluster's metadata and must have an identity. `new_id` gives a random id.
Result<DirectorySet> unite_directories(const std::vector<DirectoryIdentity>& directories, NodeId node,
                                       const std::string& metadata_path, const std::function<Uuid()>& new_id);

// Ids up to 99 stand for something else than a directory: unassigned, lost, migrating.
bool is_reserved_directory_id(const Uuid& id);

}  // namespace ottla::storage
