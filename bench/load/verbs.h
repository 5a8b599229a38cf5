// What the load generator does for each verb. Each gives one line of JSON.
#pragma once

#include <string>
#include <string_view>

#include "bench/load/arguments.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::bench {

bool is_verb(std::string_view name);
Task<std::string> run_verb(const Arguments& arguments, Cancel cancel);

}  // namespace ottla::bench
