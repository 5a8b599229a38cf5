// Members of a metadata quorum: one that is alone, one that only follows, one of several voters.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::exchange {

Task<Result<void>> use_directory(std::vector<std::string> words, Cancel cancel);
Task<Result<void>> observe(std::vector<std::string> words, Cancel cancel);
Task<Result<void>> vote(std::vector<std::string> words, Cancel cancel);

}  // namespace ottla::exchange
