#include "server/node_alterations.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "config/alteration.h"
#include "config/key_table.h"
#include "config/node_alteration.h"
#include "config/node_config.h"
#include "server/loggers.h"

namespace ottla::server {
namespace {

using config::Operation;
using controller::ApiError;
using protocol::ErrorCode;

// As Integer.parseInt().
std::optional<std::int32_t> parse_id(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int32_t id = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

ApiError invalid(std::string text) {
  return {ErrorCode::invalid_request, std::move(text)};
}

ApiError check_name(std::string_view name, NodeId self, std::string_view what) {
  const std::optional<std::int32_t> id = parse_id(name);
  if (!id) return invalid(fmt::format("Node id must be an integer, but it is: {}", name));
  if (*id == self.raw()) return {};
  return invalid(fmt::format("Unexpected {} id{} {}, but received {}", what,
                             what == "broker" ? ", expected" : ". Expected", self.raw(), name));
}

// Only lists can be added to.
ApiError check_list(const ConfigOperation& each, std::string_view word) {
  const config::Key* key = config::find_key(config::Scope::node, each.key);
  if (key != nullptr && key->type == config::Type::list) return {};
  return {ErrorCode::invalid_config,
          fmt::format("Config value {} is not allowed for config key: {}", word, each.key)};
}

ApiError check_operation(const ConfigOperation& each) {
  switch (each.operation) {
    case static_cast<std::int8_t>(Operation::set):
    case static_cast<std::int8_t>(Operation::remove):
      return {};
    case static_cast<std::int8_t>(Operation::append):
      return check_list(each, "append");
    case static_cast<std::int8_t>(Operation::subtract):
      return check_list(each, "subtract");
    default:
      return invalid(fmt::format("Unknown operations type {}", each.operation));
  }
}

std::string known_levels() {
  return std::string(kLoggerLevels);
}

ApiError check_level(const LogLevels& levels, const ConfigOperation& each) {
  const bool sets = each.operation == static_cast<std::int8_t>(Operation::set);
  const bool removes = each.operation == static_cast<std::int8_t>(Operation::remove);
  if (!sets && !removes) {
    if (each.operation == static_cast<std::int8_t>(Operation::append)) {
      return invalid("APPEND operation is not allowed for the BROKER_LOGGER resource");
    }
    if (each.operation == static_cast<std::int8_t>(Operation::subtract)) {
      return invalid("SUBTRACT operation is not allowed for the BROKER_LOGGER resource");
    }
    return invalid(fmt::format("Unknown operation type {} is not allowed for the BROKER_LOGGER resource",
                               each.operation));
  }
  if (!logger_exists(levels, each.key)) {
    return {ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", each.key)};
  }
  if (removes) {
    if (each.key != kRootLogger) return {};
    return invalid(fmt::format("Removing the log level of the {} logger is not allowed", kRootLogger));
  }
  if (level_of(each.value.value_or(""))) return {};
  return {ErrorCode::invalid_config,
          fmt::format("Cannot set the log level of {} to {} as it is not a supported log level. Valid log "
                      "levels are {}",
                      each.key, each.value.value_or("null"), known_levels())};
}

}  // namespace

ApiError check_broker_alteration(const config::NodeLayers& layers, NodeId self, std::string_view name,
                                 const std::vector<ConfigOperation>& operations, bool whole) {
  if (!name.empty()) {
    if (ApiError error = check_name(name, self, "broker"); !error.ok()) return error;
  }
  const config::Level level = name.empty() ? config::Level::cluster : config::Level::broker;
  config::Texts texts = whole ? config::Texts() : name.empty() ? layers.cluster : layers.broker;
  std::vector<config::Alteration> alterations;
  for (const ConfigOperation& each : operations) {
    if (ApiError error = check_operation(each); !error.ok()) return error;
    alterations.push_back(
        {.key = each.key, .operation = static_cast<Operation>(each.operation), .value = each.value});
  }
  Result<config::Texts> altered = config::altered(config::Scope::node, std::move(texts), alterations);
  if (!altered.ok()) return {ErrorCode::invalid_config, std::string(altered.error().text())};
  const Result<> checked = config::check_node_alteration(layers, level, *altered);
  return checked.ok() ? ApiError() : invalid(std::string(checked.error().text()));
}

ApiError check_levels(const LogLevels& levels, NodeId self, std::string_view name,
                      const std::vector<ConfigOperation>& operations) {
  if (ApiError error = check_name(name, self, "node"); !error.ok()) return error;
  for (const ConfigOperation& each : operations) {
    if (ApiError error = check_level(levels, each); !error.ok()) return error;
  }
  return {};
}

void apply_levels(LogLevels& levels, const std::vector<ConfigOperation>& operations) {
  for (const ConfigOperation& each : operations) {
    const bool sets = each.operation == static_cast<std::int8_t>(Operation::set);
    set_logger(levels, each.key, sets ? level_of(each.value.value_or("")) : std::nullopt);
  }
}

}  // namespace ottla::server
