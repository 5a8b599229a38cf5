#include "replica/replica_directories.h"

#include <algorithm>
#include <utility>

#include "metadata/partition.h"
#include "runtime/shard.h"
#include "storage/directory/directory_set.h"
#include "storage/directory/placement.h"

namespace ottla::replica {

using storage::LogDirectory;

namespace {

// Wishes come from whoever may ask for them, and of replicas that may never be.
constexpr std::size_t kMostPreferred = 10'000;

}  // namespace

ReplicaDirectories::ReplicaDirectories(Options options)
    : options_(std::move(options)), home_(options_.on_failure) {}

Task<Result<std::unique_ptr<ReplicaDirectories>>> ReplicaDirectories::open(Options options) {
  std::unique_ptr<ReplicaDirectories> directories(new ReplicaDirectories(std::move(options)));
  Result<void> opened = co_await directories->open_all();
  if (opened.ok()) opened = co_await directories->identify();
  if (!opened.ok()) {
    co_await directories->close(LogDirectory::Ending::unclean(), {});
    co_return std::move(opened).error();
  }
  co_return directories;
}

Task<Result<void>> ReplicaDirectories::open_all() {
  for (const std::string& path : options_.paths) directories_.push_back({.path = path});
  if (find(options_.metadata_path) == nullptr)
    directories_.push_back({.path = options_.metadata_path, .for_replicas = false});
  for (Directory& directory : directories_) OTTLA_CO_CHECK(co_await open_one(directory));
  if (!any_online()) {
    co_return Error(Errc::io_error, "none of the log directories can be used: see what was logged of each");
  }
  co_return Result<void>();
}

Task<Result<void>> ReplicaDirectories::open_one(Directory& directory) {
  Result<std::unique_ptr<LogDirectory>> opened =
      co_await LogDirectory::open(this_shard().files(), directory.path);
  if (opened.ok()) {
    directory.opened = *std::move(opened);
    home_.add(*directory.opened);
    co_return Result<void>();
  }
  const bool is_disk = storage::is_disk_failure(opened.error().code());
  if (!is_disk || holds_metadata(directory)) co_return std::move(opened).error();
  directory.failure = opened.error();
  options_.logger.error("a log directory is offline", field("directory", directory.path),
                        field("error", opened.error().to_string()));
  co_return Result<void>();
}

Task<Result<void>> ReplicaDirectories::identify() {
  std::vector<storage::DirectoryIdentity> found;
  std::vector<Directory*> opened;
  for (Directory& directory : directories_) {
    if (!directory.opened) continue;
    found.push_back({directory.path, directory.opened->identity()});
    opened.push_back(&directory);
  }
  const auto random = [] { return random_uuid([] { return this_shard().random().next(); }); };
  OTTLA_CO_TRY(storage::DirectorySet set,
               storage::unite_directories(found, options_.node, options_.metadata_path, random));
  cluster_id_ = set.cluster_id;
  for (std::size_t each = 0; each < opened.size(); ++each) {
    storage::MetaProperties& identity = set.identities[each];
    opened[each]->id = *identity.directory_id;
    if (found[each].identity == identity) continue;
    OTTLA_CO_CHECK(co_await opened[each]->opened->write_identity(std::move(identity)));
  }
  co_return Result<void>();
}

Task<Result<void>> ReplicaDirectories::begin() {
  for (Directory& directory : directories_) {
    if (!directory.online()) continue;
    Result<void> begun = co_await directory.opened->begin();
    if (begun.ok()) continue;
    if (!directory.opened->is_offline() || holds_metadata(directory)) co_return begun;
    fail(directory.path, begun.error());
  }
  co_return Result<void>();
}

ReplicaDirectories::Directory* ReplicaDirectories::find(std::string_view path) {
  const auto found = std::ranges::find(directories_, path, &Directory::path);
  return found == directories_.end() ? nullptr : &*found;
}

ReplicaDirectories::Directory* ReplicaDirectories::find(const Uuid& id) {
  const auto found = std::ranges::find_if(
      directories_, [&](const Directory& directory) { return directory.opened && directory.id == id; });
  return found == directories_.end() ? nullptr : &*found;
}

std::vector<Uuid> ReplicaDirectories::online_ids() const {
  std::vector<Uuid> ids;
  for (const Directory& directory : directories_) {
    if (directory.for_replicas && directory.online()) ids.push_back(directory.id);
  }
  return ids;
}

std::vector<Uuid> ReplicaDirectories::cordoned_ids() const {
  std::vector<Uuid> ids;
  for (const Directory& directory : directories_) {
    if (directory.for_replicas && directory.online() && directory.cordoned) ids.push_back(directory.id);
  }
  return ids;
}

bool ReplicaDirectories::any_offline() const {
  return std::ranges::any_of(
      directories_, [](const Directory& directory) { return directory.for_replicas && !directory.online(); });
}

bool ReplicaDirectories::any_online() const {
  return std::ranges::any_of(
      directories_, [](const Directory& directory) { return directory.for_replicas && directory.online(); });
}

std::int64_t ReplicaDirectories::clean_broker_epoch() const {
  // What one of them does not know, none does: a node that lost records in one must not claim the epoch of before.
  std::optional<std::int64_t> epoch;
  for (const Directory& directory : directories_) {
    if (!directory.for_replicas) continue;
    if (!directory.opened || !directory.opened->was_clean()) return -1;
    const std::int64_t here = directory.opened->clean_broker_epoch().value_or(-1);
    if (epoch && *epoch != here) return -1;
    epoch = here;
  }
  return epoch.value_or(-1);
}

void ReplicaDirectories::set_cordoned(const std::vector<std::string>& paths) {
  const bool all = std::ranges::find(paths, "*") != paths.end();
  for (Directory& directory : directories_)
    directory.cordoned = all || std::ranges::find(paths, directory.path) != paths.end();
}

void ReplicaDirectories::prefer(TopicPartition name, std::string path) {
  if (preferred_.size() >= kMostPreferred && !preferred_.contains(name)) return;
  preferred_.insert_or_assign(std::move(name), std::move(path));
}

std::string ReplicaDirectories::place(const Uuid& wanted, const TopicPartition& name) {
  Directory* target = find(wanted);
  const auto preferred = preferred_.extract(name);
  if (target == nullptr && !preferred.empty()) target = find(preferred.mapped());
  if (target != nullptr && !target->online()) target = nullptr;
  if (target == nullptr) {
    if (any_offline() && wanted != metadata::kUnassignedDirectory) return {};
    std::vector<storage::DirectoryLoad> loads;
    for (const Directory& directory : directories_) {
      loads.push_back({.partitions = directory.replicas,
                       .is_offline = !directory.for_replicas || !directory.online(),
                       .is_cordoned = directory.cordoned});
    }
    const std::optional<std::size_t> best = storage::place_partition(loads);
    if (!best) return {};
    target = &directories_[*best];
  }
  ++target->replicas;
  return target->path;
}

void ReplicaDirectories::count(std::string_view path, std::ptrdiff_t more) {
  if (Directory* const directory = find(path)) {
    directory->replicas = static_cast<std::size_t>(
        std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(directory->replicas) + more));
  }
}

