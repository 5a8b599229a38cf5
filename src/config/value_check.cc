#include "config/value_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/java_double.h"
#include "base/text_lines.h"
#include "config/java_numbers.h"
#include "config/known_classes.h"
#include "config/quorum_addresses.h"

namespace ottla::config {
namespace {

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

Error bad_value(std::string_view key, std::string_view shown, std::string_view why) {
  return refused(fmt::format("Invalid value {} for configuration {}: {}", shown, key, why));
}

char lower(char each) {
  return each >= 'A' && each <= 'Z' ? static_cast<char>(each | 0x20) : each;
}

bool same_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

Result<Value> not_a_number(const Key& key, std::string_view text) {
  return bad_value(key.name, text, fmt::format("Not a number of type {}", name_of(key.type)));
}

template <typename T>
Result<Value> parse_integer(const Key& key, std::string_view text) {
  const auto number = parse_int64(java_trimmed(text));
  if (!number || *number < std::numeric_limits<T>::min() || *number > std::numeric_limits<T>::max()) {
    return not_a_number(key, text);
  }
  return Value(static_cast<T>(*number));
}

Result<Value> parse_boolean(const Key& key, std::string_view text) {
  const std::string_view word = java_trimmed(text);
  if (same_in_any_case(word, "true")) return Value(true);
  if (same_in_any_case(word, "false")) return Value(false);
  return bad_value(key.name, text, "Expected value to be either true or false");
}

Result<Value> parse_real(const Key& key, std::string_view text) {
  const auto number = java_double(text);
  if (!number) return not_a_number(key, text);
  return Value(*number);
}

Result<Value> parse_class(const Key& key, std::string_view text) {
  const std::string_view name = java_trimmed(text);
  if (!is_known_class(name)) {
    return bad_value(key.name, text, fmt::format("Class {} could not be found.", text));
  }
  return Value(ClassName{std::string(name)});
}

// Bounds are whole numbers with one exception, and show as Java shows them.
std::string bound(double number) {
  if (number == static_cast<double>(static_cast<std::int64_t>(number))) {
    return std::to_string(static_cast<std::int64_t>(number));
  }
  return java_text(number);
}

double number_of(const Value& value) {
  return std::visit(
      [](const auto& held) -> double {
        if constexpr (requires { static_cast<double>(held); }) {
          return static_cast<double>(held);
        } else {
          return 0;
        }
      },
      value);
}

Result<> check_range(const Key& key, const Value& value) {
  if (is_null(value)) return bad_value(key.name, "null", "Value must be non-null");
  const double number = number_of(value);
  if (number < key.validator.least) {
    return bad_value(key.name, shown_in_message(value),
                     fmt::format("Value must be at least {}", bound(key.validator.least)));
  }
  if (number > key.validator.most) {
    return bad_value(key.name, shown_in_message(value),
                     fmt::format("Value must be no more than {}", bound(key.validator.most)));
  }
  return {};
}

template <typename Same>
bool is_among(std::string_view word, std::string_view words, Same same) {
  while (!words.empty()) {
    const std::size_t end = words.find(", ");
    if (same(word, words.substr(0, end))) return true;
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 2);
  }
  return false;
}

bool identical(std::string_view a, std::string_view b) {
  return a == b;
}

Result<> check_word(const Key& key, std::string_view word) {
  if (is_among(word, key.validator.words, identical)) return {};
  return bad_value(key.name, word, fmt::format("String must be one of: {}", key.validator.words));
}

Result<> check_word_in_any_case(const Key& key, std::string_view word) {
  if (is_among(word, key.validator.words, same_in_any_case)) return {};
  return bad_value(key.name, word,
                   fmt::format("String must be one of (case insensitive): {}", key.validator.words));
}

Result<> check_list(const Key& key, const Value& value) {
  const Validator& rules = key.validator;
  const List* list = std::get_if<List>(&value);
  if (list == nullptr) {
    if (rules.null_allowed) return {};
    return refused(fmt::format("Configuration '{}' values must not be null.", key.name));
  }
  if (list->empty() && !rules.empty_allowed) {
    const std::string words = rules.words.empty() ? "any non-empty value" : fmt::format("[{}]", rules.words);
    return refused(
        fmt::format("Configuration '{}' must not be empty. Valid values include: {}", key.name, words));
  }
  for (auto each = list->begin(); each != list->end(); ++each) {
    if (std::find(list->begin(), each, *each) == each) continue;
    return refused(fmt::format("Configuration '{}' values must not be duplicated.", key.name));
  }
  for (const std::string& each : *list) {
    if (each.empty()) return refused(fmt::format("Configuration '{}' values must not be empty.", key.name));
    if (!rules.words.empty()) OTTLA_CHECK(check_word(key, each));
  }
  return {};
}

// Digits, a colon and digits; or nothing at all.
bool is_replica(std::string_view text) {
  if (text.empty()) return true;
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t colon = text.find_first_not_of(kDigits);
  if (colon == 0 || colon == std::string_view::npos || text[colon] != ':') return false;
  const std::string_view broker = text.substr(colon + 1);
  return !broker.empty() && broker.find_first_not_of(kDigits) == std::string_view::npos;
}

Result<> check_throttled_replicas(const Key& key, const Value& value) {
  const List* list = std::get_if<List>(&value);
  if (list != nullptr && (*list == List{"*"} || std::ranges::all_of(*list, is_replica))) return {};
  return bad_value(key.name, shown_in_message(value),
                   fmt::format("{} must be the literal '*' or a list of replicas in the following format: "
                               "[partitionId]:[brokerId],[partitionId]:[brokerId],...",
                               key.name));
}

Result<> check_offset_reset(const Key& key, const std::string& text) {
  constexpr std::string_view kDuration = "by_duration:";
  if (text == "latest" || text == "earliest") return {};
  if (text.starts_with(kDuration)) {
    const auto duration = java_duration_ms(std::string_view(text).substr(kDuration.size()));
    if (duration && *duration >= 0) return {};
  }
  return bad_value(
      key.name, text,
      fmt::format("Invalid value `{}` for configuration {}. The value must be either 'earliest', "
                  "'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
                  text, key.name));
}

Result<> check_gzip_level(const Key& key, const Value& value) {
  const double level = number_of(value);
  if (level == -1 || (level >= 1 && level <= 9)) return {};
  return bad_value(key.name, shown_in_message(value), "Value must be between 1 and 9 or equal to -1");
}

// What the text of a value that is not null must be.
Result<> check_text(const Key& key, const std::string& text) {
  switch (key.validator.kind) {
    case Validator::Kind::word:
      return check_word(key, text);
    case Validator::Kind::word_in_any_case:
      return check_word_in_any_case(key, text);
    case Validator::Kind::non_empty:
      return text.empty() ? Result<>(bad_value(key.name, text, "String must be non-empty")) : Result<>();
    case Validator::Kind::offset_reset:
      return check_offset_reset(key, text);
    default:
      return {};
  }
}

}  // namespace

