#include "cli/arguments/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/slice.h"
#include "cli/arguments/argument_table.h"
#include "cli/arguments/command_usage.h"
#include "runtime/file_system.h"
#include "runtime/whole_file.h"

namespace ottla::cli {
namespace {

constexpr std::string_view kHelp = "help";
constexpr char kHelpLetter = 'h';
constexpr std::size_t kMostWords = 10'000;
constexpr std::size_t kMostWordFiles = 100;  // a file may name itself
constexpr std::size_t kLargestWordFile = std::size_t{1} << 20U;

bool is_whole_number(std::string_view word) {
  return word.size() > 1 && word[0] == '-' &&
         std::ranges::all_of(word.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the word is meant as an option, known or not.
bool looks_like_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !is_whole_number(word);
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string all;
  for (const std::string& each : words) all += (all.empty() ? "" : std::string(between)) + each;
  return all;
}

class Parser {
 public:
  Parser(const CommandTable& table, std::span<const Word> words) : table_(table), words_(words) {}

  std::variant<CommandLine, CommandLineEnd> run() {
    if (!choose_command()) return std::move(*end_);
    line_.emplace(*command_);
    while (!end_ && at_ < words_.size()) take_word();
    if (!end_) check_required();
    if (end_) return std::move(*end_);
    return std::move(*line_);
  }

 private:
  enum class Found : std::uint8_t { argument, help, nothing };
  struct Match {
    Found found = Found::nothing;
    const CommandArgument* argument = nullptr;
  };

  // --- Ends

  void fail(std::string_view what) {
    if (end_) return;
    end_ = CommandLineEnd{
        .out = {}, .err = fmt::format("{}{}: error: {}\n", usage(), table_.program, what), .code = 1};
  }
  void fail_about(const CommandArgument& argument, std::string_view what) {
    fail(fmt::format("argument {}: {}", shown_name(argument), what));
  }
  // The word where it stands, which nobody wants.
  void fail_unknown(std::string_view words) {
    const bool file = at_ < words_.size() && words_[at_].from_file;
    fail(fmt::format("unrecognized arguments: '{}'{}", words,
                     file ? "\nChecking trailing white spaces or new lines in @file may help." : ""));
  }
  void help() {
    end_ = CommandLineEnd{
        .out = command_ == nullptr ? help_of(table_) : help_of(table_, *command_), .err = {}, .code = 0};
  }
  std::string usage() const { return command_ == nullptr ? usage_of(table_) : usage_of(table_, *command_); }

  // --- The command

  bool choose_command() {
    const bool separated = at_ < words_.size() && words_[at_].text == "--";
    if (separated) ++at_;
    if (at_ == words_.size()) {
      fail("too few arguments");
      return false;
    }
    if (separated) {
      fail_unknown(rest());
      return false;
    }
    if (!readable()) return false;
    const std::string_view word = words_[at_].text;
    if (looks_like_option(word)) {
      // Of the tool itself there is one.
      const bool is_help =
          (word.size() > 2 && std::string_view("--help").starts_with(word)) || word[1] == kHelpLetter;
      is_help ? help() : fail_unknown(word);
      return false;
    }
    std::vector<std::string> begun;
    for (const Command& each : table_.commands) {
      if (each.name == word) command_ = &each;
      if (!word.empty() && each.name.starts_with(word)) begun.emplace_back(each.name);
    }
    if (command_ == nullptr && begun.size() == 1) {
      command_ = &*std::ranges::find(table_.commands, begun[0], &Command::name);
    }
    if (command_ == nullptr) fail_command(word, std::move(begun));
    ++at_;
    return command_ != nullptr;
  }

  void fail_command(std::string_view word, std::vector<std::string> begun) {
    if (begun.size() > 1) {
      std::ranges::sort(begun);
      return fail(fmt::format("ambiguous command: {} could match {}", word, joined(begun, ", ")));
    }
    std::vector<std::string> all;
    for (const Command& each : table_.commands) all.push_back(fmt::format("'{}'", each.name));
    fail(fmt::format("invalid choice: '{}' (choose from {})", word, joined(all, ", ")));
  }

  // --- Its arguments

  bool readable() {
    if (!words_[at_].is_unreadable) return true;
    fail(
        fmt::format("Could not read arguments from file '{}'", std::string_view(words_[at_].text).substr(1)));
    return false;
  }

  void take_word() {
    if (!readable()) return;
    const std::string_view word = words_[at_].text;
    if (word == "--") {
      ++at_;
      if (at_ < words_.size()) fail_unknown(rest());
    } else if (!looks_like_option(word)) {
      fail_unknown(rest());
    } else if (word.starts_with("--")) {
      take_long(word.substr(2));
    } else {
      take_short(word.substr(1));
    }
  }

  std::string rest() const {
    std::vector<std::string> all;
    for (std::size_t each = at_; each < words_.size(); ++each) all.push_back(words_[each].text);
    return joined(all, " ");
  }

  struct NameAndValue {
    std::string_view name;
    std::optional<std::string_view> value;
  };
  static NameAndValue split(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return {.name = word, .value = {}};
    return {.name = word.substr(0, equals), .value = word.substr(equals + 1)};
  }

  void take_long(std::string_view word) {
    const auto [name, value] = split(word);
    const Match match = find_long(name);
    if (end_) return;
    if (match.found == Found::help) return help();
    if (match.found == Found::nothing) return fail_unknown(words_[at_].text);
    take(*match.argument, value);
  }

  Match find_long(std::string_view name) {
    std::vector<std::string> begun;
    Match match;
    const auto consider = [&](std::string_view known, Match which) {
      if (known == name) return true;
      if (!known.starts_with(name)) return false;
      begun.push_back(fmt::format("--{}", known));
      match = which;
      return false;
    };
    if (consider(kHelp, {Found::help, nullptr})) return {Found::help, nullptr};
    for (const CommandArgument& each : command_->arguments) {
      if (consider(each.name, {Found::argument, &each})) return {Found::argument, &each};
    }
    if (begun.size() > 1) {
      std::ranges::sort(begun);
      fail(fmt::format("ambiguous option: --{} could match {}", name, joined(begun, ", ")));
    }
    return match;
  }

  const CommandArgument* find_letter(char letter) const {
    const auto found = std::ranges::find(command_->arguments, letter, &CommandArgument::letter);
    return found == command_->arguments.end() ? nullptr : &*found;
  }

  void take_short(std::string_view letters) {
    if (letters[0] == kHelpLetter) return help();
    if (letters.size() > 1 && letters[1] == '=') {
      const CommandArgument* argument = find_letter(letters[0]);
      return argument == nullptr ? fail_unknown(words_[at_].text) : take(*argument, letters.substr(2));
    }
    if (!know_letters(letters)) return fail_unknown(words_[at_].text);
    const std::size_t here = at_;
    for (std::size_t each = 0; each < letters.size() && !end_; ++each) {
      if (letters[each] == kHelpLetter) return help();
      const CommandArgument& argument = *find_letter(letters[each]);
      at_ = here;
      if (argument.kind != ArgumentKind::flag && each + 1 < letters.size()) {
        return take(argument, letters.substr(each + 1));
      }
      take(argument, std::nullopt);
    }
  }

  // Up to the first one that takes what follows.
  bool know_letters(std::string_view letters) const {
    for (const char each : letters) {
      if (each == kHelpLetter) return true;
      const CommandArgument* argument = find_letter(each);
      if (argument == nullptr) return false;
      if (argument->kind != ArgumentKind::flag) return true;
    }
    return true;
  }

  // The option that stands at at_, with what was glued to it; goes on behind it.
  void take(const CommandArgument& argument, std::optional<std::string_view> glued) {
    if (!check_exclusion(argument)) return;
    ++at_;
    if (argument.kind == ArgumentKind::flag) {
      if (glued) return fail_about(argument, fmt::format("ignore implicit argument '{}'", *glued));
      return line_->add(argument, {});
    }
    if (glued) return line_->add(argument, std::string(*glued));
    if (at_ < words_.size() && !readable()) return;
    if (at_ == words_.size() || looks_like_option(words_[at_].text)) {
      return fail_about(argument, "expected one argument");
    }
    line_->add(argument, words_[at_++].text);
  }

  bool check_exclusion(const CommandArgument& argument) {
    if (argument.excludes == Excludes::no) return true;
    for (const CommandArgument& other : command_->arguments) {
      if (&other == &argument || other.excludes == Excludes::no || !line_->has(other.name)) continue;
      fail_about(argument, fmt::format("not allowed with argument {}", shown_name(other)));
      return false;
    }
    return true;
  }

  // Of several that are missing, the last one of the table is told.
  void check_required() {
    for (auto each = command_->arguments.rbegin(); each != command_->arguments.rend(); ++each) {
      if (each->required && !line_->has(each->name)) {
        return fail(fmt::format("argument {} is required", shown_name(*each)));
      }
    }
  }

  const CommandTable& table_;
  const std::span<const Word> words_;
  std::size_t at_ = 0;
  const Command* command_ = nullptr;
  std::optional<CommandLine> line_;
  std::optional<CommandLineEnd> end_;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    at = end + 1;
  }
  return lines;
}

}  // namespace

bool CommandLine::has(std::string_view name) const {
  return std::ranges::any_of(given_, [&](const auto& each) { return each.first->name == name; });
}

std::optional<std::string_view> CommandLine::value(std::string_view name) const {
  const auto all = values(name);
  if (all.empty()) return std::nullopt;
  return all.back();
}

std::vector<std::string_view> CommandLine::values(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const auto& [argument, value] : given_) {
    if (argument->name == name) all.push_back(value);
  }
  return all;
}

std::variant<CommandLine, CommandLineEnd> parse_command_line(const CommandTable& table,
                                                             std::span<const Word> words) {
  return Parser(table, words).run();
}

Task<std::vector<Word>> expand_files(FileSystem& files, std::vector<std::string> words) {
  std::vector<Word> all;
  std::size_t files_read = 0;
  for (std::string& each : words) all.push_back({.text = std::move(each)});
  for (std::size_t at = 0; at < all.size(); ++at) {
    const std::string path = all[at].text.starts_with('@') ? all[at].text.substr(1) : std::string();
    if (path.empty()) continue;
    const Result<Slice> text = co_await read_whole_file(files, path, kLargestWordFile);
    if (!text.ok() || all.size() > kMostWords || ++files_read > kMostWordFiles) {
      all[at].is_unreadable = true;
      continue;
    }
    std::vector<Word> lines;
    for (std::string& line : lines_of(text->as_string_view())) {
      lines.push_back({.text = std::move(line), .from_file = true});
    }
    const auto place = all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    all.insert(place, std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
    --at;  // what came in may name a file itself
  }
  co_return all;
}

}  // namespace ottla::cli