Task<void> ReplicaDirectories::write_checkpoints(storage::OffsetCheckpoint kind, Gather gather) {
  for (Directory& directory : directories_) {
    if (!directory.for_replicas || !directory.online()) continue;
    const auto gather_here = [&]() -> Task<std::vector<storage::PartitionOffset>> {
      co_return co_await gather(directory.path);
    };
    const Result<void> written = co_await directory.opened->write_checkpoint(kind, gather_here);
    if (written.ok()) continue;
    options_.logger.error("a checkpoint was not written", field("directory", directory.path),
                          field("error", written.error().to_string()));
    // The directory knows already whether its disk is at fault; its logs and owner do not.
    if (directory.opened->is_offline()) fail(directory.path, *directory.opened->failure());
  }
}

Task<void> ReplicaDirectories::close(LogDirectory::Ending ending, const std::vector<std::string>& unclean) {
  for (Directory& directory : directories_) {
    if (!directory.opened) continue;
    const bool is_clean = ending.is_clean && !directory.opened->is_offline() &&
                          std::ranges::find(unclean, directory.path) == unclean.end();
    const Result<void> closed =
        co_await directory.opened->close(is_clean ? ending : LogDirectory::Ending::unclean());
    if (!closed.ok()) {
      options_.logger.error("a log directory was not closed in good order",
                            field("directory", directory.path), field("error", closed.error().to_string()));
    }
  }
}

}  // namespace ottla::replica
