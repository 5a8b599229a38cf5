#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "cli/arguments/command_line.h"
#include "cli/output.h"
#include "cli/storage/commands.h"
#include "cli/storage/feature_argument.h"
#include "cli/storage/format_options.h"
#include "cli/storage/scram_argument.h"
#include "cli/tool.h"
#include "config/loading.h"
#include "config/node_key.h"
#include "metadata/metadata_version.h"
#include "quorum/format.h"
#include "quorum/format_features.h"
#include "quorum/initial_controllers.h"
#include "runtime/shard.h"

namespace ottla::cli {
namespace {

Error failure(std::string text) {
  return {Errc::invalid_argument, std::move(text)};
}

class Wishes {
 public:
  Wishes(const CommandLine& line, const config::Loaded& node) : line_(line), node_(node) {}

  Result<quorum::FormatOptions> options() {
    options_ = format_options_of(node_);
    options_.cluster_id = *line_.value("cluster-id");
    options_.ignore_formatted = line_.has("ignore-formatted");
    if (const auto release = line_.value("release-version")) {
      OTTLA_TRY(options_.release_version,
                metadata::parse_metadata_version(*release, options_.unstable_allowed));
    }
    OTTLA_TRY(options_.features, parse_features(line_.values("feature")));
    OTTLA_CHECK(take_voters());
    return std::move(options_);
  }

  // Only once the rest is known to be right: it costs time.
  Result<> add_users(quorum::FormatOptions& options) const {
    const auto users = line_.values("add-scram");
    if (users.empty()) return {};
    OTTLA_TRY(const metadata::MetadataVersion version, quorum::format_version(options));
    OTTLA_CHECK(quorum::format_features(options, version));
    if (!metadata::has_scram(version)) {
      return failure(fmt::format("SCRAM is only supported in {} {} or later.",
                                 metadata::kMetadataVersionFeature,
                                 name_of(metadata::MetadataVersion::v3_5_iv2)));
    }
    for (const std::string_view each : users) {
      OTTLA_TRY(const ScramUserRecord user, parse_scram(each, [] { return this_shard().random().next(); }));
      options.more_records.push_back(user.encoded());
    }
    return {};
  }

 private:
  Result<> take_voters() {
    if (const auto voters = line_.value("initial-controllers")) {
      OTTLA_TRY(options_.initial_controllers, quorum::parse_initial_controllers(*voters));
    }
    if (line_.has("standalone")) {
      if (!node_.shape.controller) return failure("You can only use --standalone on a controller.");
      options_.initial_controllers = {{this_controller(node_)}};
    }
    const bool has_static_voters = !node_.shape.voters.empty();
    const bool wants_voters = options_.initial_controllers.has_value();
    if (has_static_voters && wants_voters) {
      return failure(
          "You cannot specify controller.quorum.voters and format the node with --initial-controllers or "
          "--standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and "
          "specify "
          "controller.quorum.bootstrap.servers instead.");
    }
    options_.dynamic_quorum = !has_static_voters && (wants_voters || line_.has("no-initial-controllers"));
    if (node_.shape.controller && !has_static_voters && !options_.dynamic_quorum) {
      return failure(
          "Because controller.quorum.voters is not set on this controller, you must specify one of the "
          "following: "
          "--standalone, --initial-controllers, or --no-initial-controllers.");
    }
    return {};
  }

  const CommandLine& line_;
  const config::Loaded& node_;
  quorum::FormatOptions options_;
};

}  // namespace

Task<Result<int>> storage_format(ToolContext& context, const CommandLine& line) {
  OTTLA_CO_TRY(const config::Loaded node,
               co_await load_storage_config(context, std::string(*line.value("config"))));
  Wishes wishes(line, node);
  OTTLA_CO_TRY(quorum::FormatOptions options, wishes.options());
  OTTLA_CO_CHECK(wishes.add_users(options));
  const quorum::FormatReport report = co_await quorum::format(context.files, std::move(options));
  for (const std::string& each : report.lines) context.out.write(each + "\n");
  if (report.failure) co_return *report.failure;
  co_return 0;
}

}  // namespace ottla::cli
