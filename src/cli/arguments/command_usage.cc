#include "cli/arguments/command_usage.h"

#include <fmt/format.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments/argument_table.h"

namespace ottla::cli {
namespace {

constexpr std::size_t kWidth = 75;
constexpr std::size_t kMeaningColumn = 25;

std::string placeholder_of(const CommandArgument& argument) {
  std::string text(argument.name);
  for (char& each : text) {
    if (each == '-') each = '_';
    if (each >= 'a' && each <= 'z') each = static_cast<char>(each - 'a' + 'A');
  }
  return text;
}

std::string form_of(const CommandArgument& argument) {
  if (argument.kind == ArgumentKind::flag) return fmt::format("--{}", argument.name);
  return fmt::format("--{} {}", argument.name, placeholder_of(argument));
}

// Pieces that are not broken, with blanks or new lines between.
std::string wrapped(std::string line, std::size_t indent, std::span<const std::string> pieces) {
  std::string text;
  for (const std::string& piece : pieces) {
    if (line.size() + 1 + piece.size() > kWidth) {
      text += line + "\n";
      line = std::string(indent - 1, ' ');
    }
    line += " " + piece;
  }
  return text + line + "\n";
}

std::string choices_of(const CommandTable& table) {
  std::string all;
  for (const Command& each : table.commands) all += (all.empty() ? "" : ",") + std::string(each.name);
  return "{" + all + "}";
}

std::string start_of_usage(const CommandTable& table) {
  return fmt::format("usage: {}", table.program);
}

// A term, and behind it or below it what it means.
std::string entry(std::string term, std::string_view meaning) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < meaning.size();) {
    const std::size_t end = std::min(meaning.find(' ', at), meaning.size());
    words.emplace_back(meaning.substr(at, end - at));
    at = end + 1;
  }
  std::string text;
  if (term.size() + 2 > kMeaningColumn) {
    text = term + "\n";
    term.clear();
  }
  term.resize(kMeaningColumn - 1, ' ');
  return text + wrapped(std::move(term), kMeaningColumn, words);
}

}  // namespace

std::string shown_name(const CommandArgument& argument) {
  return fmt::format("--{}/-{}", argument.name, argument.letter);
}

std::string usage_of(const CommandTable& table) {
  const std::string start = start_of_usage(table);
  const std::string pieces[] = {"[-h]", choices_of(table), "..."};
  return wrapped(start, start.size() + 1, pieces);
}

std::string usage_of(const CommandTable& table, const Command& command) {
  std::vector<std::string> pieces = {"[-h]"};
  std::vector<std::string> group;
  for (const CommandArgument& each : command.arguments) {
    if (each.excludes == Excludes::its_kind) {
      group.push_back(form_of(each));
    } else {
      pieces.push_back(each.required ? form_of(each) : fmt::format("[{}]", form_of(each)));
    }
  }
  for (std::size_t at = 0; at < group.size(); ++at) {
    pieces.push_back(
        fmt::format("{}{}{}", at == 0 ? "[" : "", group[at], at + 1 == group.size() ? "]" : " |"));
  }
  const std::string start = start_of_usage(table);
  return wrapped(fmt::format("{} {}", start, command.name), start.size() + 1, pieces);
}

std::string help_of(const CommandTable& table) {
  std::string text = fmt::format("{}\n{}\n\npositional arguments:\n  {}\n", usage_of(table), table.purpose,
                                 choices_of(table));
  for (const Command& each : table.commands) text += entry(fmt::format("    {}", each.name), each.meaning);
  return text + "\noptional arguments:\n" + entry("  -h, --help", "Print this text and end.");
}

std::string help_of(const CommandTable& table, const Command& command) {
  std::string text = usage_of(table, command) + "\noptional arguments:\n" +
                     entry("  -h, --help", "Print this text and end.");
  for (const CommandArgument& each : command.arguments) {
    const std::string value = each.kind == ArgumentKind::flag ? "" : " " + placeholder_of(each);
    text += entry(fmt::format("  --{}{}, -{}{}", each.name, value, each.letter, value), each.meaning);
  }
  return text;
}

}  // namespace ottla::cli
