#include "metadata/bootstrap.h"

#include <fmt/format.h>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "metadata/feature.h"
#include "metadata/replay.h"
#include "protocol/record_codec.h"

namespace ottla::metadata {
namespace {

constexpr std::string_view kTopic = "__cluster_metadata";
constexpr std::size_t kMostMemory = std::size_t{16} << 20U;

std::string feature_record(std::string_view name, std::int16_t level) {
  protocol::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  const Result<Chain> bytes = protocol::encode_metadata_record(record, 0);
  OTTLA_INVARIANT(bytes.ok(), "a feature's level cannot be encoded", name);
  return std::string(bytes->flatten().as_string_view());
}

}  // namespace

FeatureLevels default_features(MetadataVersion version) {
  FeatureLevels levels;
  for (const Feature& each : all_features()) {
    const std::int16_t level = each.default_level(version);
    if (each.name != kKraftVersionFeature && level > 0) levels.emplace(each.name, level);
  }
  return levels;
}

Bootstrap make_bootstrap(MetadataVersion version, const FeatureLevels& features) {
  Bootstrap bootstrap{.version = version,
                      .records = {feature_record(kMetadataVersionFeature, level_of(version))}};
  for (const auto& [name, level] : features) {
    if (name != kMetadataVersionFeature && level > 0)
      bootstrap.records.push_back(feature_record(name, level));
  }
  return bootstrap;
}

Result<Bootstrap> read_bootstrap(std::span<const RecordBytes> records, std::string_view source) {
  Budget budget("bootstrap records", kMostMemory);
  Arena arena(budget, {});
  MetadataImage image;
  std::vector<std::string> kept;
  for (const RecordBytes each : records) {
    OTTLA_TRY(const protocol::EncodedMessage record, protocol::open_metadata_record(kTopic, each));
    arena.reset();
    if (Result<> replayed = replay(image, record, arena); !replayed.ok()) {
      return std::move(replayed).error().with_context(fmt::format("record {} of {}", kept.size(), source));
    }
    kept.emplace_back(reinterpret_cast<const char*>(each.data()), each.size());
  }
  if (!image.features.metadata_version.has_value()) {
    return Error(Errc::invalid_argument,
                 fmt::format("{} does not say which metadata.version the cluster begins with", source));
  }
  return Bootstrap{.version = *image.features.metadata_version, .records = std::move(kept)};
}

}  // namespace ottla::metadata
