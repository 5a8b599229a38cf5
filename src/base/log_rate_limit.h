// At most N lines of one call-site in one interval; the line after the silence tells how many are missing.
//
// Concurrency: confined to one shard.
// Memory:      fixed; when more call-sites are busy than fit, the longest idle one starts afresh.
// Clock:       wall time that may jump: a step back opens a new interval.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ottla {

struct LogRateLimit {
  std::uint32_t lines = 0;  // 0: no limit
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
};

class LogRateLimiter {
 public:
  struct Verdict {
    bool admitted;
    std::uint32_t suppressed_before;  // lines held back since the last admitted one
  };

  explicit LogRateLimiter(LogRateLimit limit) : limit_(limit) {}

  Verdict admit(std::uint64_t site, std::int64_t now_ns);

  // All lines ever held back.
  std::uint64_t suppressed() const { return suppressed_; }

 private:
  static constexpr std::size_t kSets = 256;

  struct Entry {
    std::uint64_t site = 0;  // 0: free
    std::int64_t start_ns = 0;
    std::uint32_t lines = 0;
    std::uint32_t suppressed = 0;
  };
  Entry& entry_of(std::uint64_t site);

  LogRateLimit limit_;
  std::uint64_t suppressed_ = 0;
  std::array<std::array<Entry, 2>, kSets> sets_;
};

}  // namespace ottla
