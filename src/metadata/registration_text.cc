#include "metadata/registration_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace ottla::metadata {
namespace {

template <typename Elements, typename Show>
std::string joined(const Elements& elements, Show&& show) {
  std::vector<std::string> texts;
  std::ranges::transform(elements, std::back_inserter(texts), show);
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string listeners_text(const std::vector<Listener>& listeners) {
  return joined(listeners, [](const Listener& each) {
    return fmt::format("Endpoint(listenerName='{}', securityProtocol={}, host='{}', port={})", each.name,
                       name_of(each.protocol), each.host, each.port);
  });
}

std::string range_text(const SupportedFeature& feature) {
  if (feature.least == feature.most) return fmt::format("{}", feature.least);
  if (feature.most == INT16_MAX) return fmt::format("{}+", feature.least);
  return fmt::format("{}-{}", feature.least, feature.most);
}

std::string features_text(const std::vector<SupportedFeature>& features) {
  return joined(features, [](const SupportedFeature& each) {
    return fmt::format("{}: {}", each.name, range_text(each));
  });
}

std::string uuids_text(std::span<const Uuid> uuids) {
  return fmt::format("[{}]", joined(uuids, [](const Uuid& each) { return each.to_string(); }));
}

}  // namespace

std::string text_of(const BrokerRegistration& broker) {
  return fmt::format(
      "BrokerRegistration(id={}, epoch={}, incarnationId={}, listeners=[{}], supportedFeatures={{{}}}, "
      "rack={}, fenced={}, inControlledShutdown={}, isMigratingZkBroker={}, directories={}, "
      "cordonedDirectories={})",
      broker.id.raw(), broker.epoch, broker.incarnation_id.to_string(), listeners_text(broker.listeners),
      features_text(broker.features),
      broker.rack.has_value() ? fmt::format("Optional[{}]", *broker.rack) : "Optional.empty", broker.fenced,
      broker.in_controlled_shutdown, broker.migrating_from_zookeeper, uuids_text(broker.directories),
      broker.cordoned_directories.has_value() ? uuids_text(*broker.cordoned_directories) : "null");
}

std::string text_of(const ControllerRegistration& controller) {
  return fmt::format(
      "ControllerRegistration(id={}, incarnationId={}, zkMigrationReady={}, listeners=[{}], "
      "supportedFeatures={{{}}})",
      controller.id.raw(), controller.incarnation_id.to_string(), controller.ready_to_migrate,
      listeners_text(controller.listeners), features_text(controller.features));
}

std::string text_of(const Partition& partition) {
  const auto list = [](BrokerIds brokers) { return fmt::format("[{}]", fmt::join(brokers, ", ")); };
  return fmt::format(
      "PartitionRegistration(replicas={}, directories={}, isr={}, removingReplicas={}, addingReplicas={}, "
      "elr={}, lastKnownElr={}, leader={}, leaderRecoveryState={}, leaderEpoch={}, partitionEpoch={})",
      list(partition.replicas()), uuids_text(partition.directories()), list(partition.isr()),
      list(partition.removing_replicas()), list(partition.adding_replicas()), list(partition.elr()),
      list(partition.last_known_elr()), partition.leader(),
      partition.leader_recovery() == LeaderRecovery::recovered ? "RECOVERED" : "RECOVERING",
      partition.leader_epoch(), partition.partition_epoch());
}

}  // namespace ottla::metadata
