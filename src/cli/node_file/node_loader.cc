#include "cli/node_file/node_loader.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/slice.h"
#include "config/environment.h"
#include "config/loading.h"
#include "config/providers.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/whole_file.h"

namespace ottla::cli {
namespace {

constexpr std::size_t kLargestFile = std::size_t{8} << 20U;
// Placeholders are not filled within what filled others: two rounds find all, one more proves it.
constexpr int kMostRounds = 8;

// Knows some files, and remembers which others somebody wanted.
class RememberingDoor final : public config::ProviderDoor {
 public:
  Result<std::string> read_file(const std::string& path) const override {
    const auto found = contents_.find(path);
    if (found != contents_.end()) return found->second;
    wanted_.insert(path);
    return Errc::not_found;
  }
  bool exists(const std::string& path) const override {
    const auto found = existing_.find(path);
    if (found != existing_.end()) return found->second;
    sought_.insert(path);
    return false;
  }

  // Whether there was anything to find out.
  Task<bool> look(FileSystem& files) {
    const bool any = !wanted_.empty() || !sought_.empty();
    for (const std::string& path : std::exchange(wanted_, {})) {
      contents_.emplace(path, co_await read(files, path));
    }
    for (const std::string& path : std::exchange(sought_, {})) {
      existing_.emplace(path, (co_await files.status(path)).ok());
    }
    co_return any;
  }

 private:
  static Task<Result<std::string>> read(FileSystem& files, std::string path) {
    OTTLA_CO_TRY(const FileStatus status, co_await files.status(path));
    if (status.is_directory) co_return Errc::is_a_directory;
    OTTLA_CO_TRY(const Slice bytes, co_await read_whole_file(files, path, kLargestFile));
    co_return std::string(bytes.as_string_view());
  }

  std::map<std::string, Result<std::string>> contents_;
  std::map<std::string, bool> existing_;
  mutable std::set<std::string> wanted_;
  mutable std::set<std::string> sought_;
};

}  // namespace

Task<Result<config::Loaded>> load_node_file(FileSystem& files, NodeSources sources) {
  config::StartTexts texts{.purpose = sources.purpose,
                           .path = sources.path,
                           .file = {},
                           .environment = std::move(sources.environment),
                           .environment_is_configuration = sources.takes_variables,
                           .overrides = std::move(sources.overrides),
                           .assumed = std::move(sources.assumed)};
  if (!sources.path.empty()) {
    Result<Slice> bytes = co_await read_whole_file(files, sources.path, kLargestFile);
    if (!bytes.ok()) co_return std::move(bytes).error();
    texts.file = std::string(bytes->as_string_view());
  }
  RememberingDoor door;
  for (int round = 0;; ++round) {
    config::Loaded loaded = config::load_node(texts, door);
    const bool more = co_await door.look(files);
    if (!more || round == kMostRounds) co_return loaded;
  }
}

std::vector<config::Variable> variables_of(const Process& process) {
  std::vector<config::Variable> all;
  for (EnvironmentVariable& each : process.whole_environment()) {
    all.push_back({.name = std::move(each.name), .value = std::move(each.value)});
  }
  return all;
}

}  // namespace ottla::cli
