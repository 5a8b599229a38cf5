#include "metadata/registration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "metadata/partition.h"

namespace ottla::metadata {
namespace {

// By name; of several with one name the last one counts.
template <typename T>
using Named = std::map<std::string_view, T>;

template <typename T>
std::vector<T> ascending(Named<T>&& named) {
  std::vector<T> elements;
  elements.reserve(named.size());
  for (auto& [name, element] : named) elements.push_back(std::move(element));
  return elements;
}

template <typename T>
const T* find_named(const std::vector<T>& named, std::string_view name) {
  const auto place =
      std::ranges::lower_bound(named, name, {}, [](const T& each) -> std::string_view { return each.name; });
  return place != named.end() && place->name == name ? &*place : nullptr;
}

template <typename Endpoints>
Result<std::vector<Listener>> listeners_of(const Endpoints& endpoints) {
  Named<Listener> listeners;
  for (const auto& each : endpoints) {
    if (each.security_protocol < 0 || each.security_protocol > 3) {
      return Error(Errc::invalid_argument, fmt::format("unknown security protocol {} of the listener {}",
                                                       each.security_protocol, each.name));
    }
    listeners.insert_or_assign(each.name,
                               Listener{.name = std::string(each.name),
                                        .host = std::string(each.host),
                                        .port = each.port,
                                        .protocol = static_cast<SecurityProtocol>(each.security_protocol)});
  }
  return ascending(std::move(listeners));
}

template <typename Features>
std::vector<SupportedFeature> features_of(const Features& features) {
  Named<SupportedFeature> supported;
  for (const auto& each : features) {
    supported.insert_or_assign(each.name, SupportedFeature{.name = std::string(each.name),
                                                           .least = each.min_supported_version,
                                                           .most = each.max_supported_version});
  }
  return ascending(std::move(supported));
}

std::vector<Uuid> uuids_of(const protocol::Array<Uuid>& told) {
  return {told.begin(), told.end()};
}

std::vector<Uuid> sorted(std::vector<Uuid> directories) {
  std::ranges::sort(directories);
  return directories;
}

auto all_of(const BrokerRegistration& broker) {
  return std::tie(broker.id, broker.epoch, broker.incarnation_id, broker.listeners, broker.features,
                  broker.rack, broker.fenced, broker.in_controlled_shutdown, broker.migrating_from_zookeeper,
                  broker.directories, broker.cordoned_directories);
}

auto all_of(const ControllerRegistration& controller) {
  return std::tie(controller.id, controller.incarnation_id, controller.ready_to_migrate, controller.listeners,
                  controller.features);
}

}  // namespace

std::string_view name_of(SecurityProtocol protocol) {
  switch (protocol) {
    case SecurityProtocol::plaintext:
      return "PLAINTEXT";
    case SecurityProtocol::ssl:
      return "SSL";
    case SecurityProtocol::sasl_plaintext:
      return "SASL_PLAINTEXT";
    case SecurityProtocol::sasl_ssl:
      return "SASL_SSL";
  }
  return "";
}

Result<Ref<const BrokerRegistration>> BrokerRegistration::from(const protocol::RegisterBrokerRecord& record) {
  Ref<BrokerRegistration> broker = make_ref<BrokerRegistration>();
  broker->id = NodeId(record.broker_id);
  broker->epoch = record.broker_epoch;
  broker->incarnation_id = record.incarnation_id;
  OTTLA_TRY(broker->listeners, listeners_of(record.end_points));
  if (broker->listener("") != nullptr) {
    return Error(Errc::invalid_argument, "Broker listeners must be named.");
  }
  broker->features = features_of(record.features);
  if (!record.rack.is_null()) broker->rack = std::string(*record.rack);
  broker->fenced = record.fenced;
  broker->in_controlled_shutdown = record.in_controlled_shutdown;
  broker->migrating_from_zookeeper = record.is_migrating_zk_broker;
  broker->directories = sorted(uuids_of(record.log_dirs));
  if (!record.cordoned_log_dirs.is_null()) broker->cordoned_directories = uuids_of(record.cordoned_log_dirs);
  return Ref<const BrokerRegistration>(std::move(broker));
}

Ref<const BrokerRegistration> BrokerRegistration::with_fenced(bool now_fenced) const {
  Ref<BrokerRegistration> next = make_ref<BrokerRegistration>(*this);
  next->fenced = now_fenced;
  return next;
}

Result<Ref<const BrokerRegistration>> BrokerRegistration::changed_by(
    const protocol::BrokerRegistrationChangeRecord& record) const {
  if (record.fenced < -1 || record.fenced > 1) {
    return Error(Errc::invalid_argument, fmt::format("unknown value {} of fenced", record.fenced));
  }
  if (record.in_controlled_shutdown < 0 || record.in_controlled_shutdown > 1) {
    return Error(Errc::invalid_argument,
                 fmt::format("unknown value {} of inControlledShutdown", record.in_controlled_shutdown));
  }
  Ref<BrokerRegistration> next = make_ref<BrokerRegistration>(*this);
  if (record.fenced != 0) next->fenced = record.fenced > 0;
  if (record.in_controlled_shutdown != 0) next->in_controlled_shutdown = true;
  if (!record.log_dirs.empty()) next->directories = sorted(uuids_of(record.log_dirs));
  if (!record.cordoned_log_dirs.is_null()) next->cordoned_directories = uuids_of(record.cordoned_log_dirs);
  return Ref<const BrokerRegistration>(std::move(next));
}

const Listener* BrokerRegistration::listener(std::string_view name) const {
  return find_named(listeners, name);
}
const SupportedFeature* BrokerRegistration::feature(std::string_view name) const {
  return find_named(features, name);
}

bool BrokerRegistration::has_online_directory(const Uuid& directory) const {
  if (directory == kUnassignedDirectory || directory == kMigratingDirectory) return true;
  if (directory == kLostDirectory) return false;
  // Of brokers that tell no directories, all are thought to be online.
  return directories.empty() || std::ranges::binary_search(directories, directory);
}

bool BrokerRegistration::has_uncordoned_directory() const {
  if (directories.empty() || !cordoned_directories.has_value()) return true;
  return std::ranges::any_of(directories, [this](const Uuid& each) {
    return std::ranges::find(*cordoned_directories, each) == cordoned_directories->end();
  });
}

bool operator==(const BrokerRegistration& a, const BrokerRegistration& b) {
  return all_of(a) == all_of(b);
}

Result<Ref<const ControllerRegistration>> ControllerRegistration::from(
    const protocol::RegisterControllerRecord& record) {
  Ref<ControllerRegistration> controller = make_ref<ControllerRegistration>();
  controller->id = NodeId(record.controller_id);
  controller->incarnation_id = record.incarnation_id;
  controller->ready_to_migrate = record.zk_migration_ready;
  OTTLA_TRY(controller->listeners, listeners_of(record.end_points));
  controller->features = features_of(record.features);
  return Ref<const ControllerRegistration>(std::move(controller));
}

const Listener* ControllerRegistration::listener(std::string_view name) const {
  return find_named(listeners, name);
}
const SupportedFeature* ControllerRegistration::feature(std::string_view name) const {
  return find_named(features, name);
}

bool operator==(const ControllerRegistration& a, const ControllerRegistration& b) {
  return all_of(a) == all_of(b);
}

}  // namespace ottla::metadata
