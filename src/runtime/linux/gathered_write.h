// Chains in memory, written one behind the other with as few system calls as IOV_MAX allows.
//
// Concurrency: any thread; only reads the chains, and neither takes nor gives back claims.
// Errors:      partial writes are continued, interrupted ones repeated; whatever else ends it.
#pragma once

#include <cstdint>
#include <span>

#include "base/chain.h"
#include "runtime/linux/system_calls.h"

namespace ottla {

// Pieces that one system call takes (IOV_MAX).
inline constexpr std::size_t kMaxWriteVectors = 1024;

struct WriteOutcome {
  std::uint64_t written = 0;
  int error = 0;  // an errno; 0 when everything was written
};

WriteOutcome write_chains(SystemCalls& calls, int fd, std::uint64_t offset,
                          std::span<const Chain* const> chains);

}  // namespace ottla
