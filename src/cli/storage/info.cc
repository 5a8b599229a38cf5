#include <fmt/format.h>
#include <fmt/ranges.h>

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
#include "cli/arguments/command_line.h"
#include "cli/java_path.h"
#include "cli/output.h"
#include "cli/storage/commands.h"
#include "cli/storage/directories.h"
#include "cli/tool.h"
#include "config/loading.h"
#include "runtime/file_system.h"
#include "runtime/whole_file.h"
#include "storage/format/meta_properties.h"

namespace ottla::cli {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;

using storage::MetaProperties;

// Looks at one directory after the other.
class Look {
 public:
  explicit Look(ToolContext& context) : context_(context) {}

  Task<Result<void>> at(std::string directory) {
    const std::string path = tidy_path(directory);
    const Result<FileStatus> status = co_await context_.files.status(path);
    if (!status.ok() || !status->is_directory) {
      problems_.push_back(path + (status.ok() ? " is not a directory" : " does not exist"));
      co_return Result<>();
    }
    found_.push_back(path);
    const std::string file = path + "/" + std::string(storage::kMetaProperties);
    const Result<Slice> text = co_await read_whole_file(context_.files, file, kLargestFile);
    if (!text.ok()) {
      if (text.error() != Errc::not_found) co_return text.error();
      problems_.push_back(path + " is not formatted.");
      co_return Result<>();
    }
    auto properties = storage::parse_meta_properties(text->as_string_view(), file);
    if (properties.ok()) {
      compare(*std::move(properties));
    } else {
      problems_.push_back(fmt::format("Error loading {}: {}", file, properties.error().text()));
    }
    co_return Result<>();
  }

  int tell() {
    if (first_ && first_->version == 0) {
      problems_.emplace_back(
          "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are "
          "formatted for legacy mode.");
    }
    list(found_, "Found log directory:", "Found log directories:");
    if (first_) context_.out.write(fmt::format("Found metadata: {}\n\n", shown(*first_)));
    list(problems_, "Found problem:", "Found problems:");
    return problems_.empty() ? 0 : 1;
  }

 private:
  // The first one that can be read speaks for all.
  void compare(MetaProperties properties) {
    if (!first_) {
      first_ = std::move(properties);
    } else if (first_->cluster_id != properties.cluster_id) {
      problems_.emplace_back("Mismatched cluster IDs between storage directories.");
    } else if (first_->node_id != properties.node_id) {
      problems_.emplace_back("Mismatched node IDs between storage directories.");
    }
  }

  static std::string shown(const MetaProperties& properties) {
    std::vector<std::string> parts;
    const auto add_node = [&](std::string_view key) {
      if (properties.node_id) parts.push_back(fmt::format("{}={}", key, properties.node_id->raw()));
    };
    if (properties.version == 0) add_node("broker.id");
    if (properties.cluster_id) parts.push_back(fmt::format("cluster.id={}", *properties.cluster_id));
    if (properties.directory_id) {
      parts.push_back(fmt::format("directory.id={}", properties.directory_id->to_string()));
    }
    if (properties.version != 0) add_node("node.id");
    parts.push_back(fmt::format("version={}", properties.version));
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }

  void list(const std::vector<std::string>& all, std::string_view one, std::string_view several) {
    if (all.empty()) return;
    context_.out.write(fmt::format("{}\n", all.size() == 1 ? one : several));
    for (const std::string& each : all) context_.out.write(fmt::format("  {}\n", each));
    context_.out.write("\n");
  }

  ToolContext& context_;
  std::vector<std::string> found_;
  std::vector<std::string> problems_;
  std::optional<MetaProperties> first_;
};

}  // namespace

Task<Result<int>> storage_info(ToolContext& context, const CommandLine& line) {
  OTTLA_CO_TRY(const config::Loaded loaded,
               co_await load_storage_config(context, std::string(*line.value("config"))));
  const NodeDirectories directories = directories_of(loaded.config);
  Look look(context);
  for (const std::string& each : directories.all) OTTLA_CO_CHECK(co_await look.at(each));
  co_return look.tell();
}

}  // namespace ottla::cli
