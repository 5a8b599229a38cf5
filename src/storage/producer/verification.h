// Which producers' transactions are being verified with their coordinator, so that nothing is written to a transaction
// that the coordinator does not know (KIP-890).
//
// Before the first batch of a transaction is appended, the coordinator is asked. A guard ties its answer to the very
// question: a marker that comes between takes the guard away, and with it the right to append.
//
// Lifetime:    a VerificationGuards outlives all that draw from it.
// Concurrency: confined to the partition's shard; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/strong_id.h"

namespace ottla::storage {

using VerificationGuard = StrongId<struct VerificationGuardTag, std::uint64_t>;
// Guards nothing: what is not verified, and what need not be.
inline constexpr VerificationGuard kNoGuard(0);

// Guards that differ among all that were drawn. One a shard is enough: a partition's must differ, also from those of
// its log before it was opened again.
class VerificationGuards {
 public:
  explicit VerificationGuards(std::uint64_t first = 1) : next_(first) {}
  VerificationGuard draw() { return VerificationGuard(next_++); }

 private:
  std::uint64_t next_;
};

struct Verification {
  std::int64_t started_ms = 0;
  VerificationGuard guard = kNoGuard;
  // Of the batches that wait for it: nothing behind it may be written before it.
  std::int32_t lowest_sequence = 0;
  std::int16_t epoch = 0;
  // The producer raises its epoch with each transaction (transactions v2).
  bool raises_epoch = false;
};

class Verifications {
 public:
  explicit Verifications(VerificationGuards& guards) : guards_(&guards) {}

  // Begins one, or joins the one that goes on, whose guard stays.
  const Verification& begin(std::int64_t producer_id, std::int32_t sequence, std::int16_t epoch,
                            bool raises_epoch, std::int64_t now_ms);
  // Null when there is none.
  const Verification* find(std::int64_t producer_id) const;
  void end(std::int64_t producer_id) { all_.erase(producer_id); }
  // Those that began so long ago: nobody answered.
  void expire(std::int64_t now_ms, std::int64_t after_ms);

  std::size_t size() const { return all_.size(); }
  std::size_t memory_bytes() const;

 private:
  VerificationGuards* guards_;
  std::unordered_map<std::int64_t, Verification> all_;
};

}  // namespace ottla::storage
