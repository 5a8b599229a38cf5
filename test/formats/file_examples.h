// Has our codecs read the example of a file and write it again.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ottla {

// `kind` as the pages name it. What was written, or why the bytes were refused.
Result<std::string> rewrite_file_example(std::string_view kind, std::string_view bytes);

}  // namespace ottla
