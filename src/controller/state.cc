#include "controller/state.h"

#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metadata/replay.h"
#include "protocol/codec.h"

namespace ottla::controller {
namespace {

using metadata::MetadataImage;
using metadata::Partition;
using metadata::PartitionRef;
using metadata::TopicImage;

constexpr std::string_view kMetadataTopic = "__cluster_metadata";
constexpr std::size_t kMostRecordMemory = std::size_t{64} << 20U;

bool marks_transaction(const protocol::MessageInfo& message) {
  return &message == &protocol::BeginTransactionRecord::message() ||
         &message == &protocol::EndTransactionRecord::message() ||
         &message == &protocol::AbortTransactionRecord::message();
}

template <protocol::Message T>
const T* as(const protocol::MessageInfo& message, const void* record) {
  return &message == &T::message() ? static_cast<const T*>(record) : nullptr;
}

// The topics whose partitions a record may change; the image shares what it does not.
std::vector<Uuid> touched(const MetadataImage& image, const protocol::MessageInfo& message,
                          const void* record) {
  if (const auto* removed = as<protocol::RemoveTopicRecord>(message, record)) return {removed->topic_id};
  if (const auto* made = as<protocol::TopicRecord>(message, record)) return {made->topic_id};
  const auto* cleared = as<protocol::ClearElrRecord>(message, record);
  if (cleared == nullptr) return {};
  std::vector<Uuid> topics;
  if (!cleared->topic_name.empty()) {
    if (const Uuid* id = image.topics.by_name.find(cleared->topic_name)) topics.push_back(*id);
    return topics;
  }
  for (const auto& [id, topic] : image.topics.by_id) topics.push_back(id);
  return topics;
}

}  // namespace

State::State(const ControllerOptions& options, MetadataImage image)
    : options_(options),
      image_(std::move(image)),
      budget_("records of the controller", kMostRecordMemory),
      arena_(budget_) {
  index_all();
}

void State::index_all() {
  for (const auto& [id, topic] : image_.topics.by_id) index_topic(id, nullptr);
}

// What the topic was before, and is now.
void State::index_topic(const Uuid& id, const TopicImage* before) {
  const TopicImage* after = image_.topics.find(id);
  if (before != nullptr) topic_names_.remove(before->name);
  if (after != nullptr) topic_names_.add(after->name);
  const decltype(TopicImage::partitions) none;
  diff(before == nullptr ? none : before->partitions, after == nullptr ? none : after->partitions,
       [&](const PartitionId& partition, const PartitionRef* old_state, const PartitionRef* new_state) {
         partitions_.update({id, partition.raw()}, old_state == nullptr ? nullptr : old_state->get(),
                            new_state == nullptr ? nullptr : new_state->get());
       });
}

Result<> State::replay(std::span<const std::byte> value, Offset offset) {
  OTTLA_TRY(const protocol::EncodedMessage encoded, protocol::open_metadata_record(kMetadataTopic, value));
  if (marks_transaction(*encoded.message)) return {};
  arena_.reset();
  const protocol::StructureInfo& structure = *encoded.message->root;
  void* record = arena_.allocate(structure.size, structure.alignment);
  if (record == nullptr) return Errc::out_of_budget;
  std::memcpy(record, structure.initial, structure.size);
  OTTLA_CHECK(protocol::decode(*encoded.message, {.bytes = encoded.body, .version = encoded.version}, &arena_,
                               record));
  return replay(*encoded.message, record, offset);
}

Result<> State::replay(const protocol::MessageInfo& message, const void* record, Offset offset) {
  if (const auto* made = as<protocol::PartitionRecord>(message, record)) {
    return replay_partition({made->topic_id, made->partition_id}, message, record);
  }
  if (const auto* changed = as<protocol::PartitionChangeRecord>(message, record)) {
    return replay_partition({changed->topic_id, changed->partition_id}, message, record);
  }
  std::vector<std::pair<Uuid, std::optional<TopicImage>>> before;
  for (const Uuid& id : touched(image_, message, record)) {
    const TopicImage* topic = image_.topics.find(id);
    before.emplace_back(id, topic == nullptr ? std::nullopt : std::optional(*topic));
  }
  OTTLA_CHECK(metadata::replay(image_, message, record));
  if (const auto* broker = as<protocol::RegisterBrokerRecord>(message, record)) {
    registered_[NodeId(broker->broker_id)] = offset;
  } else if (const auto* gone = as<protocol::UnregisterBrokerRecord>(message, record)) {
    registered_.erase(NodeId(gone->broker_id));
  }
  for (const auto& [id, topic] : before) index_topic(id, topic ? &*topic : nullptr);
  return {};
}

Result<> State::replay_partition(const PartitionKey& key, const protocol::MessageInfo& message,
                                 const void* record) {
  const Partition* there = image_.topics.partition(key.topic, PartitionId(key.partition));
  const PartitionRef before =
      there == nullptr ? nullptr
                       : *image_.topics.find(key.topic)->partitions.find(PartitionId(key.partition));
  OTTLA_CHECK(metadata::replay(image_, message, record));
  partitions_.update(key, before.get(), image_.topics.partition(key.topic, PartitionId(key.partition)));
  return {};
}

std::optional<Offset> State::registered_at(NodeId broker) const {
  const metadata::BrokerRegistration* registration = image_.cluster.broker(broker);
  if (registration == nullptr) return std::nullopt;
  const auto seen = registered_.find(broker);
  return seen != registered_.end() ? seen->second : Offset(registration->epoch);
}

std::string State::broken_invariant() const {
  if (std::string broken = metadata::broken_invariant(image_); !broken.empty()) return broken;
  const State fresh(options_, image_);
  if (fresh.partitions_ != partitions_) return "the index of partitions does not say what the image says";
  return fresh.topic_names_ == topic_names_ ? "" : "the index of names does not say what the image says";
}

}  // namespace ottla::controller
