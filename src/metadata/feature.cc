#include "metadata/feature.h"

#include <fmt/format.h>

#include "base/error.h"

namespace ottla::metadata {
namespace {

using enum MetadataVersion;

constexpr FeatureLevel kKraft[] = {{0, kOldestMetadataVersion}, {1, v3_9_iv0}};
// Nobody begins with level 1: level 2 has been there as long.
constexpr FeatureLevel kTransaction[] = {{0, kOldestMetadataVersion}, {1, v4_0_iv2}, {2, v4_0_iv2}};
constexpr FeatureLevel kGroup[] = {{0, kOldestMetadataVersion}, {1, v4_0_iv0}};
constexpr FeatureLevel kEligibleLeaderReplicas[] = {{0, kOldestMetadataVersion}, {1, v4_1_iv0, v4_0_iv1}};
constexpr FeatureLevel kShare[] = {{0, kOldestMetadataVersion}, {1, v4_2_iv0}, {2, v4_4_iv0}};
constexpr FeatureLevel kStreams[] = {{0, kOldestMetadataVersion}, {1, v4_2_iv1}};

constexpr Feature kFeatures[] = {
    {kKraftVersionFeature, kKraft}, {"transaction.version", kTransaction},
    {"group.version", kGroup},      {kEligibleLeaderReplicasFeature, kEligibleLeaderReplicas},
    {"share.version", kShare},      {"streams.version", kStreams},
};

}  // namespace

std::int16_t Feature::default_level(MetadataVersion version) const {
  std::int16_t level = 0;
  for (const FeatureLevel& each : levels) {
    if (each.since <= version) level = each.level;
  }
  return level;
}

Result<> Feature::check(std::int16_t level, MetadataVersion version) const {
  if (level < 0 || level > latest()) {
    return Error(Errc::invalid_argument, fmt::format("No feature:{} with feature level {}", name, level));
  }
  const std::optional<MetadataVersion> least =
      levels[static_cast<std::size_t>(level)].requires_metadata_version;
  if (!least.has_value() || version >= *least) return {};
  return Error(Errc::invalid_argument,
               fmt::format("{} could not be set to {} because it depends on {} level {}", name, level,
                           kMetadataVersionFeature, level_of(*least)));
}

std::span<const Feature> all_features() {
  return kFeatures;
}

const Feature* find_feature(std::string_view name) {
  for (const Feature& each : kFeatures) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace ottla::metadata
