// A command line of a tool with commands, read by the rules of the reference's parser (argparse4j).
//
// Rules:  --name value, --name=value, -n value, -nvalue, -n=value; -abc is -a -b -c; a name may be cut short while it
//         stays the only one, and so may a command. A word that begins with a dash is no value, unless it is a whole
//         number. Behind "--" nothing is an option. A word @FILE stands for the lines of that file.
// Errors: an end of the tool, with what it prints: the usage and what was wrong, in the reference's words.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cli/arguments/argument_table.h"
#include "runtime/task.h"

namespace ottla {
class FileSystem;
}

namespace ottla::cli {

// One word, and where it came from.
struct Word {
  std::string text;
  bool from_file = false;
  bool is_unreadable = false;  // @FILE, which could not be read
};

// What a command line said. Refers to the table; owns its texts.
class CommandLine {
 public:
  explicit CommandLine(const Command& command) : command_(&command) {}

  const Command& command() const { return *command_; }
  bool has(std::string_view name) const;
  // The last one; nothing when it was not given.
  std::optional<std::string_view> value(std::string_view name) const;
  // In the order in which they were given.
  std::vector<std::string_view> values(std::string_view name) const;

  // For the parser.
  void add(const CommandArgument& argument, std::string value) {
    given_.emplace_back(&argument, std::move(value));
  }

 private:
  const Command* command_;
  std::vector<std::pair<const CommandArgument*, std::string>> given_;
};

// What ends a tool before it does anything.
struct CommandLineEnd {
  std::string out = {};
  std::string err = {};
  int code = 1;
};

std::variant<CommandLine, CommandLineEnd> parse_command_line(const CommandTable& table,
                                                             std::span<const Word> words);

// With all files in place of the words that name them.
Task<std::vector<Word>> expand_files(FileSystem& files, std::vector<std::string> words);

}  // namespace ottla::cli
