// fuzz: base cli
// Any words on the command lines of the node and of its tools, by both parsers, and any text as an argument that has a
// language of its own: the first byte says which. Nothing ends the program, and what is refused says why.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/invariant.h"
#include "base/result.h"
#include "cli/arguments/argument_table.h"
#include "cli/arguments/command_line.h"
#include "cli/dump_log/dump_log.h"
#include "cli/options/option_parser.h"
#include "cli/options/option_table.h"
#include "cli/start/start_options.h"
#include "cli/start/start_plan.h"
#include "cli/storage/feature_argument.h"
#include "cli/storage/scram_argument.h"
#include "cli/storage/storage.h"

namespace ottla::cli {
namespace {

// Words end where a line does.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

template <typename T>
void check(const Result<T>& read) {
  OTTLA_INVARIANT(read.ok() || !read.error().text().empty(), "refused without a word");
}

void commands(const std::vector<std::string>& texts) {
  std::vector<Word> words;
  for (const std::string& each : texts) words.push_back({.text = each});
  const auto read = parse_command_line(storage_commands(), words);
  const auto* end = std::get_if<CommandLineEnd>(&read);
  OTTLA_INVARIANT(end == nullptr || !end->out.empty() || !end->err.empty(), "ended without a word");
  if (end != nullptr) return;
  const CommandLine& line = std::get<CommandLine>(read);
  for (const CommandArgument& each : line.command().arguments)
    OTTLA_INVARIANT(!each.required || line.has(each.name), "a required argument is missing", each.name);
}

void options(const std::vector<std::string>& words) {
  check(parse_options(dump_log_options(), words));
  OptionTable abbreviating = dump_log_options();
  abbreviating.abbreviations = Abbreviations::accepted;
  check(parse_options(abbreviating, words));
}

void scram(std::string_view text) {
  std::uint64_t seed = 1;
  const auto read =
      parse_scram(text, [&seed] { return seed = seed * 6364136223846793005U + 1442695040888963407U; });
  check(read);
  if (!read.ok()) return;
  OTTLA_INVARIANT(!read->encoded().empty() && read->iterations > 0 && !read->salt.empty(),
                  "a user without a credential", read->name);
}

void run(std::uint8_t which, std::string_view text) {
  switch (which % 6) {
    case 0:
      return commands(words_of(text));
    case 1:
      return options(words_of(text));
    case 2:
      return check(parse_start_options(words_of(text)));
    case 3:
      return scram(text);
    case 4:
      return check(parse_log_levels(text));
    default: {
      const std::vector<std::string> words = words_of(text);
      return check(parse_features(std::vector<std::string_view>(words.begin(), words.end())));
    }
  }
}

}  // namespace
}  // namespace ottla::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ottla::cli::run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
