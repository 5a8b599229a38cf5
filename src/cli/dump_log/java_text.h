// Bytes that need not be UTF-8, as Java turns them into text.
#pragma once

#include <string>
#include <string_view>

namespace ottla::cli {

// Each part of a sequence that could not go on, and each byte that begins none, becomes U+FFFD, as Java's decoder does.
void append_java_text(std::string& out, std::string_view bytes);

bool is_utf8(std::string_view bytes);

}  // namespace ottla::cli
