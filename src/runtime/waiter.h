// A suspended coroutine, linked into whatever it waits for, then into its shard's run queue.
//
// Lifetime:   lives in an awaiter, so in the frame that waits: when the frame dies, it leaves every list.
// Invariants: a Waiter is in one list at a time.
#pragma once

#include <coroutine>
#include <cstdint>

#include "base/intrusive_list.h"

namespace ottla {

enum class Priority : std::uint8_t { foreground, background };

struct Waiter : ListHook<> {
  std::coroutine_handle<> handle;
  Priority priority = Priority::foreground;  // of the work that waits; set when it suspends
};

using WaiterList = IntrusiveList<Waiter>;

}  // namespace ottla
