#include "config/document.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "config/key_table.h"
#include "config/synonyms.h"

namespace ottla::config {
namespace {

std::string_view type_in_words(Type type) {
  switch (type) {
    case Type::boolean:
      return "true or false";
    case Type::string:
      return "a text";
    case Type::int32:
      return "a whole number of 32 bits";
    case Type::int16:
      return "a whole number of 16 bits";
    case Type::int64:
      return "a whole number of 64 bits";
    case Type::real:
      return "a number";
    case Type::list:
      return "a list, separated by commas";
    case Type::class_name:
      return "the name of a class of Apache Kafka that is known here";
    case Type::password:
      return "a secret text";
  }
  return "a value";
}

std::string plain(double number) {
  return number == std::floor(number) ? std::to_string(static_cast<std::int64_t>(number))
                                      : fmt::format("{}", number);
}

std::string range_in_words(const Validator& range) {
  if (std::isinf(range.most)) return fmt::format(", {} or more", plain(range.least));
  return fmt::format(" from {} to {}", plain(range.least), plain(range.most));
}

std::string list_in_words(const Validator& list) {
  return fmt::format("{}{}", list.words.empty() ? "" : fmt::format(", of {}", list.words),
                     list.empty_allowed ? "" : ", not empty");
}

// A number of milliseconds, seconds or bytes as people say it, when that is shorter.
std::string eased(std::string_view name, std::string_view text) {
  struct Unit {
    std::int64_t size;
    std::string_view word;
  };
  constexpr Unit kTimes[] = {
      {86'400'000, "days"}, {3'600'000, "hours"}, {60'000, "minutes"}, {1000, "seconds"}};
  constexpr Unit kSizes[] = {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}};
  const auto shown = [&](const auto& units) -> std::string {
    const std::int64_t number = std::strtoll(std::string(text).c_str(), nullptr, 10);
    for (const Unit& unit : units) {
      if (number >= unit.size && number % unit.size == 0 && number / unit.size < 10'000) {
        const std::int64_t count = number / unit.size;
        const bool single = count == 1 && unit.word.ends_with('s');
        return fmt::format(" ({} {})", count, unit.word.substr(0, unit.word.size() - (single ? 1 : 0)));
      }
    }
    return "";
  };
  if (name.ends_with(".ms")) return shown(kTimes);
  if (name.ends_with(".bytes") || name.ends_with(".size")) return shown(kSizes);
  return "";
}

std::string default_in_words(const Key& key) {
  if (key.otherwise.kind == Default::Kind::required) return "none: must be set";
  const auto text = key.otherwise.value();
  if (!text) return "unset";
  if (text->empty()) return "empty";
  return fmt::format("`{}`{}", *text, eased(key.name, *text));
}

std::string notes_of(Scope scope, const Key& key) {
  std::string notes;
  if (scope == Scope::node && key.update == UpdateMode::cluster_wide)
    notes += " Can be altered while running.";
  if (scope == Scope::node && key.update == UpdateMode::per_broker) {
    notes += " Can be altered while running, for one broker at a time.";
  }
  if (key.effect == Effect::none) notes += " *Accepted and without effect here.*";
  if (key.effect == Effect::not_yet) notes += " *Accepted and checked; its part is not built yet.*";
  if (key.internal()) notes += " *Internal: for tests and experts; DescribeConfigs does not show it.*";
  if (scope == Scope::topic) {
    const auto synonyms = topic_synonyms(key.name);
    for (std::size_t each = 0; each < synonyms.size(); ++each) {
      notes += fmt::format("{}`{}`", each == 0 ? " Unset: the broker's " : ", else ", synonyms[each].name);
    }
    if (!synonyms.empty()) notes += '.';
  }
  if (scope == Scope::group) {
    if (const auto synonym = group_synonym(key.name))
      notes += fmt::format(" Unset: the broker's `{}`.", *synonym);
  }
  return notes;
}

// A bar would end a cell.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char each : text) {
    if (each == '|') safe += '\\';
    safe += each;
  }
  return safe;
}

void append_area(std::string& out, const KeyArea& area) {
  const auto end = std::back_inserter(out);
  fmt::format_to(end, "\n## {}\n\n| key | value | default | meaning |\n|---|---|---|---|\n", area.title);
  for (const Key& key : area.keys) {
    fmt::format_to(end, "| `{}` | {} | {} | {}{} |\n", key.name, cell(expected_of(key)),
                   cell(default_in_words(key)), cell(key.description), cell(notes_of(area.scope, key)));
  }
}

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Made from src/config/tables: `build/release/tools/config-document > docs/configuration.md`. -->

Ottla reads Apache Kafka's `server.properties` as it is. Keys, types, defaults and rules are those of Apache Kafka 4.4; a
test compares them with a running broker. What a key does is said in our own words.

A value can come from several places; the later one wins:

1. the default;
2. the file;
3. the environment: `KAFKA_NUM_PARTITIONS=3` is `num.partitions=3`; `__` stands for `_` and `___` for `-`;
4. the command line: `-D num.partitions=3`;
5. what was altered for all brokers, and then for this one, while running.

Values may hold placeholders such as `${file:/run/secrets/kafka.properties:password}`, which the providers of
`config.providers` fill from files, directories or the environment. A wrong value stops the start with an error that names
its place, and all errors are told at once. An unknown key is a warning with the nearest name. A key that promises
protection which is not built yet refuses to start; one that belongs to another part that is not built yet is accepted
and marked here, and a start warns of it when it is set to something else than its default. Classes can only be the
reference's own: nothing else can be loaded.

Keys of a listener can be given for it alone: `listener.name.NAME.KEY`.
)";

}  // namespace

