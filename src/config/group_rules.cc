#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/java_numbers.h"
#include "config/key.h"
#include "config/key_table.h"
#include "config/node_key.h"
#include "config/synonyms.h"
#include "config/topic_rules.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

using Values = std::map<std::string_view, Value>;

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

// What the reference calls a wrong request, not a wrong configuration.
Error wrong_request(std::string text) {
  return Error(Errc::unsupported, std::move(text));
}

// Between which two keys of the node a group's key must lie; without `least` or `most` there is one bound only.
struct GroupBound {
  std::string_view key;
  std::string_view least;
  std::string_view most;
};

constexpr GroupBound kBounds[] = {
    {"consumer.heartbeat.interval.ms", "group.consumer.min.heartbeat.interval.ms",
     "group.consumer.max.heartbeat.interval.ms"},
    {"consumer.session.timeout.ms", "group.consumer.min.session.timeout.ms",
     "group.consumer.max.session.timeout.ms"},
    {"consumer.assignment.interval.ms", "group.consumer.min.assignment.interval.ms",
     "group.consumer.max.assignment.interval.ms"},
    {"share.heartbeat.interval.ms", "group.share.min.heartbeat.interval.ms",
     "group.share.max.heartbeat.interval.ms"},
    {"share.session.timeout.ms", "group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"share.record.lock.duration.ms", "group.share.min.record.lock.duration.ms",
     "group.share.max.record.lock.duration.ms"},
    {"share.delivery.count.limit", "group.share.min.delivery.count.limit",
     "group.share.max.delivery.count.limit"},
    {"share.partition.max.record.locks", "group.share.min.partition.max.record.locks",
     "group.share.max.partition.max.record.locks"},
    {"share.assignment.interval.ms", "group.share.min.assignment.interval.ms",
     "group.share.max.assignment.interval.ms"},
    {"streams.heartbeat.interval.ms", "group.streams.min.heartbeat.interval.ms",
     "group.streams.max.heartbeat.interval.ms"},
    {"streams.session.timeout.ms", "group.streams.min.session.timeout.ms",
     "group.streams.max.session.timeout.ms"},
    {"streams.num.standby.replicas", "", "group.streams.max.standby.replicas"},
    {"streams.assignment.interval.ms", "group.streams.min.assignment.interval.ms",
     "group.streams.max.assignment.interval.ms"},
    {"streams.task.offset.interval.ms", "group.streams.min.task.offset.interval.ms", ""},
    {"streams.num.warmup.replicas", "", "group.streams.max.warmup.replicas"},
};

std::int32_t node_number(const NodeConfig& config, std::string_view name) {
  return std::get<std::int32_t>(config.value(*find_index(Scope::node, name)));
}

Result<> check_bound(const GroupBound& bound, const Values& values, const NodeConfig& config) {
  const auto found = values.find(bound.key);
  if (found == values.end()) return {};
  const std::int32_t value = std::get<std::int32_t>(found->second);
  const std::int32_t least =
      bound.least.empty() ? std::numeric_limits<std::int32_t>::min() : node_number(config, bound.least);
  const std::int32_t most =
      bound.most.empty() ? std::numeric_limits<std::int32_t>::max() : node_number(config, bound.most);
  if (value >= least && value <= most) return {};
  if (bound.least.empty())
    return refused(fmt::format("{} must be less than or equal to {}", bound.key, most));
  if (bound.most.empty())
    return refused(fmt::format("{} must be greater than or equal to {}", bound.key, least));
  return refused(fmt::format("{} must be in the range {} to {} inclusive.", bound.key, least, most));
}

// A session is longer than the pause between heartbeats. Speaks only when one of the two was set.
Result<> check_session(std::string_view kind, const Values& values, const NodeConfig& config) {
  const std::string session_key = fmt::format("{}.session.timeout.ms", kind);
  const std::string heartbeat_key = fmt::format("{}.heartbeat.interval.ms", kind);
  const auto value = [&](const std::string& key) {
    const auto own = values.find(key);
    return own == values.end() ? node_number(config, *group_synonym(key))
                               : std::get<std::int32_t>(own->second);
  };
  if (!values.contains(session_key) && !values.contains(heartbeat_key)) return {};
  if (value(session_key) > value(heartbeat_key)) return {};
  return refused(fmt::format("{} must be greater than {}", session_key, heartbeat_key));
}

