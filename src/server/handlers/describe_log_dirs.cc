#include "server/handlers/describe_log_dirs.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "replica/log_dirs.h"
#include "replica/replica_manager.h"
#include "server/arena_array.h"

namespace ottla::server {
namespace {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using Topic = DescribeLogDirsResponse::DescribeLogDirsTopic;
using Partition = DescribeLogDirsResponse::DescribeLogDirsPartition;

// Which partitions were asked for.
class Wanted {
 public:
  explicit Wanted(const DescribeLogDirsRequest& request) : all_(request.topics.is_null()) {
    for (const auto& topic : request.topics) {
      for (const std::int32_t partition : topic.partitions) named_.emplace(topic.topic, partition);
    }
  }
  bool contains(const TopicPartition& name) const {
    return all_ || named_.contains({name.topic, name.partition.raw()});
  }

 private:
  const bool all_;
  std::set<std::pair<std::string, std::int32_t>> named_;
};

// Replicas come in the order of their names, so that those of a topic stand together.
Result<protocol::Array<Topic>> topics_of(const replica::LogDirFacts& facts, const Wanted& wanted,
                                         Arena& arena) {
  ArenaArray<Topic> topics(arena);
  for (std::size_t at = 0; at < facts.replicas.size();) {
    const std::string& name = facts.replicas[at].name.topic;
    ArenaArray<Partition> partitions(arena);
    for (; at < facts.replicas.size() && facts.replicas[at].name.topic == name; ++at) {
      const replica::ReplicaFacts& replica = facts.replicas[at];
      if (!wanted.contains(replica.name)) continue;
      OTTLA_CHECK(partitions.add({.partition_index = replica.name.partition.raw(),
                                  .partition_size = static_cast<std::int64_t>(replica.size),
                                  .offset_lag = replica.offset_lag,
                                  .is_future_key = replica.is_future}));
    }
    if (partitions.size() == 0) continue;
    OTTLA_TRY(const std::string_view copied, arena.copy(name));
    OTTLA_CHECK(topics.add({.name = copied, .partitions = partitions.finish()}));
  }
  return topics.finish();
}

}  // namespace

Task<Result<Outcome>> answer_describe_log_dirs(RequestContext& context, const DescribeLogDirsRequest& request,
                                               DescribeLogDirsResponse& response) {
  const Wanted wanted(request);
  const std::vector<replica::LogDirFacts> all = co_await context.node.replicas->door().describe_log_dirs();
  ArenaArray<DescribeLogDirsResponse::DescribeLogDirsResult> results(context.arena, all.size());
  for (const replica::LogDirFacts& facts : all) {
    OTTLA_CO_TRY(const std::string_view path, context.arena.copy(facts.path));
    OTTLA_CO_TRY(const protocol::Array<Topic> topics, topics_of(facts, wanted, context.arena));
    OTTLA_CO_CHECK(results.add({.error_code = static_cast<std::int16_t>(facts.error),
                                .log_dir = path,
                                .topics = topics,
                                .total_bytes = facts.total_bytes,
                                .usable_bytes = facts.usable_bytes,
                                .is_cordoned = facts.cordoned}));
  }
  response.results = results.finish();
  co_return Outcome::reply;
}

}  // namespace ottla::server