std::string expected_of(const Key& key) {
  const Validator& rules = key.validator;
  const std::string_view type = type_in_words(key.type);
  switch (rules.kind) {
    case Validator::Kind::none:
    case Validator::Kind::non_null:
      return std::string(type);
    case Validator::Kind::range:
      return fmt::format("{}{}", type, range_in_words(rules));
    case Validator::Kind::word:
      return fmt::format("one of {}", rules.words);
    case Validator::Kind::word_in_any_case:
      return fmt::format("one of {}, in upper or lower case", rules.words);
    case Validator::Kind::list:
      return fmt::format("{}{}", type, list_in_words(rules));
    case Validator::Kind::non_empty:
      return "a text that is not empty";
    case Validator::Kind::gzip_level:
      return "a whole number from 1 to 9, or -1";
    case Validator::Kind::throttled_replicas:
      return "PARTITION:BROKER pairs, separated by commas, or *";
    case Validator::Kind::offset_reset:
      return "earliest, latest or by_duration:PnDTnHnMn.nS";
    case Validator::Kind::quorum_voters:
      return "ID@HOST:PORT entries, separated by commas";
    case Validator::Kind::quorum_bootstrap:
      return "HOST:PORT entries, separated by commas";
  }
  return std::string(type);
}

std::string notation_of(const Validator& validator) {
  switch (validator.kind) {
    case Validator::Kind::none:
      return "";
    case Validator::Kind::range:
      if (std::isinf(validator.most)) return fmt::format("[{},...]", plain(validator.least));
      return fmt::format("[{},...,{}]", plain(validator.least), plain(validator.most));
    case Validator::Kind::word:
      return fmt::format("[{}]", validator.words);
    case Validator::Kind::word_in_any_case:
      return fmt::format("(case insensitive) [{}]", validator.words);
    case Validator::Kind::list:
      return validator.words.empty() ? "" : fmt::format("[{}]", validator.words);
    case Validator::Kind::non_empty:
      return "non-empty string";
    case Validator::Kind::non_null:
      return "non-null string";
    case Validator::Kind::gzip_level:
      return "[1,...,9] or -1";
    case Validator::Kind::throttled_replicas:
      return "[partitionId]:[brokerId],[partitionId]:[brokerId],...";
    case Validator::Kind::offset_reset:
      return "[latest, earliest, by_duration:PnDTnHnMn.nS]";
    case Validator::Kind::quorum_voters:
    case Validator::Kind::quorum_bootstrap:
      return "non-empty list";
  }
  return "";
}

std::string configuration_document() {
  std::string out(kIntroduction);
  for (const KeyArea& area : key_areas()) append_area(out, area);
  return out;
}

}  // namespace ottla::config
