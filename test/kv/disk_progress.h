// What of a replica is on its disk, what is on the way there, and what waits for that.
//
// One write is in flight at a time: take() hands out what is new, done() tells that it is durable.
//
// Invariants: 1. durable() <= queued_ <= the log's last index
//             2. durable() and saved_ballot() tell only of writes that have ended
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/invariant.h"
#include "test/kv/ballot.h"
#include "test/kv/entry_log.h"
#include "test/kv/plant.h"

namespace ottla::kv {

// What must be on the disk next, in this order: no entry lies there before the ballot of its term.
struct Persist {
  std::optional<Ballot> ballot;
  std::optional<Index> truncate;  // keep so many entries
  std::vector<Entry> entries;     // then append these
};

class DiskProgress {
 public:
  DiskProgress(Index durable, Ballot saved, Plant plant)
      : plant_(plant), saved_ballot_(saved), durable_(durable), queued_(durable) {}

  Index durable() const { return durable_; }
  Index queued() const { return queued_; }
  const Ballot& saved_ballot() const { return saved_ballot_; }
  bool busy() const { return in_flight_.has_value(); }
  // Work for take(), were nothing in flight.
  bool dirty(const EntryLog& log, const std::optional<Ballot>& ballot) const {
    return cut_ || queued_ < log.last_index() || (ballot && *ballot != saved_ballot_);
  }
  // What is unsaved now will be saved when the write with this number has ended.
  std::uint64_t next_ticket() const { return tickets_ + 1; }
  std::uint64_t last_ticket() const { return tickets_; }

  // The log now ends at `last`; what lies behind must leave the file too.
  void truncated(Index last) {
    if (last < queued_) cut_ = std::min(last, cut_.value_or(last));
    queued_ = std::min(queued_, last);
    durable_ = std::min(durable_, last);
    if (in_flight_) in_flight_->last = std::min(in_flight_->last, last);
  }

  Persist take(const EntryLog& log, const std::optional<Ballot>& ballot) {
    OTTLA_INVARIANT(!in_flight_, "two writes at a time", queued_);
    Persist next;
    next.truncate = std::exchange(cut_, std::nullopt);
    const auto fresh = log.from(queued_ + 1, log.last_index());
    next.entries.assign(fresh.begin(), fresh.end());
    queued_ = log.last_index();
    const bool save = ballot && *ballot != saved_ballot_;
    if (save && plant_ != Plant::vote_not_persisted) next.ballot = ballot;
    in_flight_ = InFlight{queued_, save ? *ballot : saved_ballot_};
    ++tickets_;
    if (plant_ == Plant::reply_before_sync) durable_ = queued_;
    return next;
  }
  void done() {
    OTTLA_INVARIANT(in_flight_, "a write ended that never began");
    durable_ = std::max(durable_, in_flight_->last);
    saved_ballot_ = in_flight_->ballot;
    in_flight_.reset();
  }

 private:
  struct InFlight {
    Index last;
    Ballot ballot;
  };

  Plant plant_;
  Ballot saved_ballot_;
  Index durable_;             // falls only with truncated()
  Index queued_;              // entries up to here were handed out
  std::optional<Index> cut_;  // where the file must end before the next append
  std::optional<InFlight> in_flight_;
  std::uint64_t tickets_ = 0;  // writes handed out
};

}  // namespace ottla::kv
