// The log directories of a node: opens and locks them, knows them by their ids, says where a new log goes, and keeps
// what has to be known of logs after a crash.
//
// Use:         OTTLA_CO_TRY(auto directories, co_await ReplicaDirectories::open({…}));
//              … whatever may refuse the start looks at them …   OTTLA_CO_CHECK(co_await directories->begin());
//              … logs of all shards use home() …   co_await directories->close(ending);
// Lifetime:    close() must have ended before it is destroyed, unless the shard was killed. Outlives the logs.
// Concurrency: confined to the first shard; other shards' logs come by message (ShardHome).
// Invariants:  1. every directory that is online has an id, and no two have the same
//              2. one that fails stays offline until the next start
// Errors:      of open(): a directory that another process holds, or whose identity is that of another node or
//              cluster; no directory left; the metadata's directory cannot be used. One that cannot be read is
//              offline, and the others go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/task.h"
#include "storage/directory/directory_home.h"
#include "storage/directory/log_directory.h"
#include "storage/format/offset_checkpoint.h"

namespace ottla::replica {

class ReplicaDirectories {
 public:
  struct Options {
    NodeId node;
    std::vector<std::string> paths;  // log.dirs, in their order
    std::string metadata_path;       // where the cluster's metadata lie; one of them, or one of its own
    std::function<void(const std::string& path, const Error&)> on_failure = {};
    Logger logger = {};
  };
  struct Directory {
    std::string path;
    std::unique_ptr<storage::LogDirectory> opened = {};  // null when it could not be opened
    std::optional<Error> failure = {};                   // why not
    Uuid id = {};                                        // zero when it is not known
    std::size_t replicas = 0;                            // logs and future logs in it
    bool cordoned = false;
    bool for_replicas = true;  // false for one that holds the cluster's metadata only

    bool online() const { return opened != nullptr && !opened->is_offline(); }
  };

  static Task<Result<std::unique_ptr<ReplicaDirectories>>> open(Options options);
  // Nothing refuses the start any more: all that lies in them may be changed. A disk that fails now takes its directory
  // offline, unless that holds the metadata.
  Task<Result<void>> begin();
  ReplicaDirectories(const ReplicaDirectories&) = delete;
  ReplicaDirectories& operator=(const ReplicaDirectories&) = delete;

  const std::string& cluster_id() const { return cluster_id_; }
  const std::vector<Directory>& all() const { return directories_; }
  // Null when it is none of this node's.
  Directory* find(std::string_view path);
  Directory* find(const Uuid& id);
  // Of those for replicas, in the order of the configuration.
  std::vector<Uuid> online_ids() const;
  // Of all that are online and cordoned.
  std::vector<Uuid> cordoned_ids() const;
  bool any_offline() const;
  bool any_online() const;
  // All were closed in good order the last time, under this broker epoch; -1 when not, or when it is not known.
  std::int64_t clean_broker_epoch() const;

  // cordoned.log.dirs: paths, or "*".
  void set_cordoned(const std::vector<std::string>& paths);
  // Where the log of a new replica goes, of which the metadata say that it is in `wanted`; counts it in. Empty when
  // it may have a log that cannot be reached, or when no directory takes it.
  std::string place(const Uuid& wanted, const TopicPartition& name);
  // Somebody wants a replica there that is not here yet: it goes there when it comes, if the metadata name no directory.
  // Of many such wishes the first ones count.
  void prefer(TopicPartition name, std::string path);
  void count(std::string_view path, std::ptrdiff_t more);

  // The home of the logs on this shard.
  storage::DirectoryHome& home() { return home_; }
  // Takes it out of use, by what somebody met.
  void fail(const std::string& path, const Error& error) { home_.disk_failed(path, error); }

  // Of each directory, what `gather` gives for its path.
  using Gather = std::function<Task<std::vector<storage::PartitionOffset>>(std::string path)>;
  Task<void> write_checkpoints(storage::OffsetCheckpoint kind, Gather gather);

  // All logs are closed. A directory that is offline is left as it is; `unclean`: those whose logs did not close well.
  Task<void> close(storage::LogDirectory::Ending ending, const std::vector<std::string>& unclean);

 private:
  explicit ReplicaDirectories(Options options);

  Task<Result<void>> open_all();
  Task<Result<void>> open_one(Directory& directory);
  Task<Result<void>> identify();
  bool holds_metadata(const Directory& directory) const { return directory.path == options_.metadata_path; }

  const Options options_;
  storage::DirectoryHome home_;
  std::vector<Directory> directories_;
  std::map<TopicPartition, std::string> preferred_;  // by replicas that are not here; paths
  std::string cluster_id_;
};

}  // namespace ottla::replica
