// Reads a command line as the reference's tools do (the rules of jopt-simple).
//
// Rules:  --name value, --name=value; -name too, and -n; -abc is -a -b -c, or -a with the argument "bc". A single
//         dash, and words that no option takes, are operands; so is all behind "--". An option without an argument
//         passes over one that is given with "=". Options may stand anywhere and be repeated.
// Errors: invalid_argument: an unknown option, a missing argument; with the reference's own text.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"

namespace ottla::cli {

// `table` outlives what is returned.
Result<ParsedOptions> parse_options(const OptionTable& table, std::span<const std::string> words);

}  // namespace ottla::cli
