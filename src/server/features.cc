#include "server/features.h"

#include <algorithm>

namespace ottla::server {

std::vector<metadata::SupportedFeature> supported_features(bool unstable) {
  const metadata::MetadataVersion newest =
      unstable ? metadata::kUnstableMetadataVersion : metadata::kLatestMetadataVersion;
  std::vector<metadata::SupportedFeature> all;
  for (const metadata::Feature& feature : metadata::all_features()) {
    all.push_back({.name = std::string(feature.name), .least = 0, .most = feature.latest()});
  }
  all.push_back({.name = std::string(metadata::kMetadataVersionFeature),
                 .least = metadata::level_of(metadata::kOldestMetadataVersion),
                 .most = metadata::level_of(newest)});
  std::ranges::sort(all, {}, &metadata::SupportedFeature::name);
  return all;
}

}  // namespace ottla::server
