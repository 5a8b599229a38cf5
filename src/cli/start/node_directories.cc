#include "cli/start/node_directories.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "cli/start/start_plan.h"
#include "cli/storage/directories.h"
#include "cli/storage/format_options.h"
#include "quorum/format.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/format/meta_properties.h"

namespace ottla::cli {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;
// What a new file system holds.
constexpr std::string_view kOfFileSystem = "lost+found";

// Nothing when there is no such file.
Task<Result<std::optional<storage::MetaProperties>>> identity_of(FileSystem& files, std::string directory) {
  using Found = std::optional<storage::MetaProperties>;
  const std::string path = directory + "/" + std::string(storage::kMetaProperties);
  const Result<Slice> text = co_await read_whole_file(files, path, kLargestFile);
  if (!text.ok()) {
    if (text.error() == Errc::not_found) co_return Found();
    co_return text.error();
  }
  OTTLA_CO_TRY(storage::MetaProperties properties,
               storage::parse_meta_properties(text->as_string_view(), path));
  co_return Found(std::move(properties));
}

Task<Result<void>> check_empty(FileSystem& files, std::string directory) {
  const auto entries = co_await files.list(directory);
  if (!entries.ok()) {
    if (entries.error() == Errc::not_found) co_return Result<void>();
    co_return entries.error();
  }
  const auto found =
      std::ranges::find_if(*entries, [](const auto& each) { return each.name != kOfFileSystem; });
  if (found == entries->end()) co_return Result<void>();
  co_return Error(
      Errc::not_empty,
      fmt::format("{} is no directory of a node, and {} lies in it: name an empty one with --data DIR, or "
                  "format this one with --format",
                  directory, found->name));
}

Error not_formatted(const StartPlan& plan, const std::string& directory) {
  return {Errc::not_found,
          fmt::format(
              "{0} is not formatted. Once, and never again: ottla storage format --config {1} --cluster-id "
              "$(ottla storage random-uuid) --standalone; or start with --format.",
              directory, plan.file)};
}

Task<Result<void>> format(FileSystem& files, const StartPlan& plan) {
  quorum::FormatOptions options = format_options_of(plan.node);
  const auto random = [] { return this_shard().random().next(); };
  options.cluster_id = plan.cluster_id ? *plan.cluster_id : random_uuid(random).to_string();
  options.ignore_formatted = true;
  if (plan.node.shape.controller && plan.node.shape.voters.empty()) {
    options.dynamic_quorum = true;
    options.initial_controllers = {{this_controller(plan.node)}};
  }
  const quorum::FormatReport report = co_await quorum::format(files, std::move(options));
  if (report.failure) co_return *report.failure;
  co_return Result<void>();
}

}  // namespace

Task<Result<ReadyDirectories>> ready_directories(FileSystem& files, const StartPlan& plan) {
  const NodeDirectories directories = directories_of(plan.node.config);
  ReadyDirectories ready{.all = directories.all, .cluster_id = {}, .formatted = false};
  OTTLA_CO_TRY(auto identity, co_await identity_of(files, directories.metadata));
  if (!identity) {
    if (plan.formatting == Formatting::never) co_return not_formatted(plan, directories.metadata);
    if (plan.formatting == Formatting::when_empty) {
      OTTLA_CO_CHECK(co_await check_empty(files, directories.metadata));
    }
    OTTLA_CO_CHECK(co_await format(files, plan));
    OTTLA_CO_TRY(identity, co_await identity_of(files, directories.metadata));
    ready.formatted = true;
  }
  if (!identity || !identity->cluster_id) {
    co_return Error(Errc::malformed, fmt::format("{}/{} does not name a cluster", directories.metadata,
                                                 storage::kMetaProperties));
  }
  ready.cluster_id = *identity->cluster_id;
  co_return ready;
}

}  // namespace ottla::cli
