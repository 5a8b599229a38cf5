#include "controller/brokers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/leadership.h"
#include "controller/sessions.h"
#include "metadata/feature.h"
#include "metadata/registration.h"

namespace ottla::controller {
namespace {

using metadata::BrokerRegistration;
using metadata::MetadataImage;
using protocol::BrokerRegistrationRequest;
using protocol::RegisterBrokerRecord;
using protocol::RegisterControllerRecord;

// Directory ids that have a meaning, or will.
bool is_reserved(const Uuid& directory) {
  return directory.high() == 0 && static_cast<std::int64_t>(directory.low()) < 100;
}

const BrokerRegistration* owner_of(const MetadataImage& image, const Uuid& directory) {
  for (const auto& [id, broker] : image.cluster.brokers) {
    if (std::ranges::binary_search(broker->directories, directory)) return broker.get();
  }
  return nullptr;
}

ApiError check_directories(const MetadataImage& image, const BrokerRegistrationRequest& request) {
  if (request.log_dirs.empty()) {
    return {ErrorCode::invalid_registration, "No directories specified in request"};
  }
  if (std::ranges::any_of(request.log_dirs.as_span(), is_reserved)) {
    return {ErrorCode::invalid_registration, "Reserved directory ID in request"};
  }
  std::vector<Uuid> sorted(request.log_dirs.begin(), request.log_dirs.end());
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return {ErrorCode::invalid_registration, "Duplicate directory ID in request"};
  }
  for (const Uuid& directory : request.log_dirs) {
    const BrokerRegistration* owner = owner_of(image, directory);
    if (owner == nullptr || owner->id.raw() == request.broker_id) continue;
    return {ErrorCode::invalid_registration, fmt::format("Broker {} is already registered with directory {}",
                                                         owner->id.raw(), directory.to_string())};
  }
  return {};
}

// A listener without a name or a port, or with a protocol that nobody knows, would make the record useless for all.
template <typename Listeners>
ApiError check_listeners(const Listeners& listeners, bool named) {
  for (const auto& each : listeners) {
    if (each.security_protocol < 0 || each.security_protocol > 3) {
      return {ErrorCode::invalid_registration,
              fmt::format("Unknown security protocol {} in listener {}", each.security_protocol, each.name)};
    }
    if (named && each.name.empty()) {
      return {ErrorCode::invalid_registration, "Broker listeners must be named."};
    }
    if (each.port == 0)
      return {ErrorCode::invalid_registration, "Cannot serialize ephemeral port 0 in ListenerInfo."};
  }
  return {};
}

using Levels = std::map<std::string_view, std::int16_t>;

Levels finalized_levels(const MetadataImage& image, const Call& call) {
  Levels levels;
  for (const auto& [name, level] : image.features.finalized) levels[name] = level;
  levels[metadata::kMetadataVersionFeature] =
      level_of(image.features.metadata_version.value_or(metadata::kOldestMetadataVersion));
  levels[metadata::kKraftVersionFeature] = call.kraft_version.level();
  return levels;
}

ApiError check_feature(std::string_view name, std::int16_t finalized, std::int16_t least, std::int16_t most) {
  if (least <= finalized && finalized <= most) return {};
  return {
      ErrorCode::unsupported_version,
      fmt::format("Unable to register because the broker does not support finalized version {} of {}. The "
                  "broker wants a version between {} and {}, inclusive.",
                  finalized, name, least, most)};
}

ApiError check_features(const BrokerRegistrationRequest& request, Levels levels) {
  const Levels finalized = levels;
  bool told_version = false;
  for (const BrokerRegistrationRequest::Feature& each : request.features) {
    const auto known = finalized.find(each.name);
    const ApiError error =
        check_feature(each.name, known == finalized.end() ? std::int16_t{0} : known->second,
                      each.min_supported_version, each.max_supported_version);
    if (!error.ok()) return error;
    if (each.name == metadata::kMetadataVersionFeature) told_version = true;
    levels.erase(each.name);
  }
  if (!told_version) {
    return {ErrorCode::invalid_registration, "Request features do not contain 'metadata.version'"};
  }
  for (const auto& [name, level] : levels) {
    if (ApiError error = check_feature(name, level, 0, 0); !error.ok()) return error;
  }
  return {};
}

template <typename Target, typename Source>
std::vector<Target> endpoints_of(const Source& listeners) {
  std::vector<Target> endpoints;
  for (const auto& each : listeners) {
    Target endpoint;
    endpoint.name = each.name;
    endpoint.host = each.host;
    endpoint.port = each.port;
    endpoint.security_protocol = each.security_protocol;
    // Of several with one name the last one counts, in the place of the first.
    const auto same = std::ranges::find(endpoints, each.name, &Target::name);
    if (same != endpoints.end()) {
      *same = endpoint;
    } else {
      endpoints.push_back(endpoint);
    }
  }
  return endpoints;
}

template <typename Target, typename Source>
std::vector<Target> features_of(const Source& features) {
  std::vector<Target> supported;
  for (const auto& each : features) {
    Target feature;
    feature.name = each.name;
    feature.min_supported_version = each.min_supported_version;
    feature.max_supported_version = each.max_supported_version;
    supported.push_back(feature);
  }
  return supported;
}

// What the process that had the number before leaves behind.
void clean_up_after(Draft& draft, const State& state, std::int32_t broker, bool clean) {
  const PartitionSet& members = state.partitions().members(broker);
  if (!draft.elr_enabled() || clean) {
    follow_brokers(draft, members, {.removed = broker});
    return;
  }
  follow_brokers(draft, members, {.unclean = broker});
  follow_brokers(draft, state.partitions().eligible(broker), {.unclean = broker});
}

ApiError check_registration(const State& state, const BrokerRegistrationRequest& request, const Call& call) {
  if (request.cluster_id != state.options().cluster_id) {
    return {ErrorCode::inconsistent_cluster_id, fmt::format("Expected cluster ID {}, but got cluster ID {}",
                                                            state.options().cluster_id, request.cluster_id)};
  }
  const NodeId id(request.broker_id);
  const BrokerRegistration* existing = state.image().cluster.broker(id);
  if (existing != nullptr && existing->incarnation_id != request.incarnation_id &&
      request.incarnation_id != state.options().own_broker &&
      call.sessions.has_valid(id, existing->epoch, call.asked.now)) {
    return {
        ErrorCode::duplicate_broker_registration,
        "Another broker is registered with that broker id. If the broker was recently restarted this should "
        "self-resolve once the heartbeat manager expires the broker's session."};
  }
  if (request.is_migrating_zk_broker) {
    return {ErrorCode::broker_id_not_registered, "Controller does not support registering ZK brokers."};
  }
  if (has_directory_assignment(state.version())) {
    if (ApiError error = check_directories(state.image(), request); !error.ok()) return error;
  }
  if (ApiError error = check_listeners(request.listeners, true); !error.ok()) return error;
  return check_features(request, finalized_levels(state.image(), call));
}

}  // namespace

