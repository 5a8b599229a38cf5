#include "cli/start/start_options.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "cli/options/option_parser.h"
#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"
#include "cli/tools.h"

namespace ottla::cli {
namespace {

constexpr std::array kOptions = {
    Option{.name = "D", .argument = Argument::required},
    Option{.name = "override", .argument = Argument::required},
    Option{.name = "data", .argument = Argument::required},
    Option{.name = "port", .argument = Argument::required},
    Option{.name = "shards", .argument = Argument::required},
    Option{.name = "temp"},
    Option{.name = "format"},
    Option{.name = "log-level", .argument = Argument::required},
    Option{.name = "log-format", .argument = Argument::required},
    Option{.name = "help", .alias = "h"},
    Option{.name = "version", .alias = "V"},
};
constexpr OptionTable kTable = {.tool = "", .purpose = "", .options = kOptions};

constexpr std::int32_t kMostPort = 65535;
constexpr std::int32_t kMostShards = 1024;

constexpr std::string_view kUsage =
    "Ottla: Apache Kafka as one native program.\n"
    "\n"
    "usage: ottla [OPTION...]                    a broker and controller that needs nothing\n"
    "       ottla [OPTION...] server.properties  a node as that file describes it, which may be Apache "
    "Kafka's\n"
    "       ottla TOOL OPTION...                 a tool; ottla TOOL --help lists its options\n"
    "\n"
    "options of a node:\n"
    "  -D KEY=VALUE        set a key of server.properties; outweighs the file and KAFKA_… variables\n"
    "  --data DIR          keep data there (else $XDG_DATA_HOME/ottla; /var/lib/ottla as root)\n"
    "  --port N            listen on that port; 0: one that is free\n"
    "  --temp              keep data in a directory that is removed at the end, and print only "
    "bootstrap=HOST:PORT\n"
    "  --format            format the directories that the file names, where they are not\n"
    "  --shards N          threads; 0: one for each core\n"
    "  --log-level LEVEL   trace, debug, info, warn, error or off; info,storage=debug sets one part apart\n"
    "  --log-format FORM   text or json\n"
    "  --version, -V       print the version\n"
    "  --help, -h          print this text\n"
    "\n"
    "Exit codes: 0 stopped when asked to, 1 something failed, 2 wrong command line or configuration.\n";

Error failure(std::string text) {
  return {Errc::invalid_argument, std::move(text)};
}

Result<std::optional<std::string>> text_of(const ParsedOptions& options, std::string_view name) {
  if (!options.has(name)) return std::optional<std::string>();
  OTTLA_TRY(const std::string_view value, options.value(name));
  if (value.empty()) return failure(fmt::format("--{} wants a value", name));
  return std::optional<std::string>(value);
}

Result<std::optional<std::int32_t>> number_of(const ParsedOptions& options, std::string_view name,
                                              std::int32_t most) {
  OTTLA_TRY(const std::optional<std::string> text, text_of(options, name));
  if (!text) return std::optional<std::int32_t>();
  const auto number = parse_int32(*text);
  if (!number || *number < 0 || *number > most) {
    return failure(fmt::format("--{} {}: expected a number from 0 to {}", name, *text, most));
  }
  return number;
}

Result<> take_overrides(const ParsedOptions& parsed, StartOptions& options) {
  for (const std::string_view name : {"D", "override"}) {
    for (const std::string_view each : parsed.values(name)) options.overrides.emplace_back(each);
  }
  return {};
}

Result<> take_numbers(const ParsedOptions& parsed, StartOptions& options) {
  OTTLA_TRY(const auto port, number_of(parsed, "port", kMostPort));
  if (port) options.port = static_cast<std::uint16_t>(*port);
  OTTLA_TRY(const auto shards, number_of(parsed, "shards", kMostShards));
  if (shards) options.shards = static_cast<std::uint32_t>(*shards);
  return {};
}

}  // namespace

Result<StartOptions> parse_start_options(std::span<const std::string> words) {
  OTTLA_TRY(const ParsedOptions parsed, parse_options(kTable, words));
  StartOptions options;
  if (parsed.has("help") || parsed.has("version")) {
    options.wish = parsed.has("help") ? StartWish::help : StartWish::version;
    return options;
  }
  if (parsed.operands().size() > 1) {
    return failure(fmt::format("one configuration file is enough, but there are {} and {}",
                               parsed.operands()[0], parsed.operands()[1]));
  }
  if (!parsed.operands().empty()) options.file = parsed.operands().front();
  OTTLA_CHECK(take_overrides(parsed, options));
  OTTLA_CHECK(take_numbers(parsed, options));
  OTTLA_TRY(options.data, text_of(parsed, "data"));
  OTTLA_TRY(options.log_levels, text_of(parsed, "log-level"));
  OTTLA_TRY(options.log_format, text_of(parsed, "log-format"));
  options.temporary = parsed.has("temp");
  options.format = parsed.has("format");
  if (options.temporary && options.data)
    return failure("--temp makes a directory of its own: leave --data out");
  return options;
}

std::string start_help() {
  std::string text(kUsage);
  text += "\ntools:\n";
  for (const Tool& tool : all_tools()) text += fmt::format("  {:<12} {}\n", tool.name, tool.summary);
  return text;
}

std::string start_version() {
  return "ottla " OTTLA_VERSION " (as Apache Kafka 4.4)\n";
}

}  // namespace ottla::cli
