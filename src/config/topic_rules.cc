#include "config/topic_rules.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/result.h"
#include "config/describe.h"
#include "config/key.h"
#include "config/key_table.h"
#include "config/node_key.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

using Values = std::map<std::string_view, Value>;

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

Error bad(std::string_view key, std::int64_t value, std::string_view why) {
  return refused(fmt::format("Invalid value {} for configuration {}: {}", value, key, why));
}

Result<> check_names(const Texts& texts) {
  for (const auto& [name, text] : texts) {
    if (find_key(Scope::topic, name) == nullptr) {
      return refused(fmt::format("Unknown topic config name: {}", name));
    }
  }
  return {};
}

Result<Values> values_of(const Texts& texts, const NodeConfig& config) {
  Values values;
  for (const Key& key : keys_of(Scope::topic)) {
    const auto own = texts.find(key.name);
    const auto text = own == texts.end() ? topic_fallback(key, config) : std::optional(own->second);
    if (!text) continue;
    OTTLA_TRY(Value value, parse_value(key, *text));
    values.emplace(key.name, std::move(value));
  }
  return values;
}

std::int64_t number(const Values& values, std::string_view key) {
  return std::get<std::int64_t>(values.at(key));
}

bool flag(const Values& values, std::string_view key) {
  return std::get<bool>(values.at(key));
}

Result<> check_lags(const Values& values) {
  const std::int64_t least = number(values, "min.compaction.lag.ms");
  const std::int64_t most = number(values, "max.compaction.lag.ms");
  if (least <= most) return {};
  return refused(fmt::format(
      "conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})", least, most));
}

struct Retention {
  std::string_view key;
  std::string_view local_key;
  std::string_view lag_key;
};
constexpr Retention kBytes = {"retention.bytes", "local.retention.bytes", "remote.copy.lag.bytes"};
constexpr Retention kTime = {"retention.ms", "local.retention.ms", "remote.copy.lag.ms"};

// Sizes that are negative mean no limit, times only when they are -1.
bool is_unlimited(const Retention& keys, std::int64_t retention) {
  return &keys == &kBytes ? retention <= -1 : retention == -1;
}

Result<> check_local_part(const Values& values, const Retention& keys) {
  const std::int64_t all = number(values, keys.key);
  const std::int64_t local = number(values, keys.local_key);
  if (is_unlimited(keys, all) || local == -2) return {};
  if (local == -1) {
    return bad(keys.local_key, local,
               fmt::format("Value must not be -1 as {} value is set as {}.", keys.key, all));
  }
  if (local <= all) return {};
  return bad(keys.local_key, local,
             fmt::format("Value must not be more than {} property value: {}", keys.key, all));
}

Result<> check_upload_lag(const Values& values, const Retention& keys) {
  const std::int64_t local = number(values, keys.local_key);
  const std::int64_t effective = local == -2 ? number(values, keys.key) : local;
  const std::int64_t lag = number(values, keys.lag_key);
  if (lag <= 0 || effective < 0 || lag <= effective) return {};
  return bad(keys.lag_key, lag,
             fmt::format("Value must not exceed {} (effective value: {})", keys.local_key, effective));
}

// When nothing is uploaded any more, local retention has no meaning of its own.
Result<> check_stopped_copy(const Values& values) {
  if (!flag(values, "remote.log.copy.disable")) return {};
  for (const Retention& keys : {kBytes, kTime}) {
    const std::int64_t local = number(values, keys.local_key);
    if (local == -2 || local == number(values, keys.key)) continue;
    return refused(
        fmt::format("When `remote.log.copy.disable` is set to true, the `{}` and `{}` must be set to the "
                    "identical value because "
                    "there will be no more logs copied to the remote storage.",
                    keys.local_key, keys.key));
  }
  return {};
}

Result<> check_tiered(const Values& values, const NodeConfig& config) {
  if (!config.get(node_key<"remote.log.storage.system.enable">)) {
    return refused(
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log "
        "storage.");
  }
  const List& policy = std::get<List>(values.at("cleanup.policy"));
  if (!policy.empty() && policy != List{"delete"}) {
    return refused(
        "Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty "
        "list.");
  }
  OTTLA_CHECK(check_local_part(values, kBytes));
  OTTLA_CHECK(check_local_part(values, kTime));
  OTTLA_CHECK(check_upload_lag(values, kBytes));
  OTTLA_CHECK(check_upload_lag(values, kTime));
  return check_stopped_copy(values);
}

bool was_tiered(const Texts& before) {
  const auto text = before.find("remote.storage.enable");
  const Key& key = *find_key(Scope::topic, "remote.storage.enable");
  return text != before.end() && parse_value(key, text->second).value_or(Value(false)) == Value(true);
}

Result<> check_turning_off(const Texts& before, const Values& values) {
  if (!was_tiered(before) || flag(values, "remote.log.delete.on.disable")) return {};
  return refused(
      "It is invalid to disable remote storage without deleting remote data. If you want to keep the remote "
      "data and "
      "turn to read only, please set `remote.storage.enable=true,remote.log.copy.disable=true`. If you want "
      "to disable "
      "remote storage and delete all remote data, please set "
      "`remote.storage.enable=false,remote.log.delete.on.disable=true`.");
}

}  // namespace

Result<> check_topic(const Texts& before, const Texts& after, const NodeConfig& config) {
  OTTLA_CHECK(check_names(after));
  OTTLA_TRY(const Values values, values_of(after, config));
  OTTLA_CHECK(check_lags(values));
  if (flag(values, "remote.storage.enable")) return check_tiered(values, config);
  return check_turning_off(before, values);
}

}  // namespace ottla::config
