// Bugs between what the controller decides and what is replayed.
#include <vector>

#include "base/budget.h"
#include "controller/testing/random_cluster.h"
#include "metadata/feature.h"
#include "protocol/record_codec.h"

namespace ottla::controller::testing {
namespace {

using protocol::PartitionChangeRecord;

// Calls change(record) with each record of that type; false takes it out.
template <protocol::Message T, typename F>
void change_each(RecordList& records, F&& change) {
  RecordList changed;
  for (const Slice& value : records.values()) {
    const auto opened = protocol::open_metadata_record("__cluster_metadata", value.as_span());
    if (opened->message != &T::message()) {
      changed.add_encoded(value);
      continue;
    }
    Budget budget("a planted bug", std::size_t{1} << 20U);
    Arena arena(budget);
    T record;
    const Result<> decoded = protocol::decode(*opened, arena, record);
    OTTLA_INVARIANT(decoded.ok(), "a record cannot be read", decoded.error());
    if (change(record)) changed.add(record, opened->version);
  }
  records = std::move(changed);
}

template <protocol::Message T>
std::vector<Slice> of_type(const RecordList& records) {
  std::vector<Slice> found;
  for (const Slice& value : records.values()) {
    if (protocol::open_metadata_record("__cluster_metadata", value.as_span())->message == &T::message()) {
      found.push_back(value);
    }
  }
  return found;
}

void forget_leaders(RecordList& records) {
  bool fences = false;
  change_each<protocol::BrokerRegistrationChangeRecord>(records, [&fences](auto& record) {
    fences |= record.fenced > 0;
    return true;
  });
  if (fences) change_each<PartitionChangeRecord>(records, [](auto&) { return false; });
}

void reuse_ids(RecordList& records) {
  Uuid id;
  change_each<protocol::TopicRecord>(records, [&id](protocol::TopicRecord& record) {
    id = Uuid(8, std::hash<std::string_view>()(record.name));
    record.topic_id = id;
    return true;
  });
  if (id.is_zero()) return;
  change_each<protocol::PartitionRecord>(records, [&id](protocol::PartitionRecord& record) {
    record.topic_id = id;
    return true;
  });
}

void keep_eligible(RecordList& records) {
  change_each<PartitionChangeRecord>(records, [](PartitionChangeRecord& record) {
    if (!record.isr.empty()) record.eligible_leader_replicas = protocol::Array<std::int32_t>::null();
    return true;
  });
}

void end_early(RecordList& records, const metadata::MetadataImage& image) {
  static const std::vector<std::int32_t> kNobody;
  change_each<PartitionChangeRecord>(records, [&image](PartitionChangeRecord& record) {
    const metadata::Partition* now =
        image.topics.partition(record.topic_id, PartitionId(record.partition_id));
    if (now != nullptr && now->reassigning() && record.replicas.is_null()) {
      record.removing_replicas = kNobody;
      record.adding_replicas = kNobody;
    }
    return true;
  });
}

void repeat_partitions(RecordList& records, const metadata::MetadataImage& image) {
  const std::vector<Slice> changes = of_type<PartitionChangeRecord>(records);
  if (changes.empty() || image.topics.by_id.empty()) return;
  const metadata::TopicImage& topic = image.topics.by_id.begin()->second;
  const metadata::PartitionRef& now = topic.partitions.begin()->second;
  protocol::PartitionRecord record;
  record.topic_id = topic.id;
  record.partition_id = 0;
  record.replicas = now->replicas();
  record.isr = now->isr();
  record.leader = now->leader();
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  record.directories = now->directories();
  records.add(record, 2);
}

void any_features(RecordList& records) {
  change_each<protocol::RegisterBrokerRecord>(records, [](protocol::RegisterBrokerRecord& record) {
    record.features = {};
    return true;
  });
}

}  // namespace

void RandomCluster::plant(RecordList& records) {
  switch (options_.plant) {
    case Plant::forget_leaders:
      return forget_leaders(records);
    case Plant::reuse_ids:
      return reuse_ids(records);
    case Plant::keep_eligible:
      return keep_eligible(records);
    case Plant::end_early:
      return end_early(records, cluster_.image());
    case Plant::repeat_partitions:
      return repeat_partitions(records, cluster_.image());
    case Plant::any_features:
      return any_features(records);
    case Plant::none:
    case Plant::stale_epochs:
    case Plant::trust_the_killed:
    case Plant::never_fence:
      return;
  }
}

}  // namespace ottla::controller::testing
