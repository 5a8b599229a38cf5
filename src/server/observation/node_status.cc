#include "server/observation/node_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/metadata_version.h"
#include "metadata/partition.h"
#include "metadata/registration.h"

namespace ottla::server {
namespace {

// All partitions of the cluster at one look, and those that this broker has a part in.
struct Counts {
  std::int64_t topics = 0;
  std::int64_t partitions = 0;
  std::int64_t offline = 0;
  std::int64_t not_preferred = 0;
  std::int64_t here = 0;
  std::int64_t led_here = 0;
  std::int64_t led_here_under_replicated = 0;
  std::int64_t led_here_moving = 0;
  std::int64_t active_brokers = 0;
  std::int64_t fenced_brokers = 0;
  std::int64_t controlled_shutdowns = 0;
};

void count(Counts& counts, const metadata::Partition& partition, std::int32_t node) {
  ++counts.partitions;
  counts.offline += !partition.has_leader();
  counts.not_preferred += partition.leader() != partition.preferred_leader();
  counts.here += metadata::contains(partition.replicas(), node);
  if (partition.leader() != node) return;
  ++counts.led_here;
  counts.led_here_moving += partition.reassigning();
  counts.led_here_under_replicated += partition.isr().size() < partition.replicas().size();
}

Counts counts_of(const metadata::MetadataImage& image, NodeId node) {
  Counts counts;
  for (const auto& [id, topic] : image.topics.by_id) {
    ++counts.topics;
    for (const auto& [index, partition] : topic.partitions) count(counts, *partition, node.raw());
  }
  for (const auto& [id, broker] : image.cluster.brokers) {
    ++(broker->fenced ? counts.fenced_brokers : counts.active_brokers);
    counts.controlled_shutdowns += broker->in_controlled_shutdown;
  }
  return counts;
}

// As the reference numbers what becomes of a registered broker.
double state_of(const metadata::BrokerRegistration& broker) {
  constexpr double kFenced = 10;
  constexpr double kControlledShutdown = 20;
  constexpr double kActive = 30;
  return broker.fenced ? kFenced : broker.in_controlled_shutdown ? kControlledShutdown : kActive;
}

class Telling {
 public:
  explicit Telling(PrometheusText& text) : text_(text) {}

  void gauge(std::string_view name, std::string_view help, std::int64_t value) {
    text_.gauge(name, help, value);
  }
  void brokers(const metadata::MetadataImage& image) {
    std::vector<PrometheusSample> samples;
    for (const auto& [id, broker] : image.cluster.brokers) {
      samples.push_back({.labels = {{"broker", id.to_string()}}, .value = state_of(*broker)});
    }
    text_.gauge("kafka_controller_kafkacontroller_brokerregistrationstate",
                "10 fenced, 20 about to stop, 30 serves", samples);
  }
  void features(const metadata::FeaturesImage& features) {
    std::vector<PrometheusSample> samples;
    if (features.metadata_version) {
      samples.push_back({.labels = {{"featureName", "metadata.version"}},
                         .value = static_cast<double>(level_of(*features.metadata_version))});
    }
    for (const auto& [name, level] : features.finalized) {
      samples.push_back({.labels = {{"featureName", name}}, .value = static_cast<double>(level)});
    }
    text_.gauge("kafka_server_metadataloader_finalizedlevel", "The cluster's level of a feature", samples);
  }
  void state(std::string_view state) {
    text_.gauge("kafka_server_raftmetrics", "The role of this node in the metadata quorum",
                {{.labels = {{"current_state", std::string(state)}}, .value = 1}});
  }

