#include "cli/options/parsed_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "base/result.h"
#include "cli/options/option_table.h"

namespace ottla::cli {
namespace {

template <typename T>
Result<T> number(std::string_view text, std::string_view name) {
  const Error error(Errc::invalid_argument,
                    fmt::format("Cannot parse argument '{}' of option {}", text, name));
  std::string_view digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return error;
  }
  T value = 0;
  const auto read = std::from_chars(digits.begin(), digits.end(), value);
  if (read.ec != std::errc() || read.ptr != digits.end()) return error;
  return value;
}

}  // namespace

const Option* find_option(const OptionTable& table, std::string_view name) {
  for (const Option& option : table.options) {
    if (option.name == name || (!option.alias.empty() && option.alias == name)) return &option;
  }
  if (name == kHelp.name) return &kHelp;
  return name == kVersion.name ? &kVersion : nullptr;
}

const Option& ParsedOptions::option(std::string_view name) const {
  const Option* option = find_option(*table_, name);
  OTTLA_INVARIANT(option != nullptr, "no such option in the table", name);
  return *option;
}

bool ParsedOptions::has(std::string_view name) const {
  return std::ranges::find(seen_, &option(name)) != seen_.end();
}

std::vector<std::string_view> ParsedOptions::values(std::string_view name) const {
  const Option& wanted = option(name);
  std::vector<std::string_view> found;
  for (const auto& [option, text] : values_) {
    if (option == &wanted) found.push_back(text);
  }
  if (found.empty() && !wanted.fallback.empty()) found.push_back(wanted.fallback);
  return found;
}

Result<std::string_view> ParsedOptions::value(std::string_view name) const {
  const std::vector<std::string_view> all = values(name);
  if (all.size() > 1) {
    return Error(
        Errc::invalid_argument,
        fmt::format("Found multiple arguments for option {}, but you asked for only one", option(name).name));
  }
  return all.empty() ? std::string_view() : all.front();
}

Result<std::int32_t> ParsedOptions::int32(std::string_view name) const {
  OTTLA_TRY(const std::string_view text, value(name));
  return number<std::int32_t>(text, option(name).name);
}

Result<std::int64_t> ParsedOptions::int64(std::string_view name) const {
  OTTLA_TRY(const std::string_view text, value(name));
  return number<std::int64_t>(text, option(name).name);
}

void ParsedOptions::add(const Option& option, std::string_view argument) {
  add(option);
  const std::size_t before = values_.size();
  for (std::string_view rest = argument; option.separator != '\0' && !rest.empty();) {
    const std::size_t end = std::min(rest.find(option.separator), rest.size());
    if (end > 0) values_.emplace_back(&option, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  // What holds no value between separators is one itself.
  if (values_.size() == before) values_.emplace_back(&option, argument);
}

}  // namespace ottla::cli
