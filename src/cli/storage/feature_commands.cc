#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "cli/arguments/command_line.h"
#include "cli/output.h"
#include "cli/storage/commands.h"
#include "cli/storage/feature_argument.h"
#include "cli/tool.h"
#include "metadata/feature.h"
#include "metadata/metadata_version.h"

namespace ottla::cli {
namespace {

using metadata::MetadataVersion;

Error failure(std::string text) {
  return {Errc::invalid_argument, std::move(text)};
}

Result<std::string> dependencies_of_metadata(std::string_view name, std::int16_t level) {
  const Result<MetadataVersion> version = metadata::metadata_version_of(level);
  if (!version.ok()) return failure(fmt::format("Unknown metadata.version {}", level));
  return fmt::format("{}={} ({}) has no dependencies.\n", name, level, name_of(*version));
}

Result<std::string> dependencies_of(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) {
    return failure(fmt::format(
        "Invalid feature format: {}. Expected format: 'feature=version' (e.g. 'group.version=1')", argument));
  }
  const std::string_view name = argument.substr(0, equals);
  const std::string_view text = argument.substr(equals + 1);
  const auto level = feature_level_of(text);
  if (!level) return failure(fmt::format("Invalid version format: {} for feature {}", text, name));
  if (name == metadata::kMetadataVersionFeature) return dependencies_of_metadata(name, *level);
  const metadata::Feature* feature = metadata::find_feature(name);
  if (feature == nullptr) return failure(fmt::format("Unknown feature: {}", name));
  if (*level < 0 || *level > feature->latest()) {
    return failure(fmt::format("Feature level {} is not supported for feature {}", *level, name));
  }
  const auto& least = feature->levels[static_cast<std::size_t>(*level)].requires_metadata_version;
  if (!least) return fmt::format("{}={} has no dependencies.\n", name, *level);
  return fmt::format("{}={} requires:\n    {}={} ({})\n", name, *level, metadata::kMetadataVersionFeature,
                     level_of(*least), name_of(*least));
}

}  // namespace

Result<int> storage_version_mapping(ToolContext& context, const CommandLine& line) {
  const std::string_view release =
      line.value("release-version").value_or(name_of(metadata::kLatestMetadataVersion));
  OTTLA_TRY(const MetadataVersion version, metadata::parse_metadata_version(release, true));
  context.out.write(
      fmt::format("{}={} ({})\n", metadata::kMetadataVersionFeature, level_of(version), release));
  for (const metadata::Feature& each : metadata::all_features()) {
    context.out.write(fmt::format("{}={}\n", each.name, each.default_level(version)));
  }
  return 0;
}

Result<int> storage_feature_dependencies(ToolContext& context, const CommandLine& line) {
  for (const std::string_view argument : line.values("feature")) {
    OTTLA_TRY(const std::string text, dependencies_of(argument));
    context.out.write(text);
  }
  return 0;
}

}  // namespace ottla::cli
