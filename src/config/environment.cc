#include "config/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/properties.h"

namespace ottla::config {
namespace {

constexpr std::string_view kPrefix = "KAFKA_";

// Of the image's scripts, or of Java.
constexpr std::string_view kOthers[] = {"KAFKA_VERSION",       "KAFKA_HEAP_OPTS",
                                        "KAFKA_LOG4J_OPTS",    "KAFKA_OPTS",
                                        "KAFKA_JMX_OPTS",      "KAFKA_JVM_PERFORMANCE_OPTS",
                                        "KAFKA_GC_LOG_OPTS",   "KAFKA_LOG4J_ROOT_LOGLEVEL",
                                        "KAFKA_LOG4J_LOGGERS", "KAFKA_TOOLS_LOG4J_LOGLEVEL",
                                        "KAFKA_JMX_HOSTNAME"};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::optional<std::string> key_of_variable(std::string_view name) {
  if (!name.starts_with(kPrefix) || std::ranges::find(kOthers, name) != std::end(kOthers))
    return std::nullopt;
  std::string key(name);
  replace_all(key, kPrefix, "");
  for (char& each : key) each = each >= 'A' && each <= 'Z' ? static_cast<char>(each | 0x20) : each;
  replace_all(key, "_", ".");
  replace_all(key, "...", "-");
  replace_all(key, "..", "_");
  if (key.empty()) return std::nullopt;
  return key;
}

Result<std::vector<VariableProperty>> read_environment(const std::vector<Variable>& environment) {
  std::vector<VariableProperty> found;
  for (const Variable& variable : environment) {
    const auto key = key_of_variable(variable.name);
    if (!key) continue;
    OTTLA_TRY(std::vector<Property> properties,
              parse_properties(fmt::format("{}={}", *key, variable.value), variable.name));
    for (Property& each : properties)
      found.push_back({.variable = variable.name, .property = std::move(each)});
  }
  return found;
}

}  // namespace ottla::config
