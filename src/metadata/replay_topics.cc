// Topics and their partitions.
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metadata/replay.h"

namespace ottla::metadata {
namespace {

Error no_topic(std::string_view action, const Uuid& id) {
  return {Errc::not_found,
          fmt::format("Unable to {} topic with id {}: no such topic found.", action, id.to_string())};
}

void clear_elr(MetadataImage& image, const Uuid& id) {
  std::vector<PartitionId> found;
  for (const auto& [index, partition] : image.topics.find(id)->partitions) {
    if (!partition->elr().empty() || !partition->last_known_elr().empty()) found.push_back(index);
  }
  if (found.empty()) return;
  TopicImage& topic = *image.topics.by_id.edit(id);
  for (const PartitionId each : found) {
    PartitionRef& partition = *topic.partitions.edit(each);
    partition = partition->without_elr();
  }
}

}  // namespace

Result<> replay(MetadataImage& image, const protocol::TopicRecord& record) {
  const TopicImage* there = image.topics.find(record.topic_id);
  const Uuid* named = image.topics.by_name.find(record.name);
  if (there != nullptr && there->name != record.name) {
    return Error(Errc::invalid_argument, fmt::format("topic id {} belongs to {} and cannot be that of {}",
                                                     record.topic_id.to_string(), there->name, record.name));
  }
  if (named != nullptr && *named != record.topic_id) {
    return Error(Errc::invalid_argument,
                 fmt::format("there is a topic {} already, with the id {}, when it comes with {}",
                             record.name, named->to_string(), record.topic_id.to_string()));
  }
  TopicImage topic;
  topic.id = record.topic_id;
  topic.name = record.name;
  image.topics.by_id.set(record.topic_id, std::move(topic));
  if (named == nullptr) image.topics.by_name.set(record.name, record.topic_id);
  return {};
}

Result<> replay(MetadataImage& image, const protocol::RemoveTopicRecord& record) {
  const TopicImage* topic = image.topics.find(record.topic_id);
  if (topic == nullptr) return no_topic("delete", record.topic_id);
  const std::string name = topic->name;
  image.configs.erase(ConfigResourceView(ConfigResourceType::topic, name));
  image.topics.by_name.erase(name);
  image.topics.by_id.erase(record.topic_id);
  return {};
}

Result<> replay(MetadataImage& image, const protocol::PartitionRecord& record) {
  if (image.topics.find(record.topic_id) == nullptr) return no_topic("add a partition to", record.topic_id);
  OTTLA_TRY(PartitionRef partition, Partition::from(record));
  TopicImage& topic = *image.topics.by_id.edit(record.topic_id);
  topic.partitions.set(PartitionId(record.partition_id), std::move(partition));
  return {};
}

Result<> replay(MetadataImage& image, const protocol::PartitionChangeRecord& record) {
  const PartitionId index(record.partition_id);
  const Partition* before = image.topics.partition(record.topic_id, index);
  if (before == nullptr) {
    return Error(Errc::not_found, fmt::format("Unable to find partition {}:{}", record.topic_id.to_string(),
                                              record.partition_id));
  }
  OTTLA_TRY(PartitionRef after, before->changed_by(record));
  *image.topics.by_id.edit(record.topic_id)->partitions.edit(index) = std::move(after);
  return {};
}

Result<> replay(MetadataImage& image, const protocol::ClearElrRecord& record) {
  if (!record.topic_name.empty()) {
    const Uuid* id = image.topics.by_name.find(record.topic_name);
    if (id == nullptr) {
      return Error(
          Errc::not_found,
          fmt::format("Unable to clear elr for topic with name {}: no such topic found.", record.topic_name));
    }
    clear_elr(image, Uuid(*id));
    return {};
  }
  // The walk stays on what was there, whatever changes.
  const TopicsImage before = image.topics;
  for (const auto& [id, topic] : before.by_id) clear_elr(image, id);
  return {};
}

}  // namespace ottla::metadata
