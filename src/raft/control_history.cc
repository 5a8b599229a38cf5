#include "raft/control_history.h"

#include <iterator>
#include <variant>

namespace ottla::raft {
namespace {

template <typename Value>
const Value* at_or_before(const std::map<Offset, Value>& history, Offset offset) {
  const auto above = history.upper_bound(offset);
  return above == history.begin() ? nullptr : &std::prev(above)->second;
}

template <typename Value>
void drop_old(std::map<Offset, Value>& history, Offset start) {
  const auto above = history.upper_bound(start);
  if (above != history.begin()) history.erase(history.begin(), std::prev(above));
}

}  // namespace

std::optional<Offset> ControlHistory::voters_offset() const {
  return voters_.empty() ? std::nullopt : std::optional(voters_.rbegin()->first);
}

std::int16_t ControlHistory::kraft_version_at(Offset offset) const {
  const std::int16_t* version = at_or_before(versions_, offset);
  return version == nullptr ? kStaticVoters : *version;
}

std::optional<VoterSet> ControlHistory::voters_at(Offset offset) const {
  const VoterSet* voters = at_or_before(voters_, offset);
  return voters == nullptr ? std::nullopt : std::optional(*voters);
}

void ControlHistory::add(const ControlEntry& entry) {
  if (const auto* change = std::get_if<KRaftVersionChange>(&entry.record)) {
    versions_[entry.offset] = change->version;
  } else if (const auto* voters = std::get_if<VotersChange>(&entry.record)) {
    voters_[entry.offset] = voters->voters;
  }
}

void ControlHistory::truncate_to(Offset end) {
  versions_.erase(versions_.lower_bound(end), versions_.end());
  voters_.erase(voters_.lower_bound(end), voters_.end());
}

void ControlHistory::begin_at(Offset start) {
  drop_old(versions_, start);
  drop_old(voters_, start);
}

void ControlHistory::clear() {
  versions_.clear();
  voters_.clear();
}

}  // namespace ottla::raft
