#include "controller/replica_assignment.h"

#include <fmt/format.h>

#include <algorithm>

#include "metadata/metadata_version.h"
#include "metadata/registration.h"

namespace ottla::controller {
namespace {

using metadata::BrokerIds;
using metadata::MetadataImage;

ApiError refused(std::string text) {
  return {ErrorCode::invalid_replica_assignment, std::move(text)};
}

}  // namespace

ApiError check_assignment(const MetadataImage& image, BrokerIds replicas,
                          std::optional<std::size_t> expected) {
  if (replicas.empty()) return refused("The manual partition assignment includes an empty replica list.");
  BrokerList sorted(replicas.begin(), replicas.end());
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const metadata::BrokerRegistration* broker = image.cluster.broker(NodeId(sorted[i]));
    if (broker == nullptr) {
      return refused(
          fmt::format("The manual partition assignment includes broker {}, but no such broker is registered.",
                      sorted[i]));
    }
    if (!broker->has_uncordoned_directory()) {
      return refused(fmt::format(
          "The manual partition assignment includes broker {}, but all its log directories are cordoned.",
          sorted[i]));
    }
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return refused(
          fmt::format("The manual partition assignment includes the broker {} more than once.", sorted[i]));
    }
  }
  if (expected && sorted.size() != *expected) {
    return refused(
        fmt::format("The manual partition assignment includes a partition with {} replica(s), but this is "
                    "not consistent with previous partitions, which have {} replica(s).",
                    sorted.size(), *expected));
  }
  return {};
}

BrokerList active_of(const MetadataImage& image, BrokerIds brokers) {
  BrokerList active;
  std::ranges::copy_if(brokers, std::back_inserter(active),
                       [&image](std::int32_t broker) { return is_active(image, broker); });
  return active;
}

void add_partition(Draft& draft, const Uuid& topic, const NewPartition& partition) {
  std::vector<Uuid> directories;
  protocol::PartitionRecord record;
  record.partition_id = partition.index;
  record.topic_id = topic;
  record.replicas = partition.replicas;
  record.isr = partition.isr;
  record.leader = partition.isr.front();
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  if (has_directory_assignment(draft.version())) {
    for (const std::int32_t broker : partition.replicas) {
      directories.push_back(default_directory(draft.image(), broker));
    }
    record.directories = directories;
  }
  draft.add(record, partition_record_version(draft.version()));
}

}  // namespace ottla::controller
