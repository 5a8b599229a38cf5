#include "quorum/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/chain.h"
#include "quorum/bootstrap_text.h"
#include "quorum/format_features.h"
#include "quorum/metadata_topic.h"
#include "quorum/snapshot_name.h"
#include "quorum/snapshot_writer.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/directory/directory_set.h"
#include "storage/format/file_name.h"
#include "storage/format/meta_properties.h"

namespace ottla::quorum {
namespace {

using storage::MetaProperties;

constexpr std::uint64_t kMostMetaProperties = 64 * 1024;

Error wrong(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

// The directories as they are found.
struct Found {
  std::map<std::string, MetaProperties> formatted;
  std::set<std::string> empty;
  std::set<std::string> broken;  // their disk fails
};

std::string list_of(const std::set<std::string>& paths) {
  return fmt::format("[{}]", fmt::join(paths, ", "));
}

Result<void> check_options(const FormatOptions& options, const std::set<std::string>& directories) {
  if (options.node < NodeId(0)) return wrong("You must specify a valid non-negative node ID.");
  if (options.cluster_id.empty()) return wrong("You must specify the cluster id.");
  if (directories.empty()) return wrong("You must specify at least one directory to format");
  if (options.controller_listener.empty()) {
    return wrong("You must specify the name of the initial controller listener.");
  }
  if (options.metadata_directory && !directories.contains(*options.metadata_directory)) {
    return wrong(
        fmt::format("The specified metadata log directory, {} was not one of the given directories: {}",
                    *options.metadata_directory, list_of(directories)));
  }
  return {};
}

Task<Result<Found>> look(FileSystem& files, std::set<std::string> directories) {
  Found found;
  for (const std::string& path : directories) {
    const std::string file = path + '/' + std::string(storage::kMetaProperties);
    const Result<Slice> bytes = co_await read_whole_file(files, file, kMostMetaProperties);
    if (bytes.ok()) {
      OTTLA_CO_TRY(found.formatted[path], storage::parse_meta_properties(bytes->as_string_view(), file));
    } else if (bytes.error() == Errc::not_found) {
      found.empty.insert(path);
    } else if (bytes.error() == Errc::too_large) {
      co_return bytes.error();
    } else {
      found.broken.insert(path);
    }
  }
  co_return found;
}

// What is there must be of this node and cluster.
Result<void> verify(const Found& found, const FormatOptions& options) {
  std::map<Uuid, std::string> ids;
  for (const auto& [path, identity] : found.formatted) {
    const std::string file = path + '/' + std::string(storage::kMetaProperties);
    if (identity.cluster_id && *identity.cluster_id != options.cluster_id) {
      return wrong(fmt::format("Invalid cluster.id in: {}. Expected {}, but read {}", file,
                               options.cluster_id, *identity.cluster_id));
    }
    if (identity.node_id && *identity.node_id != options.node) {
      return wrong(fmt::format(
          "Stored node id {} doesn't match previous node id {} in {}. If you moved your data, make sure your "
          "configured node id matches. If you intend to create a new node, you should remove all data in "
          "your data "
          "directories.",
          identity.node_id->raw(), options.node.raw(), file));
    }
    if (!identity.directory_id) continue;
    if (storage::is_reserved_directory_id(*identity.directory_id)) {
      return wrong(fmt::format("Invalid resrved directory ID {} found in {}",
                               identity.directory_id->to_string(), path));
    }
    const auto [other, is_new] = ids.emplace(*identity.directory_id, path);
    if (!is_new) {
      return wrong(
          fmt::format("Duplicate directory ID Optional[{}] found. It was the ID of {}, but also of {}",
                      identity.directory_id->to_string(), other->second, path));
    }
  }
  return {};
}

enum class Kind : std::uint8_t { data, static_metadata, dynamic_metadata, dynamic_voter };

const InitialController* find_controller(const FormatOptions& options) {
  if (!options.initial_controllers) return nullptr;
  const auto own = std::ranges::find(*options.initial_controllers, options.node, &InitialController::node);
  return own == options.initial_controllers->end() ? nullptr : &*own;
}

Kind kind_of(const std::string& path, const FormatOptions& options) {
  if (options.metadata_directory != path) return Kind::data;
  if (!options.initial_controllers) return Kind::static_metadata;
  return find_controller(options) == nullptr ? Kind::dynamic_metadata : Kind::dynamic_voter;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::data:
      return "data directory";
    case Kind::static_metadata:
      return "metadata directory";
    case Kind::dynamic_metadata:
      return "dynamic metadata directory";
    case Kind::dynamic_voter:
      return "dynamic metadata voter directory";
  }
  return {};
}

Uuid new_id(const Found& found, const std::vector<FormattedDirectory>& formatted) {
  for (;;) {
    const Uuid id = random_uuid([] { return this_shard().random().next(); });
    const auto has_it = [&id](const auto& each) { return each.second.directory_id == id; };
    const bool taken = storage::is_reserved_directory_id(id) ||
                       std::ranges::any_of(found.formatted, has_it) ||
                       std::ranges::find(formatted, id, &FormattedDirectory::id) != formatted.end();
    if (!taken) return id;
  }
}

// The reference would write over the beginning of a log whose meta.properties was lost.
Task<Result<void>> refuse_log(FileSystem& files, std::string folder) {
  const Result<std::vector<DirectoryEntry>> entries = co_await files.list(folder);
  if (!entries.ok() && entries.error() == Errc::not_found) co_return Result<void>();
  if (!entries.ok()) co_return entries.error();
  for (const DirectoryEntry& entry : *entries) {
    const Result<storage::FileName> name = storage::parse_file_name(entry.name);
    if (!name.ok() || name->kind != storage::FileKind::log) continue;
    OTTLA_CO_TRY(const FileStatus status, co_await files.status(folder + '/' + entry.name));
    if (status.size == 0) continue;
    co_return wrong(
        fmt::format("{} holds records of a cluster's metadata already, though the directory has no "
                    "meta.properties. Put that file back, or move the log away.",
                    folder));
  }
  co_return Result<void>();
}

Task<Result<void>> write_bootstrap(FileSystem& files, std::string directory, const FormatOptions& options,
                                   const metadata::Bootstrap& bootstrap, std::int16_t kraft_version) {
  const std::string folder = metadata_log_path(directory);
  OTTLA_CO_CHECK(co_await refuse_log(files, folder));
  OTTLA_CO_CHECK(co_await files.make_directories(folder, Durability::synced));
  SnapshotHead head;
  head.id = raft::kBootstrapSnapshot;
  head.now_ms = head.last_append_ms = to_epoch_millis(this_shard().wall_now());
  head.kraft_version = kraft_version;
  if (options.initial_controllers) {
    head.voters = voters_of(*options.initial_controllers, options.controller_listener);
  }
  Chain bytes;
  SnapshotWriter writer(head, [&bytes](Slice batch) -> Result<> {
    bytes.append(std::move(batch));
    return {};
  });
  for (const std::string& record : bootstrap.records) {
    OTTLA_CO_CHECK(writer.add(std::as_bytes(std::span(record))));
  }
  OTTLA_CO_CHECK(writer.finish());
  const std::string part =
      folder + '/' + to_string(SnapshotName{raft::kBootstrapSnapshot, SnapshotStage::part});
  OTTLA_CO_CHECK(co_await replace_file(files, part, std::move(bytes)));
  co_return co_await files.rename(part, folder + '/' + to_string(SnapshotName{raft::kBootstrapSnapshot, {}}),
                                  Durability::synced);
}

Task<Result<void>> format_one(FileSystem& files, FormattedDirectory directory, Kind kind,
                              const FormatOptions& options, const metadata::Bootstrap& bootstrap,
                              std::int16_t kraft_version) {
  OTTLA_CO_CHECK(co_await files.make_directories(directory.path, Durability::synced));
  if (options.write_bootstrap && kind != Kind::data) {
    OTTLA_CO_CHECK(co_await write_bootstrap(files, directory.path, options, bootstrap, kraft_version));
  }
  const MetaProperties identity{
      .version = 1, .cluster_id = options.cluster_id, .node_id = options.node, .directory_id = directory.id};
  const std::int64_t seconds = to_epoch_millis(this_shard().wall_now()) / 1000;
  const std::string path = directory.path + '/' + std::string(storage::kMetaProperties);
  const Result<void> written = co_await replace_file(
      files, path, Chain(Slice::copy_of(storage::encode_meta_properties(identity, seconds))));
  if (written.ok()) co_return written;
  co_return Error(written.error()).with_context("Error while writing meta.properties file " + directory.path);
}

Result<metadata::Bootstrap> bootstrap_for(const FormatOptions& options, const FormatReport& report) {
  metadata::FeatureLevels levels = report.features;
  levels.erase(std::string(metadata::kKraftVersionFeature));
  metadata::Bootstrap bootstrap = metadata::make_bootstrap(report.version, levels);
  for (const std::string& record : options.more_records) bootstrap.records.push_back(record);
  std::vector<metadata::RecordBytes> records;
  for (const std::string& record : bootstrap.records) records.push_back(std::as_bytes(std::span(record)));
  OTTLA_CHECK(metadata::read_bootstrap(records, "format command"));
  return bootstrap;
}

Task<Result<void>> format_into(FileSystem& files, const FormatOptions& options, FormatReport& report) {
  const std::set<std::string> directories(options.directories.begin(), options.directories.end());
  OTTLA_CO_CHECK(check_options(options, directories));
  OTTLA_CO_TRY(report.version, format_version(options));
  OTTLA_CO_TRY(report.features, format_features(options, report.version));
  OTTLA_CO_TRY(const metadata::Bootstrap bootstrap, bootstrap_for(options, report));
  OTTLA_CO_TRY(const Found found, co_await look(files, directories));
  OTTLA_CO_CHECK(verify(found, options));
  if (!options.ignore_formatted && !found.formatted.empty()) {
    co_return wrong(
        fmt::format("Log directory {} is already formatted. Use --ignore-formatted to ignore this "
                    "directory and format the others.",
                    found.formatted.begin()->first));
  }
  for (const std::string& path : found.broken) {
    report.lines.push_back(fmt::format("I/O error trying to read log directory {}. Ignoring...", path));
  }
  if (!found.broken.empty() && found.empty.empty() && found.formatted.empty()) {
    co_return wrong("No available log directories to format.");
  }
  if (found.empty.empty()) {
    report.lines.emplace_back("All of the log directories are already formatted.");
    co_return Result<void>();
  }
  report.lines.push_back("Bootstrap metadata: " + text_of(bootstrap));
  for (const std::string& path : found.empty) {
    const Kind kind = kind_of(path, options);
    const InitialController* own = kind == Kind::dynamic_voter ? find_controller(options) : nullptr;
    FormattedDirectory directory{path, std::string(name_of(kind)),
                                 own != nullptr ? own->directory : new_id(found, report.formatted)};
    report.lines.push_back(fmt::format("Formatting {} {} with metadata.version {}.", directory.kind, path,
                                       metadata::name_of(report.version)));
    const std::int16_t kraft = report.features[std::string(metadata::kKraftVersionFeature)];
    OTTLA_CO_CHECK(co_await format_one(files, directory, kind, options, bootstrap, kraft));
    report.formatted.push_back(std::move(directory));
  }
  co_return Result<void>();
}

}  // namespace

Task<FormatReport> format(FileSystem& files, FormatOptions options) {
  FormatReport report;
  const Result<void> done = co_await format_into(files, options, report);
  if (!done.ok()) report.failure = done.error();
  co_return report;
}

}  // namespace ottla::quorum
