#include "server/observation/controller_metrics.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "metadata/image.h"
#include "metadata/registration.h"
#include "quorum/metadata_quorum.h"
#include "raft/control_history.h"
#include "raft/core.h"
#include "raft/voter_set.h"

namespace ottla::server {
namespace {

double whole_ms(Duration duration) {
  return static_cast<double>(std::chrono::floor<std::chrono::milliseconds>(duration).count());
}

// Whether the voters in force are others than those that are committed.
bool voters_change(const raft::Core& core) {
  const raft::ControlHistory& history = core.history();
  if (history.kraft_version() == raft::kStaticVoters) return false;
  const auto committed = history.voters_at(core.committed() - 1);
  return !committed || *committed != history.voters();
}

}  // namespace

ControllerNumbers numbers_of(const controller::ActiveController& controller,
                             const metadata::MetadataImage& image, Instant now) {
  ControllerNumbers numbers{.counters = controller.counters()};
  for (const auto& [id, broker] : image.cluster.brokers) {
    const auto heard = controller.last_contact(id, broker->epoch);
    if (heard) numbers.since_heartbeat.emplace_back(id, now - *heard);
  }
  return numbers;
}

void tell_controller(const ControllerNumbers& numbers, PrometheusText& text) {
  const controller::ControllerCounters& counters = numbers.counters;
  text.gauge("kafka_controller_kafkacontroller_newactivecontrollerscount",
             "How often a controller has become the active one since this node started",
             counters.leaders_seen);
  text.gauge("kafka_controller_kafkacontroller_timedoutbrokerheartbeatcount",
             "Heartbeats that came to be looked at too late", counters.heartbeats_timed_out);
  text.gauge("kafka_controller_kafkacontroller_eventqueueoperationsstartedcount",
             "Requests that this controller began to work on", counters.operations_started);
  text.gauge("kafka_controller_kafkacontroller_eventqueueoperationstimedoutcount",
             "Requests that came to be looked at too late", counters.operations_timed_out);
  std::vector<PrometheusSample> brokers;
  brokers.reserve(numbers.since_heartbeat.size());
  for (const auto& [broker, since] : numbers.since_heartbeat)
    brokers.push_back({.labels = {{"broker", broker.to_string()}}, .value = whole_ms(since)});
  text.gauge("kafka_controller_kafkacontroller_timesincelastheartbeatreceivedms",
             "Milliseconds since a broker was heard of; told by the active controller", brokers);
}

QuorumNumbers numbers_of(const quorum::MetadataQuorum& quorum, bool voters_configured, Instant now) {
  const raft::Core& core = quorum.core();
  const raft::VoterSet& voters = quorum.voters();
  QuorumNumbers numbers{
      .voters = voters.size(),
      .observers = core.observers(now),
      .voters_change = voters_change(core),
      .ignores_configured_voters = voters_configured && quorum.kraft_version() > raft::kStaticVoters,
      .log_end_epoch = core.log().last_epoch(),
      .snapshots_loaded = quorum.loader().snapshots(),
      .snapshot_bytes = quorum.made_snapshot().bytes,
      .since_snapshot = now - quorum.made_snapshot().at};
  numbers.voters_without_address = static_cast<std::size_t>(
      std::ranges::count_if(voters, [](const raft::VoterNode& each) { return each.endpoints.empty(); }));
  if (core.leading()) {
    numbers.vote = core.self().id;  // nobody leads who has not voted for itself
  } else if (core.election().voted) {
    numbers.vote = core.election().voted->id;
  }
  return numbers;
}

void tell_quorum(const QuorumNumbers& numbers, NodeRoles roles, PrometheusText& text) {
  text.gauge("kafka_server_raftmetrics_number_of_voters", "Voters of the metadata quorum", numbers.voters);
  text.gauge("kafka_server_raftmetrics_number_of_observers",
             "Replicas without a vote that fetch from this node, the leader", numbers.observers);
  text.gauge("kafka_server_raftmetrics_number_unknown_voter_connections", "Voters whose address is not known",
             numbers.voters_without_address);
  text.gauge("kafka_server_raftmetrics_uncommitted_voter_change",
             "Whether a change of the voters waits to be committed", numbers.voters_change);
  text.gauge("kafka_server_raftmetrics_current_vote", "For whom this node has voted in its epoch; -1: nobody",
             numbers.vote.raw());
  text.gauge("kafka_server_raftmetrics_log_end_epoch",
             "The epoch of the last record of the metadata log here", numbers.log_end_epoch.raw());
  text.gauge("kafka_server_metadataloader_handleloadsnapshotcount",
             "Snapshots of the metadata that were loaded", numbers.snapshots_loaded);
  text.gauge("kafka_server_snapshotemitter_latestsnapshotgeneratedbytes",
             "Size of the last snapshot of the metadata that this node made; 0 before the first",
             numbers.snapshot_bytes);
  text.gauge("kafka_server_snapshotemitter_latestsnapshotgeneratedagems",
             "Milliseconds since this node made a snapshot of the metadata, or started",
             whole_ms(numbers.since_snapshot));
  constexpr std::string_view kIgnored =
      "Whether controller.quorum.voters is ignored: voters stand in the log";
  if (roles.controller) {
    text.gauge("kafka_controller_kafkacontroller_ignoredstaticvoters", kIgnored,
               numbers.ignores_configured_voters);
  }
  if (roles.broker) {
    text.gauge("kafka_server_broker_metadata_metrics_ignored_static_voters", kIgnored,
               numbers.ignores_configured_voters);
  }
}

void tell_forwarding(const ForwardingMeters& meters, PrometheusText& text) {
  const auto times = [&](std::string_view name, std::string_view help, const Histogram& histogram) {
    const HistogramSnapshot held = histogram.snapshot();
    for (const auto& [ending, quantile] : {std::pair("_p99", 0.99), std::pair("_p999", 0.999)}) {
      constexpr double kMicrosecondsInMillisecond = 1e3;
      text.gauge(std::string(name) + ending, help,
                 static_cast<double>(held.quantile(quantile)) / kMicrosecondsInMillisecond);
    }
  };
  times("kafka_server_forwardingmanager_queuetimems",
        "Milliseconds that clients' requests waited for a controller to go to", meters.waited);
  times("kafka_server_forwardingmanager_remotetimems",
        "Milliseconds until the controller had answered clients' requests", meters.answered);
  text.gauge("kafka_server_forwardingmanager_queuelength",
             "Clients' requests that wait for a controller to go to", meters.waiting);
}

}  // namespace ottla::server