ApiError check_broker_epoch(const MetadataImage& image, std::int32_t broker, std::int64_t epoch) {
  const BrokerRegistration* registration = image.cluster.broker(NodeId(broker));
  if (registration == nullptr) {
    return {ErrorCode::stale_broker_epoch,
            fmt::format("No broker registration found for broker id {}", broker)};
  }
  if (registration->epoch != epoch) {
    return {ErrorCode::stale_broker_epoch,
            fmt::format("Expected broker epoch {}, but got broker epoch {}", registration->epoch, epoch)};
  }
  return {};
}

ApiError register_broker(const State& state, const BrokerRegistrationRequest& request, Call& call,
                         protocol::BrokerRegistrationResponse& response) {
  if (ApiError error = check_registration(state, request, call); !error.ok()) return error;
  const NodeId id(request.broker_id);
  const BrokerRegistration* existing = state.image().cluster.broker(id);
  const auto endpoints = endpoints_of<RegisterBrokerRecord::BrokerEndpoint>(request.listeners);
  const auto features = features_of<RegisterBrokerRecord::BrokerFeature>(request.features);
  RegisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.incarnation_id = request.incarnation_id;
  record.rack = request.rack;
  record.end_points = endpoints;
  record.features = features;
  if (has_directory_assignment(state.version())) record.log_dirs = request.log_dirs;
  if (existing != nullptr && existing->incarnation_id == request.incarnation_id) {
    record.fenced = existing->fenced;
    record.in_controlled_shutdown = existing->in_controlled_shutdown;
    record.broker_epoch = existing->epoch;
  } else {
    const bool tells_epoch = call.asked.version >= 3;
    const bool clean = tells_epoch && existing != nullptr && existing->epoch == request.previous_broker_epoch;
    Draft draft(state, call.records);
    clean_up_after(draft, state, request.broker_id, clean);
    record.broker_epoch = call.next_offset.raw();
  }
  call.sessions.forget(id);
  call.records.add(record, register_broker_record_version(state.version()));
  response.broker_epoch = record.broker_epoch;
  return {};
}

