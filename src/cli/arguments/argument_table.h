// What a tool with commands may be told on its command line, as a table: `storage format --config …`.
//
// Beside options/, which follows the reference's other parser: some of its tools use one, some the other, and they
// differ in abbreviations, errors and exit codes.
//
// Use:         constexpr std::array kFormat = {Argument{.name = "config", .letter = 'c', .kind = …}};
//              constexpr std::array kCommands = {Command{.name = "format", .meaning = "…", .arguments = kFormat}};
//              constexpr CommandTable kTable = {.program = "kafka-storage", .purpose = "…", .commands = kCommands};
// Lifetime:    tables are constants of the program.
// Invariants:  names and letters of one command differ; --help and -h belong to every command and stand in none.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ottla::cli {

enum class ArgumentKind : std::uint8_t {
  flag,
  value,   // of several the last one counts
  values,  // all of them
};

// At most one of those that are not `no` may be given.
enum class Excludes : std::uint8_t { no, its_kind };

struct CommandArgument {
  std::string_view name;  // without dashes
  char letter;
  ArgumentKind kind = ArgumentKind::value;
  std::string_view meaning = {};
  bool required = false;
  Excludes excludes = Excludes::no;
};

struct Command {
  std::string_view name;
  std::string_view meaning;
  std::span<const CommandArgument> arguments;
};

struct CommandTable {
  std::string_view program;  // as the reference calls it: scripts look for it in errors
  std::string_view purpose;
  std::span<const Command> commands;
};

}  // namespace ottla::cli
