#include "server/settings_source.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "metadata/config_resource.h"

namespace ottla::server {
namespace {

using metadata::ConfigResourceType;

constexpr std::string_view kAllBrokers;

}  // namespace

SettingsSource::SettingsSource(NodeId node, SharedSettings started, Note note)
    : node_(node.to_string()), started_(std::move(started)), note_(std::move(note)), now_(started_) {}

bool SettingsSource::concerned_by(const metadata::MetadataDelta& delta) const {
  return std::ranges::any_of(delta.configs, [this](const metadata::ConfigChange& change) {
    return change.resource.type == ConfigResourceType::broker &&
           (change.resource.name == kAllBrokers || change.resource.name == node_);
  });
}

config::Texts SettingsSource::texts_of(const metadata::MetadataImage& image, std::string_view name) const {
  config::Texts texts;
  const metadata::ConfigValues* values =
      image.configs.find(metadata::ConfigResourceView(ConfigResourceType::broker, name));
  if (values == nullptr) return texts;
  for (const auto& [key, value] : *values) texts.emplace(key, value);
  return texts;
}

const SharedSettings& SettingsSource::follow(const metadata::MetadataImage& image) {
  config::NodeLayers layers = started_->layers;
  layers.cluster = texts_of(image, kAllBrokers);
  layers.broker = texts_of(image, node_);
  std::vector<config::Problem> problems;
  config::NodeConfig config = config::NodeConfig::read(layers.effective(), problems);
  if (!problems.empty()) {
    for (const config::Problem& each : problems) {
      if (layers.cluster.erase(each.key) + layers.broker.erase(each.key) > 0) note_(each);
    }
    problems.clear();
    config = config::NodeConfig::read(layers.effective(), problems);
  }
  now_ = std::make_shared<const NodeSettings>(std::move(layers), std::move(config));
  return now_;
}

}  // namespace ottla::server
