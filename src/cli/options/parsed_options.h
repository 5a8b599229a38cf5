// What a command line said, by the names of the tool's table.
//
// Lifetime:    refers to the table; owns its texts.
// Concurrency: a value.
// Invariants:  every name that is asked for stands in the table, or is "help" or "version".
// Errors:      invalid_argument: several values where one is wanted, a number that is none. The text is the
//              reference's own, since scripts look for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/options/option_table.h"

namespace ottla::cli {

class ParsedOptions {
 public:
  explicit ParsedOptions(const OptionTable& table) : table_(&table) {}

  // Whether it was given, with or without an argument.
  bool has(std::string_view name) const;
  // In the order in which they were given; its fallback, if it has one, when there are none.
  std::vector<std::string_view> values(std::string_view name) const;
  // Its only value; nothing but an empty text when it has neither a value nor a fallback.
  Result<std::string_view> value(std::string_view name) const;
  // The same as a number of Java's type Integer or Long.
  Result<std::int32_t> int32(std::string_view name) const;
  Result<std::int64_t> int64(std::string_view name) const;
  // What was neither an option nor an argument of one.
  const std::vector<std::string>& operands() const { return operands_; }

  // For the parser.
  void add(const Option& option) { seen_.push_back(&option); }
  void add(const Option& option, std::string_view argument);
  void add_operand(std::string_view word) { operands_.emplace_back(word); }

 private:
  const Option& option(std::string_view name) const;

  const OptionTable* table_;
  std::vector<const Option*> seen_;
  std::vector<std::pair<const Option*, std::string>> values_;
  std::vector<std::string> operands_;
};

// The option of that exact name or alias in the table, or one of the two that all tables have; null if there is none.
const Option* find_option(const OptionTable& table, std::string_view name);

}  // namespace ottla::cli
