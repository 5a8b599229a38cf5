#include "base/log_rate_limit.h"

namespace ottla {

LogRateLimiter::Entry& LogRateLimiter::entry_of(std::uint64_t site) {
  auto& [first, second] = sets_[site % kSets];
  if (first.site == site) return first;
  if (second.site == site) return second;
  Entry& victim = first.start_ns <= second.start_ns ? first : second;
  victim = Entry{.site = site};
  return victim;
}

LogRateLimiter::Verdict LogRateLimiter::admit(std::uint64_t site, std::int64_t now_ns) {
  if (limit_.lines == 0) return {true, 0};
  Entry& entry = entry_of(site);
  const bool fresh = entry.lines == 0;
  if (fresh || now_ns < entry.start_ns || now_ns - entry.start_ns >= limit_.interval.count()) {
    const std::uint32_t missing = entry.suppressed;
    entry = Entry{.site = site, .start_ns = now_ns, .lines = 1};
    return {true, missing};
  }
  if (entry.lines < limit_.lines) {
    ++entry.lines;
    return {true, 0};
  }
  if (entry.suppressed < UINT32_MAX) ++entry.suppressed;
  ++suppressed_;
  return {false, 0};
}

}  // namespace ottla
