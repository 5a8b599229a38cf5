// The text format of java.util.Properties: comments, escapes, lines that go on.
//
// Lifetime: what is read is copied; escapes have been replaced.
// Errors:   malformed, for an escape of a character that is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ottla::config {

struct Property {
  std::string key;
  std::string value;
  std::size_t line = 0;  // where it begins; the first is 1
};

// In the order of the file; of a key that stands there twice the last value counts. Characters beyond ASCII are taken
// as they stand, and an escape gives UTF-8. `path` is for messages.
Result<std::vector<Property>> parse_properties(std::string_view text, std::string_view path);

// As Java stores them: an empty comment, the time, and a line a property in the order given.
std::string encode_properties(const std::vector<Property>& properties, std::int64_t unix_seconds);

}  // namespace ottla::config
