#include "cli/storage/storage.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/uuid.h"
#include "cli/arguments/argument_table.h"
#include "cli/arguments/command_line.h"
#include "cli/node_file/node_loader.h"
#include "cli/output.h"
#include "cli/storage/commands.h"
#include "cli/tool.h"
#include "config/loading.h"
#include "runtime/shard.h"

namespace ottla::cli {
namespace {

constexpr CommandArgument kConfig = {
    .name = "config", .letter = 'c', .meaning = "The node's server.properties.", .required = true};

constexpr std::array kInfo = {kConfig};

constexpr std::array kFormat = {
    kConfig,
    CommandArgument{.name = "cluster-id",
                    .letter = 't',
                    .meaning = "The id of the cluster: the same on all of its nodes.",
                    .required = true},
    CommandArgument{
        .name = "add-scram",
        .letter = 'S',
        .kind = ArgumentKind::values,
        .meaning = "A user with whom the cluster begins: SCRAM-SHA-256=[name=…,password=…], or "
                   "SCRAM-SHA-512=[name=…,iterations=…,salt=…,saltedpassword=…] with both in base64. May "
                   "be given several times."},
    CommandArgument{.name = "ignore-formatted",
                    .letter = 'g',
                    .kind = ArgumentKind::flag,
                    .meaning = "Leave directories alone that are formatted, and format the others."},
    CommandArgument{.name = "release-version",
                    .letter = 'r',
                    .meaning =
                        "The release whose metadata.version and features the cluster begins with; 3.3-IV3 "
                        "at least, 4.4-IV2 when nothing is said."},
    CommandArgument{
        .name = "feature",
        .letter = 'f',
        .kind = ArgumentKind::values,
        .meaning = "A feature that begins at another level, as name=level. May be given several times."},
    CommandArgument{.name = "standalone",
                    .letter = 's',
                    .kind = ArgumentKind::flag,
                    .meaning = "This controller is the only voter of a quorum that can grow. Without "
                               "controller.quorum.voters.",
                    .excludes = Excludes::its_kind},
    CommandArgument{.name = "no-initial-controllers",
                    .letter = 'N',
                    .kind = ArgumentKind::flag,
                    .meaning = "This node joins a quorum that exists, and learns from it who votes.",
                    .excludes = Excludes::its_kind},
    CommandArgument{
        .name = "initial-controllers",
        .letter = 'I',
        .meaning = "The voters of a quorum that can grow, as id@host:port:directory with commas between: "
                   "the same on all of them. Without controller.quorum.voters.",
        .excludes = Excludes::its_kind},
};

constexpr std::array kVersionMapping = {
    CommandArgument{.name = "release-version",
                    .letter = 'r',
                    .meaning = "The release to look up; 3.3-IV3 at least, 4.4-IV2 when nothing is said."},
};

constexpr std::array kFeatureDependencies = {
    CommandArgument{.name = "feature",
                    .letter = 'f',
                    .kind = ArgumentKind::values,
                    .meaning = "What to look up, as name=level. May be given several times.",
                    .required = true},
};

constexpr std::array kCommands = {
    Command{.name = "info", .meaning = "Tell what the log directories of this node are.", .arguments = kInfo},
    Command{
        .name = "format", .meaning = "Make the log directories of this node ready.", .arguments = kFormat},
    Command{.name = "version-mapping",
            .meaning = "Print which features begin at which level in a release.",
            .arguments = kVersionMapping},
    Command{.name = "feature-dependencies",
            .meaning = "Print which other features a level of a feature needs.",
            .arguments = kFeatureDependencies},
    Command{
        .name = "random-uuid", .meaning = "Print a new id, for a cluster or a directory.", .arguments = {}},
};

constexpr CommandTable kTable = {
    .program = "kafka-storage",
    .purpose = "Makes log directories ready for a node, and tells what they are.",
    .commands = kCommands};

Task<Result<int>> run(ToolContext& context, const CommandLine& line) {
  const std::string_view name = line.command().name;
  if (name == "info") co_return co_await storage_info(context, line);
  if (name == "format") co_return co_await storage_format(context, line);
  if (name == "version-mapping") co_return storage_version_mapping(context, line);
  if (name == "feature-dependencies") co_return storage_feature_dependencies(context, line);
  context.out.write(random_uuid([] { return this_shard().random().next(); }).to_string() + "\n");
  co_return 0;
}

}  // namespace

const CommandTable& storage_commands() {
  return kTable;
}

Task<Result<config::Loaded>> load_storage_config(ToolContext& context, std::string path) {
  NodeSources sources{.purpose = config::Purpose::inspection, .path = path};
  sources.environment = context.environment;
  OTTLA_CO_TRY(config::Loaded loaded, co_await load_node_file(context.files, std::move(sources)));
  if (loaded.errors.empty()) co_return loaded;
  std::string all;
  for (const std::string& each : loaded.errors) all += (all.empty() ? "" : "\n") + each;
  co_return Error(Errc::invalid_argument, all);
}

Task<int> storage(ToolContext& context, std::vector<std::string> words) {
  const std::vector<Word> expanded = co_await expand_files(context.files, std::move(words));
  auto parsed = parse_command_line(kTable, expanded);
  if (const auto* end = std::get_if<CommandLineEnd>(&parsed)) {
    context.out.write(end->out);
    context.err.write(end->err);
    co_return end->code;
  }
  const Result<int> code = co_await run(context, std::get<CommandLine>(parsed));
  if (code.ok()) co_return *code;
  context.err.write(fmt::format("{}\n", code.error().text()));
  co_return 1;
}

}  // namespace ottla::cli
