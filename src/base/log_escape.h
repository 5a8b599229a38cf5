// The two ways in which untrusted bytes become part of a log line.
//
// Invariants: the output is valid UTF-8 without control characters, line ends, quotes that end a string, or
//             characters that turn the direction of text; quotes around it are the caller's
#pragma once

#include <string>
#include <string_view>

namespace ottla {

void append_escaped_text(std::string& out, std::string_view bytes);  // bad UTF-8 shows as \xNN
void append_escaped_json(std::string& out, std::string_view bytes);  // bad UTF-8 shows as U+FFFD

}  // namespace ottla
