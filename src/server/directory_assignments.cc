#include "server/directory_assignments.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/error_code.h"
#include "protocol/error_info.h"
#include "protocol/messages/assign_replicas_to_dirs.h"
#include "runtime/sleep.h"

namespace ottla::server {
namespace {

using protocol::AssignReplicasToDirsRequest;
using protocol::AssignReplicasToDirsResponse;
using protocol::ErrorCode;
using replica::PartitionKey;

constexpr std::size_t kMostReplyMemory = std::size_t{4} << 20;
// What comes at once is told at once.
constexpr Duration kGather = std::chrono::milliseconds(10);
constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(10);
constexpr Duration kPatience = std::chrono::seconds(60);

using Topic = AssignReplicasToDirsRequest::TopicData;
using PartitionData = AssignReplicasToDirsRequest::PartitionData;

// A request and all that it points to.
struct Telling {
  // Directory → topic → partitions.
  std::map<Uuid, std::map<Uuid, std::vector<PartitionData>>> sorted;
  std::vector<std::vector<Topic>> topics;
  std::vector<AssignReplicasToDirsRequest::DirectoryData> directories;

  explicit Telling(const std::map<PartitionKey, Uuid>& told) {
    for (const auto& [key, directory] : told) {
      sorted[directory][key.topic].push_back({.partition_index = key.index.raw()});
    }
    topics.reserve(sorted.size());
    for (const auto& [directory, by_topic] : sorted) {
      auto& own = topics.emplace_back();
      for (const auto& [topic, partitions] : by_topic) {
        own.push_back({.topic_id = topic, .partitions = partitions});
      }
      directories.push_back({.id = directory, .topics = own});
    }
  }
};

}  // namespace

void DirectoryAssignments::assign(const PartitionKey& key, const Uuid& directory) {
  waiting_[key] = directory;
  news_.set();
}

Task<void> DirectoryAssignments::run(Cancel cancel) {
  Duration pause = kFirstPause;
  while ((co_await news_.wait(cancel)).ok()) {
    news_.reset();
    if (!(co_await sleep_for(kGather, cancel)).ok()) co_return;
    while (!waiting_.empty() && epoch_() >= 0) {
      const auto end =
          std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMost)));
      const std::size_t before = waiting_.size();
      const Result<void> told = co_await tell(Assignments(waiting_.begin(), end), cancel);
      if (!told.ok() && (told.error() == Errc::cancelled || told.error() == Errc::closed)) co_return;
      if (told.ok() && waiting_.size() < before) {
        pause = kFirstPause;
        continue;
      }
      if (!told.ok()) log_.info("cannot tell where replicas lie", field("reason", told.error()));
      if (!(co_await sleep_for(pause, cancel)).ok()) co_return;
      pause = std::min(pause * 2, kLongestPause);
    }
    // Without an epoch it is tried again a little later.
    if (waiting_.empty()) continue;
    if (!(co_await sleep_for(kFirstPause, cancel)).ok()) co_return;
    news_.set();
  }
}

Task<Result<void>> DirectoryAssignments::tell(Assignments told, Cancel cancel) {
  const Telling telling(told);
  const AssignReplicasToDirsRequest request = {
      .broker_id = broker_.raw(), .broker_epoch = epoch_(), .directories = telling.directories};
  OTTLA_CO_TRY(const rpc::Reply reply, co_await link_.call(Asking(request), kPatience, cancel));
  Budget budget("assignments", kMostReplyMemory);
  Arena arena(budget);
  AssignReplicasToDirsResponse response;
  OTTLA_CO_CHECK(reply.read(arena, response));
  if (response.error_code != 0) {
    co_return Error(Errc::unsupported, protocol::info_of(static_cast<ErrorCode>(response.error_code)).name);
  }
  for (const auto& directory : response.directories) {
    for (const auto& topic : directory.topics) {
      for (const auto& partition : topic.partitions) {
        heard({.topic = topic.topic_id, .index = PartitionId(partition.partition_index)}, directory.id,
              partition.error_code);
      }
    }
  }
  co_return Result<void>();
}

void DirectoryAssignments::heard(const PartitionKey& key, const Uuid& directory, std::int16_t code) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end() || found->second != directory) return;
  const auto error = static_cast<ErrorCode>(code);
  // A topic that is gone needs no directory.
  const bool settled = error == ErrorCode::none || error == ErrorCode::unknown_topic_or_partition ||
                       error == ErrorCode::unknown_topic_id || error == ErrorCode::not_leader_or_follower;
  if (settled) waiting_.erase(found);
}

}  // namespace ottla::server
