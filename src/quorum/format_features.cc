#include "quorum/format_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "metadata/feature.h"

namespace ottla::quorum {
namespace {

using metadata::Feature;
using metadata::MetadataVersion;
using Levels = std::map<std::string, std::int16_t, std::less<>>;

Error wrong(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

Result<MetadataVersion> check_stable(MetadataVersion version, const FormatOptions& options) {
  if (options.unstable_allowed || version <= metadata::kLatestMetadataVersion) return version;
  return wrong(fmt::format("metadata.version {} is not yet stable.", metadata::name_of(version)));
}

std::string known_names() {
  std::vector<std::string_view> names;
  for (const Feature& each : metadata::all_features()) names.push_back(each.name);
  std::ranges::sort(names);
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<std::int16_t> kraft_level(const FormatOptions& options) {
  const auto asked = options.features.find(metadata::kKraftVersionFeature);
  if (asked == options.features.end()) {
    return options.dynamic_quorum ? raft::kDynamicVoters : raft::kStaticVoters;
  }
  if (asked->second == raft::kStaticVoters && options.dynamic_quorum) {
    return wrong(
        "Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags "
        "--standalone, "
        "--initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try "
        "removing "
        "the --feature flag for kraft.version.");
  }
  if (asked->second != raft::kStaticVoters && !options.dynamic_quorum) {
    return wrong(
        fmt::format("Cannot set kraft.version to {} unless controller.quorum.voters is empty and one of the "
                    "flags --standalone, "
                    "--initial-controllers, or --no-initial-controllers is used. For dynamic controllers "
                    "support, try using one "
                    "of --standalone, --initial-controllers, or --no-initial-controllers and removing "
                    "controller.quorum.voters.",
                    asked->second));
  }
  return asked->second;
}

}  // namespace

Result<MetadataVersion> format_version(const FormatOptions& options) {
  const auto asked = options.features.find(metadata::kMetadataVersionFeature);
  if (asked != options.features.end()) {
    if (options.release_version) {
      return wrong("Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
    }
    OTTLA_TRY(const MetadataVersion version, metadata::metadata_version_of(asked->second));
    return check_stable(version, options);
  }
  if (options.release_version) return check_stable(*options.release_version, options);
  return options.unstable_allowed ? metadata::kUnstableMetadataVersion : metadata::kLatestMetadataVersion;
}

Result<Levels> format_features(const FormatOptions& options, MetadataVersion version) {
  Levels levels;
  for (const auto& [name, level] : options.features) {
    if (name == metadata::kMetadataVersionFeature) continue;
    if (metadata::find_feature(name) == nullptr) {
      return wrong(fmt::format("Unsupported feature: {}. Supported features are: {}", name, known_names()));
    }
    levels[name] = level;
  }
  for (const Feature& feature : metadata::all_features()) {
    if (feature.name == metadata::kKraftVersionFeature) {
      OTTLA_TRY(levels[std::string(feature.name)], kraft_level(options));
    } else {
      levels.try_emplace(std::string(feature.name), feature.default_level(version));
    }
  }
  for (const auto& [name, level] : levels) OTTLA_CHECK(metadata::find_feature(name)->check(level, version));
  return levels;
}

}  // namespace ottla::quorum
