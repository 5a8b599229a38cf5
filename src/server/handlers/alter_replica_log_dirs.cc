#include "server/handlers/alter_replica_log_dirs.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/partition_id.h"
#include "metadata/image.h"
#include "protocol/error_code.h"
#include "replica/log_dirs.h"
#include "replica/replica_manager.h"
#include "server/arena_array.h"

namespace ottla::server {
namespace {

using protocol::AlterReplicaLogDirsRequest;
using protocol::AlterReplicaLogDirsResponse;
using protocol::ErrorCode;
using Topic = AlterReplicaLogDirsResponse::AlterReplicaLogDirTopicResult;
using Partition = AlterReplicaLogDirsResponse::AlterReplicaLogDirPartitionResult;

// Where each partition is to go: of one that is named twice the last place counts.
using Destinations = std::map<std::pair<std::string_view, std::int32_t>, std::string_view>;

Destinations destinations_of(const AlterReplicaLogDirsRequest& request) {
  Destinations destinations;
  for (const auto& directory : request.dirs) {
    for (const auto& topic : directory.topics) {
      for (const std::int32_t partition : topic.partitions) {
        destinations[{topic.name, partition}] = directory.path;
      }
    }
  }
  return destinations;
}

// A replica that nobody has here: of a partition of another node, or of one that there is not.
ErrorCode told(ErrorCode error, bool known) {
  return error == ErrorCode::replica_not_available && !known ? ErrorCode::unknown_topic_or_partition : error;
}

}  // namespace

Task<Result<Outcome>> answer_alter_replica_log_dirs(RequestContext& context,
                                                    const AlterReplicaLogDirsRequest& request,
                                                    AlterReplicaLogDirsResponse& response) {
  const metadata::SharedImage image = context.node.image;
  const Destinations destinations = destinations_of(request);
  std::vector<replica::MoveWish> wishes;
  std::vector<bool> known;
  for (const auto& [name, directory] : destinations) {
    const metadata::TopicImage* topic = image->topics.find(name.first);
    // A topic that is not there has an id that none has.
    wishes.push_back(
        {.key = {.topic = topic != nullptr ? topic->id : Uuid(), .index = PartitionId(name.second)},
         .name = {std::string(name.first), PartitionId(name.second)},
         .directory = std::string(directory)});
    known.push_back(topic != nullptr && topic->partitions.contains(PartitionId(name.second)));
  }
  const std::vector<ErrorCode> answers = co_await context.node.replicas->door().move(std::move(wishes));
  ArenaArray<Topic> topics(context.arena);
  std::size_t at = 0;
  for (auto each = destinations.begin(); each != destinations.end();) {
    const std::string_view name = each->first.first;
    ArenaArray<Partition> partitions(context.arena);
    for (; each != destinations.end() && each->first.first == name; ++each, ++at) {
      OTTLA_CO_CHECK(partitions.add({.partition_index = each->first.second,
                                     .error_code = static_cast<std::int16_t>(told(answers[at], known[at]))}));
    }
    OTTLA_CO_CHECK(topics.add({.topic_name = name, .partitions = partitions.finish()}));
  }
  response.results = topics.finish();
  co_return Outcome::reply;
}

}  // namespace ottla::server
