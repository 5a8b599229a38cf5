// What a tool says of itself: its options, the version, and what was wrong with its command line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/options/option_table.h"
#include "cli/options/parsed_options.h"

namespace ottla::cli {

// All options in alphabetical order, one paragraph each.
std::string usage(const OptionTable& table);

// What ends a tool before it does anything.
struct EarlyEnd {
  std::string out;  // for standard output
  std::string err;  // for standard error
  int code = 1;
};
// As the reference's tools: --help, and a command line without a word, print the usage and fail; --version succeeds;
// so does what lacks one of `required`, by name. Nothing when the tool may begin.
std::optional<EarlyEnd> early_end(const OptionTable& table, const ParsedOptions& parsed, bool any_words,
                                  std::span<const std::string_view> required);

}  // namespace ottla::cli
