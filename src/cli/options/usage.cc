#include "cli/options/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"

namespace ottla::cli {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kIndent = 6;

std::string dashed(std::string_view name) {
  return fmt::format("{}{}", name.size() == 1 ? "-" : "--", name);
}

std::string head(const Option& option) {
  std::string text = option.alias.empty() ? dashed(option.name)
                                          : fmt::format("{}, {}", dashed(option.alias), dashed(option.name));
  const std::string_view placeholder = option.placeholder.empty() ? "value" : option.placeholder;
  if (option.argument == Argument::required) text += fmt::format(" <{}>", placeholder);
  if (option.argument == Argument::optional) text += fmt::format(" [{}]", placeholder);
  return text;
}

// Words in lines of a width that a terminal has.
void append_paragraph(std::string& out, std::string_view text) {
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > 0 && column + 1 + word.size() > kWidth - kIndent) {
      out += '\n';
      column = 0;
    }
    out += column == 0 ? std::string(kIndent, ' ') : std::string(1, ' ');
    out += word;
    column += word.size() + (column > 0 ? 1 : 0);
  }
  out += '\n';
}

std::string printed_name(const Option& option) {
  return option.alias.empty() ? fmt::format("[{}]", option.name)
                              : fmt::format("[{}, {}]", option.alias, option.name);
}

}  // namespace

std::string usage(const OptionTable& table) {
  std::string out = fmt::format("usage: ottla {} OPTION...\n", table.tool);
  std::vector<const Option*> options = {&kHelp, &kVersion};
  for (const Option& option : table.options) options.push_back(&option);
  std::ranges::sort(options, {}, [](const Option* option) { return option->name; });
  for (const Option* option : options) {
    fmt::format_to(std::back_inserter(out), "  {}\n", head(*option));
    std::string meaning(option->meaning);
    if (!option->fallback.empty()) meaning += fmt::format(" (default: {})", option->fallback);
    append_paragraph(out, meaning);
  }
  return out;
}

std::optional<EarlyEnd> early_end(const OptionTable& table, const ParsedOptions& parsed, bool any_words,
                                  std::span<const std::string_view> required) {
  if (!any_words || parsed.has(kHelp.name)) {
    return EarlyEnd{.out = {}, .err = fmt::format("{}\n{}", table.purpose, usage(table)), .code = 1};
  }
  if (parsed.has(kVersion.name)) {
    return EarlyEnd{.out = "4.4.0 (Ottla " OTTLA_VERSION ")\n", .err = {}, .code = 0};
  }
  for (const std::string_view name : required) {
    if (parsed.has(name)) continue;
    return EarlyEnd{.out = {},
                    .err = fmt::format("Missing required argument \"{}\"\n{}",
                                       printed_name(*find_option(table, name)), usage(table)),
                    .code = 1};
  }
  return {};
}

}  // namespace ottla::cli
