// Paths as the reference's tools print them.
#pragma once

#include <string>
#include <string_view>

namespace ottla::cli {

// No slash twice, none at the end.
std::string tidy_path(std::string_view path);

}  // namespace ottla::cli
