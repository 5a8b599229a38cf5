#include "replica/log_dirs.h"

#include <algorithm>
#include <utility>

#include "runtime/cross_shard.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/shard.h"

namespace ottla::replica {

using protocol::ErrorCode;

Task<std::vector<LogDirFacts>> LogDirs::describe() {
  std::vector<LogDirFacts> all;
  for (const ReplicaDirectories::Directory& directory : directories_.all()) {
    if (!directory.for_replicas) continue;
    all.push_back({.path = directory.path,
                   .error = directory.online() ? ErrorCode::none : ErrorCode::kafka_storage_error,
                   .cordoned = directory.cordoned,
                   .replicas = {}});
  }
  for (std::size_t each = 0; each < sets_.size(); ++each) {
    Shard& shard = this_shard().process().shard(ShardId(static_cast<std::uint32_t>(each)));
    std::vector<ReplicaFacts> found =
        co_await on(shard, [set = sets_[each]] { return set->describe_logs(); });
    for (ReplicaFacts& replica : found) {
      const auto in = std::ranges::find(all, replica.directory, &LogDirFacts::path);
      if (in != all.end()) in->replicas.push_back(std::move(replica));
    }
  }
  for (LogDirFacts& facts : all) {
    std::ranges::sort(facts.replicas, [](const ReplicaFacts& a, const ReplicaFacts& b) {
      return std::tie(a.name, a.is_future) < std::tie(b.name, b.is_future);
    });
    if (facts.error == ErrorCode::none) co_await add_space(facts);
  }
  co_return all;
}

Task<void> LogDirs::add_space(LogDirFacts& facts) {
  const Result<DiskSpace> space = co_await this_shard().files().space(facts.path);
  if (!space.ok()) co_return;
  facts.total_bytes = static_cast<std::int64_t>(space->total);
  facts.usable_bytes = static_cast<std::int64_t>(space->available);
}

Task<std::vector<ErrorCode>> LogDirs::move(std::vector<MoveWish> wishes) {
  std::vector<ErrorCode> answers;
  answers.reserve(wishes.size());
  for (MoveWish& wish : wishes) answers.push_back(co_await move_one(std::move(wish)));
  co_return answers;
}

Task<ErrorCode> LogDirs::move_one(MoveWish wish) {
  const ReplicaDirectories::Directory* const directory = directories_.find(wish.directory);
  if (directory == nullptr || !directory->for_replicas) co_return ErrorCode::log_dir_not_found;
  if (!directory->online()) co_return ErrorCode::kafka_storage_error;
  if (directory->cordoned) co_return ErrorCode::invalid_replica_assignment;
  const std::optional<ShardId> at = placement_.find(wish.key);
  if (!at) {
    directories_.prefer(std::move(wish.name), std::move(wish.directory));
    co_return ErrorCode::replica_not_available;
  }
  ReplicaSet& set = *sets_[at->raw()];
  const ReplicaSet::MoveBegun begun = co_await on(
      this_shard().process().shard(*at), [&set, wish] { return set.begin_move(wish.key, wish.directory); });
  if (begun.made) directories_.count(wish.directory, 1);
  co_return begun.error;
}

}  // namespace ottla::replica
