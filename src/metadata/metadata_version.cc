#include "metadata/metadata_version.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>

#include "base/error.h"

namespace ottla::metadata {
namespace {

using enum MetadataVersion;

constexpr MetadataVersionInfo kVersions[] = {
    {v3_3_iv3, "3.3-IV3", "3.3", true},  {v3_4_iv0, "3.4-IV0", "3.4", true},
    {v3_5_iv0, "3.5-IV0", "3.5", false}, {v3_5_iv1, "3.5-IV1", "3.5", false},
    {v3_5_iv2, "3.5-IV2", "3.5", true},  {v3_6_iv0, "3.6-IV0", "3.6", false},
    {v3_6_iv1, "3.6-IV1", "3.6", true},  {v3_6_iv2, "3.6-IV2", "3.6", true},
    {v3_7_iv0, "3.7-IV0", "3.7", true},  {v3_7_iv1, "3.7-IV1", "3.7", false},
    {v3_7_iv2, "3.7-IV2", "3.7", true},  {v3_7_iv3, "3.7-IV3", "3.7", false},
    {v3_7_iv4, "3.7-IV4", "3.7", false}, {v3_8_iv0, "3.8-IV0", "3.8", false},
    {v3_9_iv0, "3.9-IV0", "3.9", false}, {v4_0_iv0, "4.0-IV0", "4.0", false},
    {v4_0_iv1, "4.0-IV1", "4.0", true},  {v4_0_iv2, "4.0-IV2", "4.0", false},
    {v4_0_iv3, "4.0-IV3", "4.0", false}, {v4_1_iv0, "4.1-IV0", "4.1", false},
    {v4_1_iv1, "4.1-IV1", "4.1", false}, {v4_2_iv0, "4.2-IV0", "4.2", false},
    {v4_2_iv1, "4.2-IV1", "4.2", false}, {v4_3_iv0, "4.3-IV0", "4.3", true},
    {v4_4_iv0, "4.4-IV0", "4.4", false}, {v4_4_iv1, "4.4-IV1", "4.4", true},
    {v4_4_iv2, "4.4-IV2", "4.4", true},  {v4_5_iv0, "4.5-IV0", "4.5", false},
};
static_assert(std::size(kVersions) ==
              level_of(kUnstableMetadataVersion) - level_of(kOldestMetadataVersion) + 1);

// What counts of "3.9.1" is "3.9".
std::string_view without_patch(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  const bool ends_there =
      second == std::string_view::npos || text.find_first_not_of('.', second) == std::string_view::npos;
  return ends_there ? text : text.substr(0, second);
}

}  // namespace

std::span<const MetadataVersionInfo> all_metadata_versions() {
  return kVersions;
}

const MetadataVersionInfo& info_of(MetadataVersion version) {
  return kVersions[level_of(version) - level_of(kOldestMetadataVersion)];
}

Result<MetadataVersion> metadata_version_of(std::int16_t level) {
  if (level >= level_of(kOldestMetadataVersion) && level <= level_of(kUnstableMetadataVersion)) {
    return static_cast<MetadataVersion>(level);
  }
  return Error(
      Errc::unsupported,
      fmt::format("No MetadataVersion with feature level {}. Valid feature levels are from {} to {}.", level,
                  level_of(kOldestMetadataVersion), level_of(kUnstableMetadataVersion)));
}

Result<MetadataVersion> parse_metadata_version(std::string_view text, bool unstable_allowed) {
  const std::string_view wanted = without_patch(text);
  const MetadataVersionInfo* found = nullptr;
  std::string known;
  for (const MetadataVersionInfo& each : kVersions) {
    const bool stable = each.version <= kLatestMetadataVersion;
    if (!stable && !unstable_allowed) continue;
    known += known.empty() ? "" : ", ";
    known += each.name;
    if (each.name == wanted || (stable && each.release == wanted)) found = &each;
  }
  if (found != nullptr) return found->version;
  return Error(Errc::invalid_argument,
               fmt::format("Unknown metadata.version '{}'. Supported metadata.version are: {}", text, known));
}

bool metadata_changed_between(MetadataVersion a, MetadataVersion b) {
  const MetadataVersion low = a < b ? a : b;
  const MetadataVersion high = a < b ? b : a;
  for (const MetadataVersionInfo& each : kVersions) {
    if (each.version > low && each.version <= high && each.changed_metadata) return true;
  }
  return false;
}

}  // namespace ottla::metadata
