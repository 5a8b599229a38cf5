#include "controller/heartbeats.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "controller/brokers.h"
#include "controller/draft.h"
#include "controller/leadership.h"
#include "controller/sessions.h"
#include "metadata/registration.h"

namespace ottla::controller {
namespace {

using metadata::BrokerRegistration;
using protocol::BrokerHeartbeatRequest;
using protocol::BrokerRegistrationChangeRecord;

enum class Stage : std::uint8_t { fenced, unfenced, shutting_down, may_go };

constexpr std::int8_t kFence = 1;
constexpr std::int8_t kUnfence = -1;
constexpr std::int8_t kShutDown = 1;

BrokerRegistrationChangeRecord change_of(const BrokerRegistration& broker) {
  BrokerRegistrationChangeRecord record;
  record.broker_id = broker.id.raw();
  record.broker_epoch = broker.epoch;
  return record;
}

Stage stage_of(const BrokerRegistration& broker, const Sessions& sessions) {
  if (broker.fenced) return Stage::fenced;
  return sessions.shutdown_offset(broker.id) ? Stage::shutting_down : Stage::unfenced;
}

Stage next_stage(const State& state, const BrokerRegistration& broker, const BrokerHeartbeatRequest& request,
                 const Sessions& sessions) {
  const bool leads = state.partitions().leads(broker.id.raw());
  switch (stage_of(broker, sessions)) {
    case Stage::fenced: {
      if (request.want_shut_down) return Stage::may_go;
      const bool caught_up = request.current_metadata_offset >= state.registered_at(broker.id)->raw();
      return !request.want_fence && caught_up ? Stage::unfenced : Stage::fenced;
    }
    case Stage::unfenced:
      if (request.want_fence) return request.want_shut_down ? Stage::may_go : Stage::fenced;
      if (!request.want_shut_down) return Stage::unfenced;
      return leads ? Stage::shutting_down : Stage::may_go;
    case Stage::shutting_down:
      if (leads) return Stage::shutting_down;
      return *sessions.shutdown_offset(broker.id) <= sessions.lowest_active_offset(state.image())
                 ? Stage::may_go
                 : Stage::shutting_down;
    case Stage::may_go:
      break;
  }
  return Stage::may_go;
}

void fence(Draft& draft, const State& state, const BrokerRegistration& broker) {
  follow_brokers(draft, state.partitions().members(broker.id.raw()), {.removed = broker.id.raw()});
  BrokerRegistrationChangeRecord record = change_of(broker);
  record.fenced = kFence;
  draft.add(record, 0);
}

void unfence(Draft& draft, const State& state, const BrokerRegistration& broker) {
  BrokerRegistrationChangeRecord record = change_of(broker);
  record.fenced = kUnfence;
  draft.add(record, 0);
  follow_brokers(draft, state.partitions().leaderless(), {.added = broker.id.raw()});
}

void begin_shutdown(Draft& draft, const State& state, const BrokerRegistration& broker) {
  if (!broker.in_controlled_shutdown) {
    BrokerRegistrationChangeRecord record = change_of(broker);
    record.in_controlled_shutdown = kShutDown;
    draft.add(record, 1);
  }
  follow_brokers(draft, state.partitions().members(broker.id.raw()), {.removed = broker.id.raw()});
}

void go_to(Stage stage, Draft& draft, const State& state, const BrokerRegistration& broker) {
  switch (stage) {
    case Stage::fenced:
    case Stage::may_go:
      return fence(draft, state, broker);
    case Stage::unfenced:
      return unfence(draft, state, broker);
    case Stage::shutting_down:
      return begin_shutdown(draft, state, broker);
  }
}

std::vector<PartitionKey> partitions_in(const metadata::MetadataImage& image, std::int32_t broker,
                                        const std::set<Uuid>& directories) {
  std::vector<PartitionKey> found;
  for (const auto& [id, topic] : image.topics.by_id) {
    for (const auto& [partition, now] : topic.partitions) {
      const Uuid* directory = now->directory_of(broker);
      if (directory != nullptr && directories.contains(*directory)) found.push_back({id, partition.raw()});
    }
  }
  return found;
}

void lose_directories(Draft& draft, const BrokerRegistration& broker, const protocol::Array<Uuid>& offline) {
  const std::set<Uuid> told(offline.begin(), offline.end());
  std::set<Uuid> lost;
  std::vector<Uuid> online;
  for (const Uuid& each : broker.directories) {
    if (told.contains(each)) {
      lost.insert(each);
    } else {
      online.push_back(each);
    }
  }
  if (lost.empty()) return;
  for (const PartitionKey& partition : partitions_in(draft.image(), broker.id.raw(), lost)) {
    follow_brokers(draft, partition, {.removed = broker.id.raw()});
  }
  BrokerRegistrationChangeRecord record = change_of(broker);
  record.log_dirs = online;
  draft.add(record, 2);
}

void cordon_directories(Draft& draft, const BrokerRegistration& broker,
                        const protocol::Array<Uuid>& cordoned) {
  if (cordoned.is_null()) return;
  if (broker.cordoned_directories) {
    const std::set<Uuid> before(broker.cordoned_directories->begin(), broker.cordoned_directories->end());
    if (before == std::set<Uuid>(cordoned.begin(), cordoned.end())) return;
  }
  BrokerRegistrationChangeRecord record = change_of(broker);
  record.cordoned_log_dirs = cordoned;
  draft.add(record, 3);
}

}  // namespace

ApiError broker_heartbeat(const State& state, const BrokerHeartbeatRequest& request, Call& call,
                          protocol::BrokerHeartbeatResponse& response) {
  const NodeId id(request.broker_id);
  const metadata::MetadataImage& image = state.image();
  if (image.cluster.broker(id) == nullptr) {
    return {ErrorCode::stale_broker_epoch,
            fmt::format("Receive a heartbeat from broker {} before registration", request.broker_id)};
  }
  if (ApiError error = check_broker_epoch(image, request.broker_id, request.broker_epoch); !error.ok())
    return error;
  const BrokerRegistration& broker = *image.cluster.broker(id);
  call.sessions.heard_of(id, broker.epoch, call.asked.now);
  const Stage next = next_stage(state, broker, request, call.sessions);
  Draft draft(state, call.records);
  if (next != stage_of(broker, call.sessions)) go_to(next, draft, state, broker);
  const bool fenced = next == Stage::fenced || next == Stage::may_go;
  if (has_directory_assignment(state.version())) lose_directories(draft, broker, request.offline_log_dirs);
  if (has_cordoned_directories(state.version())) cordon_directories(draft, broker, request.cordoned_log_dirs);
  // Whose registration has changed is to be heard of again before others go.
  call.sessions.answered(id, fenced, call.records.empty() ? request.current_metadata_offset : -1);
  if (next == Stage::shutting_down) {
    const auto records = static_cast<std::int64_t>(call.records.size());
    call.sessions.begin_shutdown(id, call.next_offset.raw() + records - 1);
  }
  response.is_caught_up = request.current_metadata_offset >= state.registered_at(id)->raw();
  response.is_fenced = fenced;
  response.should_shut_down = next == Stage::may_go;
  return {};
}

bool fence_silent_broker(const State& state, Call& call) {
  const auto ended = call.sessions.take_ended(call.asked.now);
  if (!ended) return false;
  const BrokerRegistration* broker = state.image().cluster.broker(ended->broker);
  if (broker == nullptr || broker->epoch != ended->epoch) return true;
  Draft draft(state, call.records);
  fence(draft, state, *broker);
  call.sessions.answered(ended->broker, true, -1);
  return true;
}

}  // namespace ottla::controller
