// On which shard a connection would be served best: where the partitions of most of its requests are. Pure.
//
// Use:         pull.note(shard, here, now) for each request about partitions;   … if (pull.wanted()) leave …
//              then arrived(now), or refused(now) when that shard did not take it.
// Invariants:  1. wanted() is never the shard that was here when it was noted last
//              2. after each move or refusal it takes twice as many requests until the next wish, up to a limit; a
//                 connection that stays where its partitions are is soon as quick to follow as a new one
//              3. two wishes lie kLeastBetween apart
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "runtime/clock.h"
#include "runtime/shard.h"

namespace ottla::server {

class ShardPull {
 public:
  static constexpr Duration kLeastBetween = std::chrono::milliseconds(250);
  static constexpr std::uint32_t kMostPatience = 64;  // times `requests`

  // `requests`: how many tell where most of them go; 0: the connection stays where it is.
  explicit ShardPull(std::uint32_t requests) : requests_(requests), needed_(requests) {}

  // One more request: about partitions of that shard alone, or, when there is none, of several.
  void note(std::optional<ShardId> shard, ShardId here, Instant now) {
    if (requests_ == 0 || wanted_) return;
    if (seen_++ == 0) {
      first_ = shard;
      of_first_ = 0;
    }
    if (shard && shard == first_) ++of_first_;
    if (seen_ < needed_) return;
    // Most are seven of eight.
    const bool most = first_ && std::uint64_t{of_first_} * 8 >= std::uint64_t{seen_} * 7;
    seen_ = 0;
    if (!most) return;
    if (first_ == here) {
      needed_ = std::max(needed_ / 2, requests_);
    } else if (now >= not_before_) {
      wanted_ = first_;
    }
  }
  std::optional<ShardId> wanted() const { return wanted_; }

  void arrived(Instant now) { settle(now); }
  void refused(Instant now) { settle(now); }
  // No shard can have it.
  void give_up() {
    wanted_.reset();
    requests_ = 0;
  }

 private:
  void settle(Instant now) {
    wanted_.reset();
    not_before_ = now + kLeastBetween;
    needed_ = std::min(needed_ * 2, requests_ * kMostPatience);
  }

  std::uint32_t requests_;
  std::uint32_t needed_;  // until most of them are looked for
  std::uint32_t seen_ = 0;
  std::uint32_t of_first_ = 0;    // of those seen
  std::optional<ShardId> first_;  // of the first one seen
  std::optional<ShardId> wanted_;
  Instant not_before_{};
};

}  // namespace ottla::server
