// Makes directories ready for a node: who it is, and what its cluster begins with, as the reference's storage tool does.
//
// Use:         FormatOptions options;  …  FormatReport report = co_await format(files, options);
//              print report.lines;  if (report.failure) print it, and exit with 1
// Concurrency: one at a time to each directory.
// Invariants:  1. a directory that is formatted is not changed
//              2. meta.properties comes last: without it a directory is not formatted, and may be again
// Errors:      invalid_argument in the words of the reference; those of the disk.
// Format:      docs/format/meta_properties.md, metadata_snapshot.md
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "metadata/bootstrap.h"
#include "metadata/feature.h"
#include "metadata/metadata_version.h"
#include "quorum/initial_controllers.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::quorum {

struct FormatOptions {
  NodeId node = kNoNode;
  std::string cluster_id;
  std::vector<std::string> directories;
  std::optional<std::string>
      metadata_directory;           // one of them; none when this node has no part in the metadata
  std::string controller_listener;  // the name of the first one
  std::optional<metadata::MetadataVersion> release_version;
  std::map<std::string, std::int16_t, std::less<>> features;  // by name, as they were asked for
  bool unstable_allowed = false;
  bool ignore_formatted = false;
  // Whether voters stand in the log: --standalone, --initial-controllers or --no-initial-controllers was given, and
  // controller.quorum.voters is empty.
  bool dynamic_quorum = false;
  // The first voters of a dynamic quorum; none with --no-initial-controllers.
  std::optional<std::vector<InitialController>> initial_controllers;
  // Records that the cluster begins with besides, as the log has them (credentials).
  std::vector<std::string> more_records;
  bool write_bootstrap = true;
};

struct FormattedDirectory {
  std::string path;
  std::string kind;  // as the reference calls it: "data directory", "metadata directory", …
  Uuid id;
};

struct FormatReport {
  std::vector<std::string> lines;  // what the reference would print, in its order
  std::vector<FormattedDirectory> formatted;
  metadata::MetadataVersion version = metadata::kLatestMetadataVersion;
  std::map<std::string, std::int16_t, std::less<>> features;  // all that are set, kraft.version and zeros too
  std::optional<Error> failure;
};

Task<FormatReport> format(FileSystem& files, FormatOptions options);

}  // namespace ottla::quorum
