// The features that Apache Kafka 4.4 can finalise besides metadata.version: their levels, the metadata.version from
// which a new cluster has each, and what each depends on. As data, checked against the running reference.
//
// Concurrency: constants.
// Errors:      invalid_argument, with the reference's texts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "metadata/metadata_version.h"

namespace ottla::metadata {

inline constexpr std::string_view kKraftVersionFeature = "kraft.version";
inline constexpr std::string_view kEligibleLeaderReplicasFeature = "eligible.leader.replicas.version";

struct FeatureLevel {
  std::int16_t level;
  MetadataVersion since;  // a cluster that begins at it, or later, has this level
  std::optional<MetadataVersion> requires_metadata_version = {};
};

struct Feature {
  std::string_view name;
  std::span<const FeatureLevel> levels;  // from zero, each one more than the one before

  std::int16_t latest() const { return levels.back().level; }
  // What a cluster that begins at that metadata.version finalises.
  std::int16_t default_level(MetadataVersion version) const;
  // Whether the level may be finalised beside that metadata.version.
  Result<> check(std::int16_t level, MetadataVersion version) const;
};

// kraft.version among them, which lives in records of the quorum and not in the metadata.
std::span<const Feature> all_features();
// Null for a name that is not known; metadata.version is not here.
const Feature* find_feature(std::string_view name);

}  // namespace ottla::metadata
