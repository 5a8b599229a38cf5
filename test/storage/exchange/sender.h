// Goes on producing to what we wrote, on the running node that serves it: with the sequences that come next, with the
// last batch once more, and with sequences that must not come.
//
// Lifetime:    for the call.
// Concurrency: confined to the current shard.
// Errors:      those of the connection.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::exchange {

// Prints what the node answers, one line a batch: "ours 5 next 0 189": topic, partition, what was sent, the error and
// the offset.
Task<Result<void>> send_more(std::string host, std::uint16_t port, Cancel cancel);

}  // namespace ottla::exchange
