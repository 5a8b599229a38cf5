// Opens the logs of a list and writes what they tell into files: what java/Tell.java does with the reference's class.
//
// Lifetime:    for the call.
// Concurrency: confined to the current shard.
// Errors:      of the list; what is wrong with a log goes into its file as "failed …".
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/task.h"

namespace ottla::exchange {

// A line of the list, its words apart by tabs: how the log was left ("clean" or "crash"), index.interval.bytes, log
// start, recovery point, directory, the file for the facts, and cleanup.policy.
Task<Result<void>> tell_list(std::string path);

}  // namespace ottla::exchange
