// Whether two JSON texts tell the same: order of members and spelling of numbers and letters do not matter.
#pragma once

#include <string>
#include <string_view>

namespace ottla::golden {

// The path of the first place where they differ, and how; empty when there is none.
std::string json_difference(std::string_view expected, std::string_view actual);

}  // namespace ottla::golden
