// Writes our logs into two log directories of a stopped node of the reference, which has made their topics: one as after
// a clean stop, the other as after a crash.
//
// Lifetime:    for the call.
// Concurrency: confined to the current shard.
// Errors:      those of the disk and of appends.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/task.h"

namespace ottla::exchange {

// Partitions 0 and following of the topics "ours" and "ours-appended" lie in `clean`; the others in `crashed`, which
// has no identity yet.
Task<Result<void>> write_directories(std::string clean, std::string crashed);

// The same stories as directories by their names, closed in order, and what each tells beside it ("gaps.facts").
Task<Result<void>> write_corpus(std::string folder);

}  // namespace ottla::exchange
