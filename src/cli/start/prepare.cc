#include "cli/start/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "cli/node_file/node_loader.h"
#include "cli/output.h"
#include "cli/start/assumed_texts.h"
#include "cli/start/start_options.h"
#include "cli/start/start_plan.h"
#include "config/environment.h"
#include "config/loading.h"
#include "config/node_key.h"
#include "runtime/address.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/shard.h"

namespace ottla::cli {
namespace {

constexpr int kWrongUse = 2;
constexpr std::string_view kBothRoles = "broker,controller";

Error failure(std::string text) {
  return {Errc::invalid_argument, std::move(text)};
}

std::optional<std::string> variable(const std::vector<config::Variable>& environment, std::string_view name) {
  const auto found = std::ranges::find(environment, name, &config::Variable::name);
  if (found == environment.end() || found->value.empty()) return std::nullopt;
  return found->value;
}

class Preparation {
 public:
  Preparation(const Process& process, StartOptions options)
      : privileged_(process.is_privileged()),
        environment_(variables_of(process)),
        options_(std::move(options)) {}

  Task<Result<StartPlan>> run(FileSystem& files) {
    plan_.file = options_.file;
    plan_.temporary = options_.temporary;
    plan_.cluster_id = variable(environment_, "CLUSTER_ID");
    plan_.quiet = variable(environment_, "NOTIFY_SOCKET").has_value();
    OTTLA_CO_TRY(NodeSources sources, gather());
    auto loaded = co_await load_node_file(files, std::move(sources));
    if (!loaded.ok()) {
      co_return failure(fmt::format("cannot read {}: {}", options_.file, loaded.error().to_string()));
    }
    plan_.node = *std::move(loaded);
    warnings_ = plan_.node.warnings;
    OTTLA_CO_CHECK(check());
    co_return std::move(plan_);
  }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  // Everything that says something about the node.
  Result<NodeSources> gather() {
    NodeSources sources{.path = options_.file,
                        .environment = environment_,
                        .takes_variables = true,
                        .overrides = options_.overrides,
                        .assumed = {}};
    if (options_.shards) sources.overrides.push_back(fmt::format("ottla.shards={}", *options_.shards));
    if (options_.temporary) plan_.temporary_directory = new_temporary_directory();
    if (options_.temporary || options_.data) {
      sources.overrides.push_back(
          fmt::format("log.dirs={}", options_.temporary ? plan_.temporary_directory : *options_.data));
    }
    plan_.formatting = options_.format || options_.temporary ? Formatting::always
                       : options_.file.empty()               ? Formatting::when_empty
                                                             : Formatting::never;
    if (options_.file.empty()) {
      OTTLA_TRY(sources.assumed, assume(sources.overrides));
    }
    return sources;
  }

  Result<config::Texts> assume(const std::vector<std::string>& overrides) const {
    std::optional<std::string> data;
    if (!said_about("log.dirs", environment_, overrides) && !said_about("log.dir", environment_, overrides)) {
      data = usual_data_directory(environment_, privileged_);
      if (!data) return failure("there is no place for data: set HOME, or name a directory with --data DIR");
    }
    const std::string roles =
        said_about("process.roles", environment_, overrides).value_or(std::string(kBothRoles));
    return assumed_texts(roles, options_.port.value_or(kUsualPort), data.value_or(""));
  }

  std::string new_temporary_directory() const {
    const std::string root = variable(environment_, "TMPDIR").value_or("/tmp");
    return fmt::format("{}/ottla-{:016x}", root, this_shard().random().next());
  }

  Result<> check() {
    if (!plan_.node.errors.empty()) {
      std::string all;
      for (const std::string& each : plan_.node.errors) all += (all.empty() ? "" : "\n") + each;
      return failure(std::move(all));
    }
    OTTLA_CHECK(check_port());
    OTTLA_CHECK(take_log());
    if (const auto http = plan_.node.config.get(config::node_key<"ottla.http.listener">)) {
      OTTLA_TRY(plan_.http, http_address(*http));
    }
    plan_.shards = static_cast<std::size_t>(plan_.node.config.get(config::node_key<"ottla.shards">));
    return {};
  }

  // Only what was assumed has the port in it.
  Result<> check_port() const {
    if (!options_.port) return {};
    const auto wanted = fmt::format("://:{}", *options_.port);
    const auto& texts = plan_.node.config.texts();
    const auto listeners = texts.find("listeners");
    if (options_.file.empty() && listeners != texts.end() &&
        listeners->second.find(wanted) != std::string::npos) {
      return {};
    }
    return failure(
        fmt::format("--port {}: listeners are named already; set them with -D listeners=…", *options_.port));
  }

  Result<> take_log() {
    const auto& config = plan_.node.config;
    const std::string levels = options_.log_levels.value_or(config.get(config::node_key<"ottla.log.level">));
    OTTLA_TRY(plan_.log, parse_log_levels(levels));
    const std::string format = options_.log_format.value_or(config.get(config::node_key<"ottla.log.format">));
    if (format != "text" && format != "json") {
      return failure(fmt::format("--log-format {}: expected text or json", format));
    }
    plan_.log.format = format == "json" ? LogFormat::json : LogFormat::text;
    return {};
  }

  // A port alone is one of this machine's, since what is served there tells much and asks for no password.
  static Result<Address> http_address(const std::string& text) {
    const std::string whole = text.starts_with(':')                 ? "0.0.0.0" + text
                              : text.find(':') == std::string::npos ? "127.0.0.1:" + text
                              : text.starts_with("localhost:") ? "127.0.0.1" + text.substr(text.find(':'))
                                                               : text;
    const Result<Address> address = Address::parse(whole);
    if (address.ok()) return *address;
    return failure(fmt::format(
        "ottla.http.listener={}: expected an address and a port, such as 127.0.0.1:9404 or :9404", text));
  }

  const bool privileged_;
  const std::vector<config::Variable> environment_;
  const StartOptions options_;
  StartPlan plan_;
  std::vector<std::string> warnings_;
};

void tell_lines(Output& err, std::string_view kind, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    err.write(fmt::format("ottla: {}{}\n", kind, text.substr(at, end - at)));
    at = end + 1;
  }
}

}  // namespace

Task<Prepared> prepare_start(Process& process, FileSystem& files, Output& out, Output& err,
                             std::vector<std::string> words) {
  const Result<StartOptions> options = parse_start_options(words);
  if (!options.ok()) {
    err.write(fmt::format("ottla: {}\nottla --help tells how it is used\n", options.error().text()));
    co_return Prepared{.code = kWrongUse, .plan = {}};
  }
  if (options->wish != StartWish::run) {
    out.write(options->wish == StartWish::help ? start_help() : start_version());
    co_return Prepared{.code = 0, .plan = {}};
  }
  Preparation preparation(process, *options);
  Result<StartPlan> plan = co_await preparation.run(files);
  for (const std::string& each : preparation.warnings()) tell_lines(err, "warning: ", each);
  if (plan.ok()) co_return Prepared{.code = 0, .plan = *std::move(plan)};
  tell_lines(err, "", plan.error().text());
  co_return Prepared{.code = kWrongUse, .plan = {}};
}

}  // namespace ottla::cli