ApiError unregister_broker(const State& state, const protocol::UnregisterBrokerRequest& request, Call& call,
                           protocol::UnregisterBrokerResponse& response) {
  const BrokerRegistration* broker = state.image().cluster.broker(NodeId(request.broker_id));
  if (broker == nullptr) {
    return {ErrorCode::broker_id_not_registered,
            fmt::format("Broker ID {} is not currently registered", request.broker_id)};
  }
  Draft draft(state, call.records);
  follow_brokers(draft, state.partitions().members(request.broker_id), {.removed = request.broker_id});
  follow_brokers(draft, state.partitions().eligible(request.broker_id), {.removed = request.broker_id});
  protocol::UnregisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = broker->epoch;
  draft.add(record, 0);
  static_cast<void>(response);
  return {};
}

ApiError register_controller(const State& state, const protocol::ControllerRegistrationRequest& request,
                             Call& call, protocol::ControllerRegistrationResponse& response) {
  if (!has_controller_registration(state.version())) {
    return {ErrorCode::unsupported_version,
            "The current MetadataVersion is too old to support controller registrations."};
  }
  if (ApiError error = check_listeners(request.listeners, false); !error.ok()) return error;
  const auto endpoints = endpoints_of<RegisterControllerRecord::ControllerEndpoint>(request.listeners);
  const auto features = features_of<RegisterControllerRecord::ControllerFeature>(request.features);
  RegisterControllerRecord record;
  record.controller_id = request.controller_id;
  record.incarnation_id = request.incarnation_id;
  record.end_points = endpoints;
  record.features = features;
  call.records.add(record, 0);
  static_cast<void>(response);
  return {};
}

ApiError unregister_controller(const State& state, const protocol::UnregisterControllerRequest& request,
                               Call& call, protocol::UnregisterControllerResponse& response) {
  if (request.controller_id == state.options().node.raw()) {
    return {ErrorCode::invalid_request, "Controller cannot unregister itself while it is active."};
  }
  if (!has_controller_unregistration(state.version())) {
    return {ErrorCode::unsupported_version,
            "The current MetadataVersion is too old to support controller unregistration."};
  }
  if (state.image().cluster.controller(NodeId(request.controller_id)) == nullptr) {
    return {ErrorCode::controller_id_not_registered,
            fmt::format("Controller ID {} is not currently registered.", request.controller_id)};
  }
  protocol::UnregisterControllerRecord record;
  record.controller_id = request.controller_id;
  call.records.add(record, 0);
  static_cast<void>(response);
  return {};
}

Result<> refuse_register_controller(const protocol::ControllerRegistrationRequest& request,
                                    const ApiError& error, Arena& arena,
                                    protocol::ControllerRegistrationResponse& response) {
  static_cast<void>(request);
  static_cast<void>(arena);
  response.error_code = error.wire_code();
  response.error_message = message_of(ApiError(error.code));
  return {};
}

}  // namespace ottla::controller
