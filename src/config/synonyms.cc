#include "config/synonyms.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ottla::config {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 3'600'000;

struct TopicRow {
  std::string_view name;
  Synonym synonyms[3];  // unused ones have no name
};

constexpr TopicRow kTopicRows[] = {
    {"segment.bytes", {{"log.segment.bytes"}}},
    {"segment.ms", {{"log.roll.ms"}, {"log.roll.hours", kHour}}},
    {"segment.jitter.ms", {{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", kHour}}},
    {"segment.index.bytes", {{"log.index.size.max.bytes"}}},
    {"flush.messages", {{"log.flush.interval.messages"}}},
    {"flush.ms", {{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}},
    {"retention.bytes", {{"log.retention.bytes"}}},
    {"retention.ms",
     {{"log.retention.ms"}, {"log.retention.minutes", kMinute}, {"log.retention.hours", kHour}}},
    {"max.message.bytes", {{"message.max.bytes"}}},
    {"max.decompressed.message.bytes", {{"max.decompressed.message.bytes"}}},
    {"index.interval.bytes", {{"log.index.interval.bytes"}}},
    {"delete.retention.ms", {{"log.cleaner.delete.retention.ms"}}},
    {"min.compaction.lag.ms", {{"log.cleaner.min.compaction.lag.ms"}}},
    {"max.compaction.lag.ms", {{"log.cleaner.max.compaction.lag.ms"}}},
    {"file.delete.delay.ms", {{"log.segment.delete.delay.ms"}}},
    {"min.cleanable.dirty.ratio", {{"log.cleaner.min.cleanable.ratio"}}},
    {"cleanup.policy", {{"log.cleanup.policy"}}},
    {"unclean.leader.election.enable", {{"unclean.leader.election.enable"}}},
    {"min.insync.replicas", {{"min.insync.replicas"}}},
    {"compression.type", {{"compression.type"}}},
    {"compression.gzip.level", {{"compression.gzip.level"}}},
    {"compression.lz4.level", {{"compression.lz4.level"}}},
    {"compression.zstd.level", {{"compression.zstd.level"}}},
    {"preallocate", {{"log.preallocate"}}},
    {"message.timestamp.type", {{"log.message.timestamp.type"}}},
    {"message.timestamp.before.max.ms", {{"log.message.timestamp.before.max.ms"}}},
    {"message.timestamp.after.max.ms", {{"log.message.timestamp.after.max.ms"}}},
    {"local.retention.ms", {{"log.local.retention.ms"}}},
    {"local.retention.bytes", {{"log.local.retention.bytes"}}},
    {"remote.copy.lag.ms", {{"log.remote.copy.lag.ms"}}},
    {"remote.copy.lag.bytes", {{"log.remote.copy.lag.bytes"}}},
};

struct GroupRow {
  std::string_view name;
  std::string_view synonym;
};

// Keys of groups that are not here have no key of the node behind them.
constexpr GroupRow kGroupRows[] = {
    {"consumer.assignment.interval.ms", "group.consumer.assignment.interval.ms"},
    {"consumer.assignor.offload.enable", "group.consumer.assignor.offload.enable"},
    {"consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.session.timeout.ms"},
    {"share.assignment.interval.ms", "group.share.assignment.interval.ms"},
    {"share.assignor.offload.enable", "group.share.assignor.offload.enable"},
    {"share.delivery.count.limit", "group.share.delivery.count.limit"},
    {"share.heartbeat.interval.ms", "group.share.heartbeat.interval.ms"},
    {"share.partition.max.record.locks", "group.share.partition.max.record.locks"},
    {"share.record.lock.duration.ms", "group.share.record.lock.duration.ms"},
    {"share.session.timeout.ms", "group.share.session.timeout.ms"},
    {"streams.acceptable.recovery.lag", "group.streams.acceptable.recovery.lag"},
    {"streams.assignment.interval.ms", "group.streams.assignment.interval.ms"},
    {"streams.assignor.name", "group.streams.assignors"},
    {"streams.assignor.offload.enable", "group.streams.assignor.offload.enable"},
    {"streams.heartbeat.interval.ms", "group.streams.heartbeat.interval.ms"},
    {"streams.initial.rebalance.delay.ms", "group.streams.initial.rebalance.delay.ms"},
    {"streams.num.standby.replicas", "group.streams.num.standby.replicas"},
    {"streams.num.warmup.replicas", "group.streams.num.warmup.replicas"},
    {"streams.rack.aware.assignment.tags", "group.streams.rack.aware.assignment.tags"},
    {"streams.session.timeout.ms", "group.streams.session.timeout.ms"},
    {"streams.task.offset.interval.ms", "group.streams.task.offset.interval.ms"},
};

// Of these, a listener's key names a mechanism too.
constexpr std::string_view kMechanismKeys[] = {"sasl.jaas.config", "sasl.login.callback.handler.class",
                                               "sasl.login.class", "sasl.server.callback.handler.class",
                                               "connections.max.reauth.ms"};

constexpr std::string_view kRoll[] = {"log.roll.ms", "log.roll.hours"};
constexpr std::string_view kJitter[] = {"log.roll.jitter.ms", "log.roll.jitter.hours"};
constexpr std::string_view kFlush[] = {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"};
constexpr std::string_view kRetention[] = {"log.retention.ms", "log.retention.minutes",
                                           "log.retention.hours"};

std::vector<std::string_view> copied(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::span<const Synonym> topic_synonyms(std::string_view topic_key) {
  const auto row = std::ranges::find(kTopicRows, topic_key, &TopicRow::name);
  if (row == std::end(kTopicRows)) return {};
  const std::size_t size = static_cast<std::size_t>(
      std::ranges::count_if(row->synonyms, [](const Synonym& each) { return !each.name.empty(); }));
  return std::span(row->synonyms).first(size);
}

std::optional<std::string_view> group_synonym(std::string_view group_key) {
  const auto row = std::ranges::find(kGroupRows, group_key, &GroupRow::name);
  if (row == std::end(kGroupRows)) return std::nullopt;
  return row->synonym;
}

std::optional<ListenerKey> split_listener_key(std::string_view name) {
  constexpr std::string_view kPrefix = "listener.name.";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = name.substr(kPrefix.size());
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  return ListenerKey{.listener = rest.substr(0, dot), .base = rest.substr(dot + 1)};
}

std::vector<std::string_view> node_synonyms(std::string_view name, ListenerBase base) {
  for (const std::span<const std::string_view> family :
       {std::span<const std::string_view>(kRoll), std::span<const std::string_view>(kJitter),
        std::span<const std::string_view>(kRetention)}) {
    if (std::ranges::find(family, name) != family.end()) return copied(family);
  }
  // The scheduler's interval speaks for the other one, not the other way round.
  if (name == kFlush[0]) return copied(kFlush);
  const auto listener = split_listener_key(name);
  if (base == ListenerBase::without_base || !listener) return {name};
  const auto mechanism = std::ranges::find_if(
      kMechanismKeys, [&](std::string_view each) { return listener->base.ends_with(each); });
  return {name, mechanism == std::end(kMechanismKeys) ? listener->base : *mechanism};
}

}  // namespace ottla::config
