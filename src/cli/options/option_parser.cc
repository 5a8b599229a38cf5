#include "cli/options/option_parser.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"

namespace ottla::cli {
namespace {

bool is_long(std::string_view word) {
  return word.starts_with("--") && word != "--";
}

bool is_short(std::string_view word) {
  return word.starts_with('-') && word != "-" && !word.starts_with("--");
}

Error unknown(std::string_view name) {
  return {Errc::invalid_argument, fmt::format("{} is not a recognized option", name)};
}

class Parser {
 public:
  Parser(const OptionTable& table, std::span<const std::string> words)
      : table_(table), words_(words), parsed_(table) {}

  Result<ParsedOptions> run() {
    while (at_ < words_.size()) {
      const std::string_view word = words_[at_++];
      if (word == "--") break;
      if (is_long(word)) {
        OTTLA_CHECK(long_option(word.substr(2)));
      } else if (is_short(word)) {
        OTTLA_CHECK(short_option(word.substr(1)));
      } else {
        parsed_.add_operand(word);
      }
    }
    for (; at_ < words_.size(); ++at_) parsed_.add_operand(words_[at_]);
    return std::move(parsed_);
  }

 private:
  struct NameAndArgument {
    std::string_view name;
    std::optional<std::string_view> argument;
  };
  static NameAndArgument split(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return {.name = word, .argument = {}};
    return {.name = word.substr(0, equals), .argument = word.substr(equals + 1)};
  }

  const Option* find(std::string_view name) const {
    const Option* exact = find_option(table_, name);
    if (exact != nullptr || table_.abbreviations == Abbreviations::refused || name.empty()) return exact;
    const Option* only = nullptr;
    const auto consider = [&](const Option& option) {
      if (!option.name.starts_with(name) && !option.alias.starts_with(name)) return true;
      if (only != nullptr) return false;
      only = &option;
      return true;
    };
    for (const Option& option : table_.options) {
      if (!consider(option)) return nullptr;
    }
    return consider(kHelp) && consider(kVersion) ? only : nullptr;
  }

  Result<> long_option(std::string_view word) {
    const auto [name, argument] = split(word);
    const Option* option = find(name);
    if (option == nullptr) return unknown(name);
    return take(*option, argument);
  }

  Result<> short_option(std::string_view word) {
    const auto [name, argument] = split(word);
    if (const Option* option = find(name)) return take(*option, argument);
    for (std::size_t i = 0; i < word.size(); ++i) {
      const Option* option = find(word.substr(i, 1));
      if (option == nullptr) return unknown(word.substr(i, 1));
      if (option->argument != Argument::none && i + 1 < word.size()) return take(*option, word.substr(i + 1));
      OTTLA_CHECK(take(*option, {}));
    }
    return {};
  }

  Result<> take(const Option& option, std::optional<std::string_view> argument) {
    if (option.argument == Argument::none) {
      parsed_.add(option);
    } else if (argument) {
      parsed_.add(option, *argument);
    } else if (option.argument == Argument::required) {
      if (at_ == words_.size()) {
        return Error(Errc::invalid_argument, fmt::format("Option {} requires an argument", option.name));
      }
      parsed_.add(option, words_[at_++]);
    } else if (at_ < words_.size() && !is_short(words_[at_]) && !is_long(words_[at_])) {
      parsed_.add(option, words_[at_++]);
    } else {
      parsed_.add(option);
    }
    return {};
  }

  const OptionTable& table_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  ParsedOptions parsed_;
};

}  // namespace

Result<ParsedOptions> parse_options(const OptionTable& table, std::span<const std::string> words) {
  return Parser(table, words).run();
}

}  // namespace ottla::cli
