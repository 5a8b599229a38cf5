// What a tool with commands says of itself.
#pragma once

#include <string>

#include "cli/arguments/argument_table.h"

namespace ottla::cli {

// The lines that begin with "usage:", as the reference breaks them.
std::string usage_of(const CommandTable& table);
std::string usage_of(const CommandTable& table, const Command& command);

// For --help: the usage, and what everything means.
std::string help_of(const CommandTable& table);
std::string help_of(const CommandTable& table, const Command& command);

// --config/-c, as errors name it.
std::string shown_name(const CommandArgument& argument);

}  // namespace ottla::cli
