// What a tool may be told on its command line, as a table.
//
// Use:         constexpr std::array kOptions = {Option{.name = "files", .argument = Argument::required, …}};
//              constexpr OptionTable kTable = {.tool = "dump-log", .purpose = "…", .options = kOptions};
// Lifetime:    tables are constants of the program.
// Concurrency: read by anyone.
// Invariants:  names and aliases of one table differ; --help and --version belong to every table and stand in none.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace ottla::cli {

enum class Argument : std::uint8_t {
  none,
  required,
  optional,  // what follows is taken, unless it looks like an option
};

struct Option {
  std::string_view name;  // without dashes
  std::string_view alias = {};
  Argument argument = Argument::none;
  std::string_view placeholder = {};  // what the argument is, for the usage text
  std::string_view meaning = {};      // for the usage text
  std::string_view fallback = {};     // its value when none is given
  char separator = '\0';              // one argument may hold several values, with this between them
};

inline constexpr Option kHelp = {.name = "help", .meaning = "Print this text."};
inline constexpr Option kVersion = {.name = "version", .meaning = "Print the version."};

// Some of the reference's tools know an option by its first letters, when no other begins with them; most do not.
enum class Abbreviations : std::uint8_t { refused, accepted };

struct OptionTable {
  std::string_view tool;     // dump-log
  std::string_view purpose;  // one or more lines of the usage text
  std::span<const Option> options;
  Abbreviations abbreviations = Abbreviations::refused;
};

}  // namespace ottla::cli
