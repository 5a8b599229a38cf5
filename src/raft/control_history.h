// Who votes, and by which kraft.version, as the log says it: every control record counts from the moment in which
// it is appended, and stops to count when it is cut off.
//
// Lifetime:    a value.
// Concurrency: pure.
// Invariants:  offsets grow; what a snapshot says stands at its last offset, -1 for the bootstrap one
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "raft/log_batch.h"

namespace ottla::raft {

class ControlHistory {
 public:
  // The configured voters are in force until the log names others.
  explicit ControlHistory(VoterSet configured) : configured_(std::move(configured)) {}

  std::int16_t kraft_version() const {
    return versions_.empty() ? kStaticVoters : versions_.rbegin()->second;
  }
  const VoterSet& voters() const { return voters_.empty() ? configured_ : voters_.rbegin()->second; }
  // Of the record that names them; nothing when they are configured.
  std::optional<Offset> voters_offset() const;

  // As they were behind that record: what a snapshot which ends there has to say.
  std::int16_t kraft_version_at(Offset offset) const;
  std::optional<VoterSet> voters_at(Offset offset) const;

  void add(const ControlEntry& entry);
  void add_all(std::span<const ControlEntry> entries) {
    for (const ControlEntry& entry : entries) add(entry);
  }
  // The log ends here now.
  void truncate_to(Offset end);
  // The log begins here now; the last word before it stays.
  void begin_at(Offset start);
  void clear();

 private:
  VoterSet configured_;
  std::map<Offset, std::int16_t> versions_;
  std::map<Offset, VoterSet> voters_;
};

}  // namespace ottla::raft
