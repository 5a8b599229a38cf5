#include "controller/config_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "config/topic_rules.h"
#include "config/value_check.h"
#include "metadata/describe/configs.h"
#include "metadata/topic_name.h"

namespace ottla::controller {
namespace {

using metadata::ConfigResourceType;

constexpr std::string_view kMinInSync = "min.insync.replicas";
constexpr std::string_view kCordoned = "cordoned.log.dirs";
constexpr std::size_t kLongestValue = 32767;

template <typename Range, typename T, typename Projection = std::identity>
bool holds(const Range& all, const T& one, Projection projection = {}) {
  return std::ranges::find(all, one, projection) != std::ranges::end(all);
}

ApiError invalid_config(std::string message) {
  return {ErrorCode::invalid_config, std::move(message)};
}

// As Integer.parseInt().
std::optional<std::int32_t> number_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

std::vector<std::string_view> directories_of(std::string_view text) {
  std::vector<std::string_view> directories;
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  for (;;) {
    const std::size_t comma = text.find(',');
    std::string_view each = text.substr(0, comma);
    while (!each.empty() && blank(each.front())) each.remove_prefix(1);
    while (!each.empty() && blank(each.back())) each.remove_suffix(1);
    directories.push_back(each);
    if (comma == std::string_view::npos) return directories;
    text.remove_prefix(comma + 1);
  }
}

ApiError check_name(const metadata::ConfigResourceView& resource) {
  const std::string_view name = resource.name;
  switch (resource.type) {
    case ConfigResourceType::topic:
      if (name.empty()) return {ErrorCode::invalid_request, "Default topic resources are not allowed."};
      if (const auto fault = metadata::topic_name_fault(name)) {
        return {ErrorCode::invalid_topic_exception, fmt::format("Topic name is invalid: {}", *fault)};
      }
      return {};
    case ConfigResourceType::broker: {
      if (name.empty()) return {};
      const std::optional<std::int32_t> id = number_of(name);
      if (!id) return {ErrorCode::invalid_request, "Unable to parse broker name as a base 10 number."};
      if (*id < 0) return {ErrorCode::invalid_request, "Invalid negative broker ID."};
      return {};
    }
    case ConfigResourceType::client_metrics:
      if (name.empty()) return {ErrorCode::invalid_request, "Subscription name can't be empty"};
      return {};
    case ConfigResourceType::group:
      if (name.empty()) return {ErrorCode::invalid_request, "Default group resources are not allowed."};
      return {};
    case ConfigResourceType::broker_logger:
      return {ErrorCode::invalid_request, "Unknown resource type BROKER_LOGGER"};
    case ConfigResourceType::unknown:
      return {ErrorCode::invalid_request, "Unknown resource type UNKNOWN"};
  }
  return {};
}

ApiError error_of(const Result<>& checked) {
  if (checked.ok()) return {};
  const bool wrong_request = checked.error() == Errc::unsupported;
  return {wrong_request ? ErrorCode::invalid_request : ErrorCode::invalid_config,
          std::string(checked.error().text())};
}

}  // namespace

config::Scope scope_of(ConfigResourceType type) {
  switch (type) {
    case ConfigResourceType::topic:
      return config::Scope::topic;
    case ConfigResourceType::group:
      return config::Scope::group;
    case ConfigResourceType::client_metrics:
      return config::Scope::client_metrics;
    default:
      return config::Scope::node;
  }
}

ConfigChange::ConfigChange(const State& state, const metadata::ConfigResourceView& resource)
    : state_(state), resource_(resource), before_(metadata::config_texts(state.image(), resource)) {}

std::optional<std::string_view> ConfigChange::now(std::string_view key) const {
  const auto found = before_.find(key);
  return found == before_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

ApiError ConfigChange::alter(const config::Alteration& alteration) {
  const bool to_list = alteration.operation == config::Operation::append ||
                       alteration.operation == config::Operation::subtract;
  if (to_list && !alteration.value) {
    return {ErrorCode::invalid_request, fmt::format("Null value not supported for : {}", alteration.key)};
  }
  const auto altered = config::altered(scope_of(resource_.type), alteration, now(alteration.key));
  if (!altered.ok()) return invalid_config(std::string(altered.error().text()));
  set(alteration.key, *altered ? std::optional<std::string_view>(**altered) : std::nullopt);
  return {};
}

void ConfigChange::set(std::string_view key, std::optional<std::string_view> value) {
  // A broker's keys are written again even when they stay, so that it reads anew what they name (a file of keys).
  if (value == now(key) && resource_.type != ConfigResourceType::broker) return;
  set_.emplace_back(std::string(key), value ? std::optional<std::string>(*value) : std::nullopt);
}

ApiError ConfigChange::check(const Asked& asked) const {
  if (ApiError error = check_entries(asked); !error.ok()) return error;
  config::Texts after = before_;
  config::Texts altered;
  for (const auto& [key, value] : set_) {
    if (value) {
      after.insert_or_assign(key, *value);
      altered.insert_or_assign(key, *value);
    } else {
      after.erase(key);
    }
  }
  for (const auto& [key, value] : dropped_) after.erase(key);
  if (ApiError error = check_name(resource_); !error.ok()) return error;
  if (ApiError error = check_rules(after); !error.ok()) return error;
  if (ApiError error = check_existence(); !error.ok()) return error;
  const AlterConfigPolicy* policy = state_.options().alter_config_policy;
  if (policy == nullptr) return {};
  if (std::optional<std::string> reason = policy->check(resource_, altered)) {
    return {ErrorCode::policy_violation, *std::move(reason)};
  }
  return {};
}

ApiError ConfigChange::check_entries(const Asked& asked) const {
  for (const auto* entries : {&set_, &dropped_}) {
    for (const Entry& entry : *entries) {
      if (ApiError error = check_entry(entry, asked); !error.ok()) return error;
    }
  }
  return {};
}

ApiError ConfigChange::check_entry(const Entry& entry, const Asked& asked) const {
  const auto& [key, value] = entry;
  if (resource_.type == ConfigResourceType::broker && key == kMinInSync && state_.elr_enabled()) {
    if (!resource_.name.empty()) {
      return invalid_config("Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    }
    if (!value) {
      return invalid_config("Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
    }
  }
  if (resource_.type == ConfigResourceType::broker && key == kCordoned) {
    if (!metadata::has_cordoned_directories(state_.version())) {
      return invalid_config(
          "The cordoned.log.dirs configuration value cannot be set because it requires metadata.version >= "
          "4.3-IV0");
    }
    // Only a broker knows its directories: whoever comes past it may take some away.
    if (!asked.forwarded && value && !is_blank(*value) && adds_cordoned_directories(*value)) {
      return invalid_config(
          "When updating cordoned.log.dirs via controllers,  the new value must be a subset of the current "
          "configuration value.");
    }
  }
  if (value && value->size() > kLongestValue) {
    return invalid_config(
        "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.");
  }
  return {};
}

bool ConfigChange::adds_cordoned_directories(std::string_view wanted) const {
  const auto current = now(kCordoned);
  const std::vector<std::string_view> have =
      current ? directories_of(*current) : std::vector<std::string_view>();
  return !std::ranges::all_of(directories_of(wanted),
                              [&](std::string_view each) { return holds(have, each); });
}

ApiError ConfigChange::check_rules(const config::Texts& after) const {
  switch (resource_.type) {
    case ConfigResourceType::topic:
      return error_of(config::check_topic(before_, after, state_.options().config));
    case ConfigResourceType::group:
      return error_of(config::check_group(after, state_.options().config));
    case ConfigResourceType::client_metrics:
      return error_of(config::check_client_metrics(after));
    default:
      return {};
  }
}

ApiError ConfigChange::check_existence() const {
  const metadata::MetadataImage& image = state_.image();
  if (resource_.type == ConfigResourceType::topic && image.topics.find(resource_.name) == nullptr) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("The topic '{}' does not exist.", resource_.name)};
  }
  if (resource_.type == ConfigResourceType::broker && !resource_.name.empty()) {
    const NodeId id(*number_of(resource_.name));
    const bool known = image.cluster.broker(id) != nullptr || image.cluster.controller(id) != nullptr ||
                       holds(state_.options().quorum_nodes, id);
    if (!known) {
      return {ErrorCode::broker_id_not_registered, fmt::format("No node with id {} found.", id.raw())};
    }
  }
  return {};
}

void ConfigChange::add_records(RecordList& records) const {
  for (const auto* entries : {&set_, &dropped_}) {
    for (const auto& [key, value] : *entries) {
      protocol::ConfigRecord record;
      record.resource_type = static_cast<std::int8_t>(resource_.type);
      record.resource_name = resource_.name;
      record.name = key;
      record.value = value ? protocol::NullableText(*value) : protocol::NullableText(nullptr);
      records.add(record, 0);
    }
  }
  if (!state_.elr_enabled()) return;
  for (const auto* entries : {&set_, &dropped_}) {
    if (!holds(*entries, kMinInSync, &Entry::first)) continue;
    // Which replicas are eligible was judged by the old number.
    protocol::ClearElrRecord cleared;
    if (resource_.type == ConfigResourceType::topic) cleared.topic_name = resource_.name;
    records.add(cleared, 0);
  }
}

}  // namespace ottla::controller