Result<Value> parse_type(const Key& key, std::string_view text) {
  switch (key.type) {
    case Type::boolean:
      return parse_boolean(key, text);
    case Type::string:
      return Value(std::string(java_trimmed(text)));
    case Type::int32:
      return parse_integer<std::int32_t>(key, text);
    case Type::int16:
      return parse_integer<std::int16_t>(key, text);
    case Type::int64:
      return parse_integer<std::int64_t>(key, text);
    case Type::real:
      return parse_real(key, text);
    case Type::list:
      return Value(java_list(text));
    case Type::class_name:
      return parse_class(key, text);
    case Type::password:
      return Value(Password(std::string(java_trimmed(text))));
  }
  return refused("Unknown type.");
}

Result<> check_value(const Key& key, const Value& value) {
  switch (key.validator.kind) {
    case Validator::Kind::none:
      return {};
    case Validator::Kind::range:
      return check_range(key, value);
    case Validator::Kind::list:
      return check_list(key, value);
    case Validator::Kind::gzip_level:
      return check_gzip_level(key, value);
    case Validator::Kind::throttled_replicas:
      return check_throttled_replicas(key, value);
    case Validator::Kind::non_null:
      if (!is_null(value)) return {};
      return bad_value(key.name, "null", "entry must be non null");
    case Validator::Kind::quorum_voters:
      return check_quorum_voters(std::get<List>(value));
    case Validator::Kind::quorum_bootstrap:
      return check_quorum_bootstrap(std::get<List>(value));
    default:
      break;
  }
  const std::string* text = std::get_if<std::string>(&value);
  return text == nullptr ? Result<>() : check_text(key, *text);
}

Result<Value> parse_value(const Key& key, std::string_view text) {
  OTTLA_TRY(Value value, parse_type(key, text));
  if (key.validator.kind == Validator::Kind::list) {
    List& list = std::get<List>(value);
    List distinct;
    for (std::string& each : list) {
      if (std::ranges::find(distinct, each) == distinct.end()) distinct.push_back(std::move(each));
    }
    list = std::move(distinct);
  }
  OTTLA_CHECK(check_value(key, value));
  return value;
}

Result<Value> default_value(const Key& key) {
  if (key.otherwise.kind == Default::Kind::required) {
    return refused(
        fmt::format("Missing required configuration \"{}\" which has no default value.", key.name));
  }
  const auto text = key.otherwise.value();
  if (!text) return Value();
  return parse_type(key, *text);
}

}  // namespace ottla::config
