#include "sim/simulated_file_system.h"

#include <utility>

#include "sim/disk_wait.h"
#include "sim/host.h"
#include "sim/mapped_view.h"
#include "sim/simulated_file.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

class SimulatedFileLock final : public FileLock {
 public:
  SimulatedFileLock(ShardHome& home, std::uint64_t node) : home_(home), node_(node) {
    ++home_.shard().open_doors().files;
  }
  ~SimulatedFileLock() override {
    if (released_ || home_.shard().killed()) return;
    OTTLA_INVARIANT(false, "a file lock died before it was released", node_);
  }
  Task<void> release() override {
    if (!home_.may_use_door("lock.release") || released_) co_return;
    released_ = true;
    home_.host().disk().unlock(node_);
    --home_.shard().open_doors().files;
  }

 private:
  ShardHome& home_;
  const std::uint64_t node_;
  bool released_ = false;
};

}  // namespace

Task<Result<void>> SimulatedFileSystem::begin(const char* what) {
  if (!home_.may_use_door(what)) co_return Errc::closed;
  Host& host = home_.host();
  co_await DiskWait(home_, host.disk().options().directory);
  host.disk().set_wall_millis(to_epoch_millis(host.clock().wall(home_.world().now())));
  co_return Result<void>();
}

void SimulatedFileSystem::note(const char* what, const std::string& path) {
  home_.trace(TraceKind::directory, path.size(), 0, [&] { return std::string(what) + " " + path; });
}

Task<Result<std::unique_ptr<File>>> SimulatedFileSystem::open(std::string path, OpenOptions options) {
  OTTLA_CO_CHECK(co_await begin("files.open"));
  const auto open = static_cast<std::uint64_t>(home_.shard().open_doors().files);
  if (open >= home_.host().limits.open_files) co_return Error(Errc::too_many_files, "open " + path);
  OTTLA_CO_TRY(DiskNodePtr node, home_.host().disk().open(path, options));
  home_.trace(TraceKind::file_open, node->number, node->data.content().size(),
              [&] { return path + " as file " + std::to_string(node->number); });
  co_return std::make_unique<SimulatedFile>(home_, std::move(node), std::move(path), options.access);
}

Task<Result<FileStatus>> SimulatedFileSystem::status(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.status"));
  co_return home_.host().disk().status(path);
}

Task<Result<std::vector<DirectoryEntry>>> SimulatedFileSystem::list(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.list"));
  co_return home_.host().disk().list(path);
}

Task<Result<void>> SimulatedFileSystem::sync_names(std::vector<DiskNodePtr> directories) {
  Disk& disk = home_.host().disk();
  for (const DiskNodePtr& directory : directories) {
    const std::uint64_t mark = disk.name_mark();
    co_await DiskWait(home_, disk.options().sync);
    if (disk.random().chance(disk.trouble_at(*directory).failing_syncs, 256)) {
      disk.strikes().add(Strike::sync_failed);
      co_return Error(Errc::io_error, "sync a directory");
    }
    disk.sync_names(*directory, mark);
    home_.trace(TraceKind::file_sync, directory->number, mark,
                [&] { return "directory " + std::to_string(directory->number) + " is durable"; });
  }
  co_return Result<void>();
}

Task<Result<void>> SimulatedFileSystem::make_directories(std::string path, Durability durability) {
  OTTLA_CO_CHECK(co_await begin("files.make_directories"));
  OTTLA_CO_TRY(std::vector<DiskNodePtr> changed, home_.host().disk().make_directories(path));
  note("make directories", path);
  if (durability == Durability::synced) co_return co_await sync_names(std::move(changed));
  co_return Result<void>();
}

Task<Result<void>> SimulatedFileSystem::rename(std::string from, std::string to, Durability durability) {
  OTTLA_CO_CHECK(co_await begin("files.rename"));
  Disk& disk = home_.host().disk();
  OTTLA_CO_CHECK(disk.rename(from, to));
  note("rename", from + " to " + to);
  if (durability != Durability::synced) co_return Result<void>();
  OTTLA_CO_TRY(DiskNodePtr target, disk.parent_of(to));
  OTTLA_CO_TRY(DiskNodePtr source, disk.parent_of(from));
  std::vector<DiskNodePtr> directories{target};
  if (source != target) directories.push_back(std::move(source));
  co_return co_await sync_names(std::move(directories));
}

Task<Result<void>> SimulatedFileSystem::remove(std::string path, Durability durability) {
  OTTLA_CO_CHECK(co_await begin("files.remove"));
  Disk& disk = home_.host().disk();
  OTTLA_CO_CHECK(disk.remove(path));
  note("remove", path);
  if (durability != Durability::synced) co_return Result<void>();
  OTTLA_CO_TRY(DiskNodePtr parent, disk.parent_of(path));
  co_return co_await sync_names({std::move(parent)});
}

Task<Result<void>> SimulatedFileSystem::remove_tree(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.remove_tree"));
  note("remove tree", path);
  co_return home_.host().disk().remove_tree(path);
}

Task<Result<void>> SimulatedFileSystem::sync_directory(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.sync_directory"));
  OTTLA_CO_TRY(DiskNodePtr node, home_.host().disk().find(path));
  if (node->kind != DiskNode::Kind::directory) co_return Error(Errc::not_a_directory, "sync " + path);
  co_return co_await sync_names({std::move(node)});
}

Task<Result<void>> SimulatedFileSystem::sync_everything(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.sync_everything"));
  Disk& disk = home_.host().disk();
  OTTLA_CO_TRY(DiskNodePtr node, disk.find(path));
  co_await DiskWait(home_, disk.options().sync);
  if (disk.random().chance(disk.trouble_at(*node).failing_syncs, 256)) {
    disk.strikes().add(Strike::sync_failed);
    co_return Error(Errc::io_error, "sync the file system of " + path);
  }
  disk.sync_everything();
  note("sync everything", path);
  co_return Result<void>();
}

Task<Result<DiskSpace>> SimulatedFileSystem::space(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.space"));
  OTTLA_CO_TRY(DiskNodePtr node, home_.host().disk().find(path));
  co_return home_.host().disk().space();
}

Task<Result<std::unique_ptr<FileLock>>> SimulatedFileSystem::lock(std::string path) {
  OTTLA_CO_CHECK(co_await begin("files.lock"));
  Disk& disk = home_.host().disk();
  OTTLA_CO_TRY(DiskNodePtr node, disk.open(path, kOpenOrCreate));
  if (Result<void> taken = disk.lock(node->number, home_.host().name()); !taken.ok()) {
    co_return Error(Errc::busy, "lock " + path + ": " + std::string(taken.error().text()));
  }
  note("lock", path);
  co_return std::make_unique<SimulatedFileLock>(home_, node->number);
}

}  // namespace ottla::sim
