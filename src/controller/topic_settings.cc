#include "controller/topic_settings.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "config/node_key.h"
#include "metadata/config_resource.h"

namespace ottla::controller {
namespace {

using metadata::ConfigResourceType;
using metadata::ConfigResourceView;

// Null when only the node's start speaks for it.
const std::string* altered(const ControllerOptions& options, const metadata::MetadataImage& image,
                           std::string_view topic, std::string_view key) {
  const std::string node = std::to_string(options.node.raw());
  for (const ConfigResourceView& each : {ConfigResourceView(ConfigResourceType::topic, topic),
                                         ConfigResourceView(ConfigResourceType::broker, node),
                                         ConfigResourceView(ConfigResourceType::broker, "")}) {
    if (const std::string* value = image.config(each, key)) return value;
  }
  return nullptr;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() <= ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
  return text;
}

bool says_true(std::string_view text) {
  return text.size() == 4 && std::ranges::equal(text, std::string_view("true"), {}, [](char c) {
           return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
         });
}

}  // namespace

std::int32_t min_insync_replicas(const ControllerOptions& options, const metadata::MetadataImage& image,
                                 const metadata::TopicImage& topic) {
  std::int32_t least = options.config.get(config::node_key<"min.insync.replicas">);
  if (const std::string* text = altered(options, image, topic.name, "min.insync.replicas")) {
    const std::string_view digits = trimmed(*text);
    std::int32_t parsed = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
    if (end.ec == std::errc()) least = parsed;
  }
  if (topic.partitions.empty()) return least;
  const auto replicas = static_cast<std::int32_t>(topic.partitions.begin()->second->replicas().size());
  return std::min(least, replicas);
}

bool unclean_election_enabled(const ControllerOptions& options, const metadata::MetadataImage& image,
                              std::string_view topic) {
  const std::string* text = altered(options, image, topic, "unclean.leader.election.enable");
  return text != nullptr ? says_true(trimmed(*text))
                         : options.config.get(config::node_key<"unclean.leader.election.enable">);
}

}  // namespace ottla::controller
