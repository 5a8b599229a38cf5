// An event that somebody waits for no longer than so long.
//
// Use:         const Result<void> changed = co_await wait_at_most(changed_, seconds(10), cancel);
// Concurrency: confined to the event's shard.
// Errors:      timed_out; cancelled.
#pragma once

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "runtime/when.h"

namespace ottla {

// `event` outlives the call.
inline Task<Result<void>> wait_at_most(Event& event, Duration patience, Cancel cancel) {
  return with_timeout(patience, cancel,
                      [&event](Cancel inner) -> Task<Result<void>> { co_return co_await event.wait(inner); });
}

}  // namespace ottla
