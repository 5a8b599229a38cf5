#include "controller/topic_configs.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "config/describe.h"
#include "config/topic_rules.h"
#include "metadata/config_resource.h"

namespace ottla::controller {
namespace {

using metadata::ConfigResourceType;
using metadata::ConfigResourceView;
using ShownConfig = protocol::CreateTopicsResponse::CreatableTopicConfigs;

constexpr std::size_t kLongestValue = 32767;

config::Texts texts_of(const metadata::MetadataImage& image, const ConfigResourceView& resource) {
  config::Texts texts;
  if (const metadata::ConfigValues* values = image.configs.find(resource)) {
    for (const auto& [key, value] : *values) texts.emplace(key, value);
  }
  return texts;
}

}  // namespace

config::Texts texts_of(const TopicConfigs& configs) {
  config::Texts texts;
  for (const auto& each : configs) {
    if (!each.value.is_null()) texts.insert_or_assign(std::string(each.name), std::string(*each.value));
  }
  return texts;
}

ApiError check_topic_configs(const ControllerOptions& options, const TopicConfigs& configs) {
  std::string nulls;
  for (const auto& each : configs) {
    if (!each.value.is_null()) continue;
    if (!nulls.empty()) nulls += ',';
    nulls += each.name;
  }
  if (!nulls.empty()) {
    return {ErrorCode::invalid_config, "Null value not supported for topic configs: " + nulls};
  }
  const config::Texts texts = texts_of(configs);
  if (texts.empty()) return {};
  if (std::ranges::any_of(texts, [](const auto& each) { return each.second.size() > kLongestValue; })) {
    return {
        ErrorCode::invalid_config,
        "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes."};
  }
  const Result<> checked = config::check_topic({}, texts, options.config);
  return checked.ok() ? ApiError() : ApiError(ErrorCode::invalid_config, std::string(checked.error().text()));
}

void add_topic_configs(Draft& draft, std::string_view topic, const config::Texts& texts) {
  for (const auto& [key, value] : texts) {
    protocol::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(ConfigResourceType::topic);
    record.resource_name = topic;
    record.name = key;
    record.value = std::string_view(value);
    draft.add(record, 0);
  }
  if (!draft.elr_enabled() || !texts.contains("min.insync.replicas")) return;
  protocol::ClearElrRecord cleared;
  cleared.topic_name = topic;
  draft.add(cleared, 0);
}

Result<protocol::Array<ShownConfig>> EffectiveTopicConfigs::of(const config::Texts& own, Call& call) {
  if (!layers_) {
    const std::string node = std::to_string(state_.options().node.raw());
    layers_ = config::NodeLayers{
        .fixed = state_.options().config.texts(),
        .cluster = texts_of(state_.image(), ConfigResourceView(ConfigResourceType::broker, "")),
        .broker = texts_of(state_.image(), ConfigResourceView(ConfigResourceType::broker, node))};
    std::vector<config::Problem> problems;
    node_ = config::NodeConfig::read(layers_->effective(), problems);
  }
  std::vector<config::Described> keys = config::describe_topic(own, *layers_, *node_);
  std::ranges::sort(keys, {}, &config::Described::name);
  std::vector<ShownConfig> shown;
  shown.reserve(keys.size());
  for (const config::Described& key : keys) {
    ShownConfig& each = shown.emplace_back();
    OTTLA_TRY(each.name, call.text(key.name));
    each.value = nullptr;
    if (key.value && !key.sensitive) {
      OTTLA_TRY(each.value, call.text(*key.value));
    }
    each.read_only = key.read_only;
    each.config_source = static_cast<std::int8_t>(key.source);
    each.is_sensitive = key.sensitive;
  }
  return call.array_of(shown);
}

}  // namespace ottla::controller