Result<> check_assignor(const Values& values, const NodeConfig& config) {
  const auto found = values.find("streams.assignor.name");
  if (found == values.end()) return {};
  const std::string name = text_of(found->second).value_or("");
  const List known = config.get(node_key<"group.streams.assignors">);
  if (std::ranges::find(known, name) != known.end()) return {};
  return refused(fmt::format(
      "streams.assignor.name '{}' is not a registered task assignor. Registered assignors are: [{}].", name,
      fmt::join(known, ", ")));
}

Result<> check_tags(const Texts& texts) {
  const auto text = texts.find("streams.rack.aware.assignment.tags");
  if (text == texts.end()) return {};
  List tags = java_list(text->second);
  std::ranges::sort(tags);
  if (std::ranges::adjacent_find(tags) == tags.end()) return {};
  return refused("streams.rack.aware.assignment.tags must not contain duplicate tag keys.");
}

Result<> check_undeliverable_topic(const Values& values) {
  const auto name = values.find("errors.deadletterqueue.topic.name");
  if (name == values.end() || !std::get<std::string>(name->second).starts_with("__")) return {};
  return refused("errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'");
}

// The names are known.
Result<Values> read_all(Scope scope, const Texts& texts) {
  Values values;
  for (const auto& [name, text] : texts) {
    const Key& key = *find_key(scope, name);
    OTTLA_TRY(Value value, parse_value(key, text));
    values.emplace(key.name, std::move(value));
  }
  return values;
}

// Whether brackets close, something stands before each repetition, and no escape is left open. Java knows more forms
// than any other library, so this refuses only what nobody could mean.
bool is_plausible_pattern(std::string_view pattern) {
  bool in_class = false;
  int groups = 0;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char each = pattern[at];
    if (each == '\\' && ++at == pattern.size()) return false;
    if (each == '[') in_class = true;
    if (each == ']') in_class = false;
    if (in_class || each == '\\') continue;
    if (each == '(') ++groups;
    if (each == ')' && --groups < 0) return false;
    const bool repeats = each == '*' || each == '+' || each == '?';
    const bool after_group = at > 0 && pattern[at - 1] == '(' && each == '?';
    if (repeats && !after_group && (at == 0 || pattern[at - 1] == '(' || pattern[at - 1] == '|'))
      return false;
  }
  return !in_class && groups == 0 && !pattern.empty();
}

// NAME=pattern with one of the names that clients can be told apart by.
Result<> check_pattern(std::string_view pattern) {
  constexpr std::string_view kNames[] = {"client_instance_id",    "client_id",
                                         "client_software_name",  "client_software_version",
                                         "client_source_address", "client_source_port"};
  const std::size_t equals = pattern.find('=');
  const bool one =
      equals != std::string_view::npos && pattern.find('=', equals + 1) == std::string_view::npos;
  const std::string_view name = java_trimmed(pattern.substr(0, equals));
  const bool known = std::ranges::find(kNames, name) != std::end(kNames);
  if (one && known && is_plausible_pattern(java_trimmed(pattern.substr(equals + 1)))) return {};
  return refused(fmt::format("Illegal client matching pattern: {}", pattern));
}

}  // namespace

Result<> check_group(const Texts& after, const NodeConfig& config) {
  for (const auto& [name, text] : after) {
    if (find_key(Scope::group, name) == nullptr)
      return refused(fmt::format("Unknown group config name: {}", name));
  }
  OTTLA_CHECK(check_tags(after));
  OTTLA_TRY(const Values values, read_all(Scope::group, after));
  for (const GroupBound& bound : kBounds) OTTLA_CHECK(check_bound(bound, values, config));
  OTTLA_CHECK(check_assignor(values, config));
  for (const std::string_view kind : {"consumer", "share", "streams"}) {
    OTTLA_CHECK(check_session(kind, values, config));
  }
  return check_undeliverable_topic(values);
}

Result<> check_client_metrics(const Texts& after) {
  for (const auto& [name, text] : after) {
    if (find_key(Scope::client_metrics, name) == nullptr)
      return wrong_request(fmt::format("Unknown client metrics configuration: {}", name));
  }
  OTTLA_TRY(const Values values, read_all(Scope::client_metrics, after));
  if (const auto interval = values.find("interval.ms"); interval != values.end()) {
    const std::int32_t ms = std::get<std::int32_t>(interval->second);
    if (ms < 100 || ms > 3'600'000) {
      return wrong_request(fmt::format(
          "Invalid value {} for interval.ms, interval must be between 100 and 3600000 (1 hour)", ms));
    }
  }
  if (const auto match = values.find("match"); match != values.end()) {
    for (const std::string& each : std::get<List>(match->second)) OTTLA_CHECK(check_pattern(each));
  }
  return {};
}

}  // namespace ottla::config
