// Formats a directory, and tells what is in one.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "metadata/image.h"
#include "runtime/task.h"

namespace ottla::exchange {

Task<Result<void>> format_directory(std::vector<std::string> words);
// Reads the log without being a member of any quorum. The directory should be a copy: opening mends it.
Task<Result<void>> show_directory(std::string directory);

void print_image(const metadata::MetadataImage& image);

}  // namespace ottla::exchange