 private:
  PrometheusText& text_;
};

// How far the metadata have been taken in: a controller's names have no blanks where a broker's have some.
void add_applied(const NodeStatus& status, std::string_view before, std::string_view blank,
                 Telling& telling) {
  const metadata::Provenance& last = status.image->provenance;
  const auto name = [&](std::string_view what) {
    return fmt::format("{0}last{1}applied{1}record{1}{2}", before, blank, what);
  };
  telling.gauge(name("offset"), "The last record of the metadata that this node has taken in",
                last.offset.raw());
  telling.gauge(name("timestamp"), "When that record was appended, in milliseconds since 1970",
                last.append_time_ms);
  telling.gauge(name(blank.empty() ? "lagms" : "lag_ms"), "How long ago that was, in milliseconds",
                last.append_time_ms < 0 ? 0 : std::max<std::int64_t>(status.now_ms - last.append_time_ms, 0));
}

void add_controller(const NodeStatus& status, const Counts& counts, Telling& telling) {
  telling.gauge("kafka_controller_kafkacontroller_activecontrollercount",
                "Whether this is the active controller", status.leads);
  telling.gauge("kafka_controller_kafkacontroller_activebrokercount", "Brokers that serve",
                counts.active_brokers);
  telling.gauge("kafka_controller_kafkacontroller_fencedbrokercount",
                "Brokers that are registered and do not serve", counts.fenced_brokers);
  telling.gauge("kafka_controller_kafkacontroller_controlledshutdownbrokercount",
                "Brokers that are about to stop", counts.controlled_shutdowns);
  telling.gauge("kafka_controller_kafkacontroller_globaltopiccount", "Topics of the cluster", counts.topics);
  telling.gauge("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions of the cluster",
                counts.partitions);
  telling.gauge("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions without a leader",
                counts.offline);
  telling.gauge("kafka_controller_kafkacontroller_preferredreplicaimbalancecount",
                "Partitions that another than their first replica leads", counts.not_preferred);
  add_applied(status, "kafka_controller_kafkacontroller_", "", telling);
  telling.gauge("kafka_controller_kafkacontroller_lastcommittedrecordoffset",
                "The last record that is committed", status.high_watermark.raw() - 1);
  telling.brokers(*status.image);
}

void add_broker(const NodeStatus& status, const Counts& counts, Telling& telling) {
  telling.gauge("kafka_server_kafkaserver_brokerstate",
                "1 starting, 2 opening logs, 3 running, 6 asked to stop, 7 stopping",
                static_cast<std::int64_t>(*status.broker));
  telling.gauge("kafka_server_replicamanager_partitioncount", "Partitions with a replica here", counts.here);
  telling.gauge("kafka_server_replicamanager_leadercount", "Partitions that this broker leads",
                counts.led_here);
  telling.gauge("kafka_server_replicamanager_underreplicatedpartitions",
                "Partitions led here of which a replica is out of sync", counts.led_here_under_replicated);
  telling.gauge("kafka_server_replicamanager_reassigningpartitions",
                "Partitions led here that get other replicas", counts.led_here_moving);
  add_applied(status, "kafka_server_broker_metadata_metrics_", "_", telling);
}

}  // namespace

std::vector<HealthReason> why_not_ready(const NodeStatus& status) {
  if (status.ready) return {};
  std::vector<HealthReason> reasons;
  if (status.leader < NodeId(0)) {
    reasons.push_back({.part = "metadata", .text = "no active controller is known"});
  }
  if (status.broker == BrokerState::not_running || status.broker == BrokerState::starting) {
    reasons.push_back({.part = "broker", .text = "it has not caught up with the cluster's metadata"});
  } else if (status.broker == BrokerState::recovery) {
    reasons.push_back(
        {.part = "broker", .text = "its logs are being opened, or the controller has not let it in yet"});
  } else if (status.broker) {
    reasons.push_back({.part = "broker", .text = "it is stopping"});
  }
  if (reasons.empty())
    reasons.push_back({.part = "metadata", .text = "nothing of the cluster's metadata is here yet"});
  return reasons;
}

void add_metrics(const NodeStatus& status, PrometheusText& text) {
  Telling telling(text);
  const Counts counts = counts_of(*status.image, status.node);
  if (status.is_controller) add_controller(status, counts, telling);
  if (status.broker) add_broker(status, counts, telling);
  if (status.image->features.metadata_version) {
    telling.gauge("kafka_server_metadataloader_currentmetadataversion", "The cluster's metadata.version",
                  level_of(*status.image->features.metadata_version));
  }
  telling.features(status.image->features);
  telling.gauge("kafka_server_metadataloader_currentcontrollerid",
                "The active controller; -1 when none is known", status.leader.raw());
  telling.gauge("kafka_server_raftmetrics_current_leader", "The active controller; -1 when none is known",
                status.leader.raw());
  telling.gauge("kafka_server_raftmetrics_current_epoch", "The epoch of the metadata quorum",
                status.epoch.raw());
  telling.gauge("kafka_server_raftmetrics_high_watermark", "Up to where the metadata log is committed",
                status.high_watermark.raw());
  telling.gauge("kafka_server_raftmetrics_log_end_offset", "Up to where the metadata log reaches here",
                status.log_end.raw());
  telling.state(status.leads ? "leader" : status.is_controller ? "follower" : "observer");
}

}  // namespace ottla::server
