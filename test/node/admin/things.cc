#include "test/node/admin/things.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <vector>

namespace ottla::server {
namespace {

using metadata::MetadataImage;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::int32_t number_in(std::string_view text) {
  std::int32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Settings configs_of(const MetadataImage& image, metadata::ConfigResourceType type, std::string_view name) {
  Settings settings;
  const auto* values = image.configs.find(metadata::ConfigResourceView(type, name));
  if (values == nullptr) return settings;
  for (const auto& [key, value] : *values) settings.emplace(key, value);
  return settings;
}

State topic_in(const MetadataImage& image, std::string_view name) {
  const metadata::TopicImage* topic = image.topics.find(name);
  if (topic == nullptr) {
    const Settings left = configs_of(image, metadata::ConfigResourceType::topic, name);
    return left.empty() ? State() : "no topic, but its configuration: " + shown(left);
  }
  TopicState state{.configs = configs_of(image, metadata::ConfigResourceType::topic, name)};
  for (const auto& [index, partition] : topic->partitions) {
    if (index.raw() != state.partitions++) return "its partitions have gaps";
    if (!partition->adding_replicas().empty()) state.adding = partition->adding_replicas()[0];
  }
  return state.state();
}

State broker_configs_in(const MetadataImage& image, std::string_view name) {
  Settings settings = configs_of(image, metadata::ConfigResourceType::broker, name);
  std::erase_if(settings, [](const auto& each) { return !is_used_broker_key(each.first); });
  return shown(settings);
}

State quota_in(const MetadataImage& image, std::string_view name) {
  metadata::QuotaEntity entity;
  for (const std::string_view part : split(name, ',')) {
    const std::size_t middle = part.find('=');
    entity.parts.push_back(
        {.type = std::string(part.substr(0, middle)), .name = std::string(part.substr(middle + 1))});
  }
  std::ranges::sort(entity.parts);
  Settings settings;
  if (const auto* values = image.client_quotas.find(entity); values != nullptr) {
    for (const auto& [key, value] : *values) settings.emplace(key, fmt::format("{}", value));
  }
  return shown(settings);
}

State scram_in(const MetadataImage& image, std::string_view name) {
  const auto mechanism = static_cast<std::int8_t>(name.front() - '0');
  const auto* found = image.scram.find(metadata::ScramUser{
      .mechanism = metadata::scram_mechanism_of(mechanism), .name = std::string(name.substr(2))});
  if (found == nullptr) return {};
  const std::vector<std::byte>& salt = (*found)->salt;
  return fmt::format("{}:{}", (*found)->iterations,
                     std::string_view(reinterpret_cast<const char*>(salt.data()), salt.size()));
}

}  // namespace

std::string shown(const Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings)
    text += fmt::format("{}{}={}", text.empty() ? "" : ";", key, value);
  return text;
}

Settings settings_in(std::string_view text) {
  Settings settings;
  for (const std::string_view each : split(text, ';')) {
    const std::size_t middle = each.find('=');
    settings.emplace(each.substr(0, middle), each.substr(middle + 1));
  }
  return settings;
}

State TopicState::state() const {
  return fmt::format("{}/{}/{}", partitions, adding, shown(configs));
}

std::optional<TopicState> TopicState::from(const State& state) {
  if (state.empty()) return std::nullopt;
  const std::size_t first = state.find('/');
  const std::size_t second = state.find('/', first + 1);
  return TopicState{.partitions = number_in(std::string_view(state).substr(0, first)),
                    .adding = number_in(std::string_view(state).substr(first + 1, second - first - 1)),
                    .configs = settings_in(std::string_view(state).substr(second + 1))};
}

bool is_used_broker_key(std::string_view key) {
  return key == "log.retention.ms" || key == "log.message.timestamp.type" || key == "compression.type";
}

State state_in(const MetadataImage& image, const std::string& thing) {
  const std::size_t middle = thing.find(':');
  const std::string_view kind = std::string_view(thing).substr(0, middle);
  const std::string_view name = std::string_view(thing).substr(middle + 1);
  if (kind == "topic") return topic_in(image, name);
  if (kind == "broker") return broker_configs_in(image, name);
  if (kind == "quota") return quota_in(image, name);
  if (kind == "scram") return scram_in(image, name);
  if (kind == "feature") return fmt::format("{}", image.features.level(name));
  return image.cluster.broker(NodeId(number_in(name))) == nullptr ? "" : "1";
}

}  // namespace ottla::server
