#include "config/alteration.h"

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
#include "config/key.h"
#include "config/value.h"

namespace ottla::config {
namespace {

// Larger values do not fit into a record that the reference reads.
constexpr std::size_t kLongestValue = 32767;

// The elements between commas as String.split() finds them: empty ones count, but for those at the end.
List split(std::string_view text) {
  if (text.empty()) return {""};
  List parts;
  for (;;) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

// Those that a list has now: empty ones do not count.
List parts_of(std::string_view text) {
  List parts = split(text);
  std::erase(parts, "");
  return parts;
}

std::string_view word_of(Operation operation) {
  return operation == Operation::append ? "APPEND" : "SUBTRACT";
}

Result<std::string> changed_list(Scope scope, const Alteration& alteration,
                                 std::optional<std::string_view> now) {
  const Key* key = find_key(scope, alteration.key);
  if (key == nullptr || key->type != Type::list) {
    return Error(Errc::invalid_argument, fmt::format("Can't {} to key {} because its type is not LIST.",
                                                     word_of(alteration.operation), alteration.key));
  }
  List parts = parts_of(now.value_or(key->otherwise.value().value_or("")));
  for (std::string& each : split(alteration.value.value_or(""))) {
    const auto found = std::ranges::find(parts, each);
    if (alteration.operation == Operation::append) {
      if (found == parts.end()) parts.push_back(std::move(each));
    } else if (found != parts.end()) {
      parts.erase(found);
    }
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace

Result<std::optional<std::string>> altered(Scope scope, const Alteration& alteration,
                                           std::optional<std::string_view> now) {
  std::optional<std::string> text;
  if (alteration.operation == Operation::set) text = alteration.value;
  if (alteration.operation == Operation::append || alteration.operation == Operation::subtract) {
    OTTLA_TRY(text, changed_list(scope, alteration, now));
  }
  if (text && text->size() > kLongestValue) {
    return Error(
        Errc::too_large,
        "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.");
  }
  return text;
}

Result<Texts> altered(Scope scope, Texts texts, const std::vector<Alteration>& alterations) {
  for (const Alteration& each : alterations) {
    const auto now = texts.find(each.key);
    OTTLA_TRY(std::optional<std::string> text,
              altered(scope, each,
                      now == texts.end() ? std::nullopt : std::optional<std::string_view>(now->second)));
    if (text) {
      texts.insert_or_assign(each.key, *std::move(text));
    } else if (now != texts.end()) {
      texts.erase(now);
    }
  }
  return texts;
}

}  // namespace ottla::config
