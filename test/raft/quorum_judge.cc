#include "test/raft/quorum_judge.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <variant>

namespace ottla::raft {
namespace {

constexpr std::array<const char*, 6> kRoles = {"unattached", "prospective", "candidate",
                                               "leader",     "follower",    "resigned"};
enum RoleIndex : std::size_t { kUnattached, kProspective, kCandidate, kLeader, kFollower, kResigned };

// Within one input several steps may be taken; so only what can never be reached is illegal.
bool may_follow(std::size_t before, std::size_t after, bool new_epoch) {
  if (before == after || new_epoch) return true;
  if (before == kLeader) return after == kResigned;
  if (before == kResigned) return false;
  return after != kResigned && !(before == kFollower && after == kLeader);
}

std::optional<LeaderEpoch> epoch_behind(const Request& request) {
  const auto* vote = std::get_if<VoteRequest>(&request.body);
  if (vote != nullptr) return vote->epoch;
  if (const auto* begin = std::get_if<BeginEpochRequest>(&request.body)) return begin->epoch;
  if (const auto* end = std::get_if<EndEpochRequest>(&request.body)) return end->epoch;
  if (const auto* fetch = std::get_if<FetchRequest>(&request.body)) return fetch->epoch;
  return std::nullopt;
}

}  // namespace

void QuorumJudge::fail(const Core& core, const std::string& what) {
  violation_("replica " + core.self().to_string() + " in epoch " + core.epoch().to_string() + ": " + what);
}

void QuorumJudge::started(const Core& core) {
  seen_[core.self()] = Seen{core.role().index(), core.epoch(), core.log().start(), {}};
  const auto promise = promises_.find(core.self());
  if (promise == promises_.end()) return;
  const auto& [epoch, candidate] = promise->second;
  const ElectionState& known = core.election();
  const bool same = known.epoch == epoch && known.leader == kNoNode;
  if (known.epoch < epoch || (same && (!known.voted || !known.voted->covers(candidate)))) {
    fail(core, "K2: it forgot its vote for " + candidate.to_string() + " in epoch " + epoch.to_string());
  }
}

void QuorumJudge::promise(const Core& core, const ReplicaKey& candidate) {
  const auto [promise, first] = promises_.try_emplace(core.self(), core.epoch(), candidate);
  if (!first && promise->second.first == core.epoch() && promise->second.second != candidate) {
    fail(core,
         "K2: it votes for " + promise->second.second.to_string() + " and for " + candidate.to_string());
  }
  promise->second = {core.epoch(), candidate};
}

void QuorumJudge::watch(const Core& core, const Decisions& decided) {
  Seen& seen = seen_[core.self()];
  check_steps(core, decided, seen);
  check_role(core, seen);
  check_leader(core);
  check_committed(core, seen);
}

void QuorumJudge::check_role(const Core& core, Seen& seen) {
  const std::size_t role = core.role().index();
  const bool new_epoch = core.epoch() != seen.epoch;
  if (core.epoch() < seen.epoch) fail(core, "an epoch went back from " + seen.epoch.to_string());
  if (!may_follow(seen.role, role, new_epoch)) {
    fail(core, std::string("K10: ") + kRoles[role] + " after " + kRoles[seen.role]);
  }
  const bool stands = role == kProspective || role == kCandidate;
  if (stands && (seen.role != role || new_epoch) && !core.is_voter())
    fail(core, "K10: an observer stands for election");
  if (role == kLeader && (seen.role != kLeader || new_epoch)) {
    const auto [leader, first] = leaders_.emplace(core.epoch(), core.self());
    if (!first && leader->second != core.self()) {
      fail(core, "K1: " + leader->second.to_string() + " leads in this epoch too");
    }
    if (core.log().end() < acknowledged_) {
      fail(core, "K6: it leads with a log that ends at " + core.log().end().to_string() + ", and all below " +
                     acknowledged_.to_string() + " was acknowledged");
    } else if (acknowledged_ > core.log().start()) {
      const Offset last = acknowledged_ - 1;
      const LeaderEpoch epoch = agreed_[static_cast<std::size_t>(last.raw())].epoch;
      if (core.log().epoch_at(last) != epoch) fail(core, "K6: it leads without acknowledged records");
    }
  }
  seen.role = role;
  seen.epoch = core.epoch();
}

void QuorumJudge::check_leader(const Core& core) {
  const auto* leader = std::get_if<Leader>(&core.role());
  if (leader == nullptr) return;
  const std::optional<Offset> committed = leader->replication.high_watermark();
  if (!committed) return;
  const Offset last = *committed - 1;
  if (core.log().epoch_at(last) != core.epoch()) fail(core, "K3: it shows what only older epochs committed");
}

void QuorumJudge::check_steps(const Core& core, const Decisions& decided, Seen& seen) {
  for (const DiskStep& step : decided.steps) {
    if (const auto* append = std::get_if<AppendToLog>(&step)) {
      for (const Batch& batch : append->batches) {
        seen.decided[batch.base] = batch;
        check_voters(core, batch);
      }
    } else if (const auto* cut = std::get_if<TruncateLog>(&step)) {
      if (cut->end < seen.committed)
        fail(core, "K5: it cuts off what is committed, at " + cut->end.to_string());
      seen.decided.erase(seen.decided.lower_bound(cut->end), seen.decided.end());
    } else if (const auto* restart = std::get_if<RestartLog>(&step)) {
      if (restart->snapshot.offset < seen.committed) fail(core, "K5: a snapshot takes it back");
      seen.decided.clear();
      seen.committed = std::max(seen.committed, restart->snapshot.offset);
    }
  }
}

void QuorumJudge::check_voters(const Core& core, const Batch& batch) {
  for (const ControlEntry& entry : batch.control) {
    if (const auto* change = std::get_if<LeaderChange>(&entry.record)) {
      for (const NodeId voter : change->granting) {
        if (std::ranges::find(change->voters, voter) == change->voters.end()) {
          fail(core, "K10: a vote of " + voter.to_string() + " counted, which is no voter");
        }
      }
    }
    const auto* voters = std::get_if<VotersChange>(&entry.record);
    if (voters == nullptr || !core.leading() || batch.epoch != core.epoch()) continue;
    ++voter_changes_;
    if (core.history().kraft_version_at(batch.base - 1) < kDynamicVoters) continue;
    const std::optional<VoterSet> before = core.history().voters_at(entry.offset - 1);
    if (before && !before->overlaps(voters->voters)) {
      fail(core, "K8: voters change from " + before->to_string() + " to " + voters->voters.to_string());
    }
  }
}

void QuorumJudge::check_committed(const Core& core, Seen& seen) {
  if (core.committed() < seen.committed) fail(core, "K5: its high watermark went back");
  if (core.leading() && core.committed() > seen.committed && !on_majority(core, core.committed() - 1)) {
    fail(core, "K4: a majority does not hold durably what it shows as committed, up to " +
                   core.committed().to_string());
  }
  const QuorumDisk* disk = disk_of_(core.self());
  while (seen.committed < core.committed()) {
    const Offset at = seen.committed;
    const auto above = seen.decided.upper_bound(at);
    const Batch* batch = nullptr;
    if (above != seen.decided.begin() && std::prev(above)->second.last >= at)
      batch = &std::prev(above)->second;
    if (batch == nullptr && disk != nullptr) batch = disk->find(at);
    if (batch == nullptr) {
      // It came with a snapshot.
      seen.committed = std::max(at + 1, std::min(core.committed(), core.log().start()));
      continue;
    }
    const Record record{batch->epoch, std::string(batch->bytes.as_string_view()), batch->base};
    for (Offset offset = batch->base; offset <= batch->last; offset += 1) {
      const auto index = static_cast<std::size_t>(offset.raw());
      if (index == agreed_.size()) agreed_.push_back(record);
      if (index < agreed_.size() && agreed_[index] != record) {
        return fail(core, "K5: it committed another record at " + offset.to_string() + " than others");
      }
    }
    seen.committed = batch->last + 1;
    seen.decided.erase(seen.decided.begin(), seen.decided.upper_bound(batch->base));
  }
}

bool QuorumJudge::on_majority(const Core& core, Offset last) const {
  std::size_t holders = 0;
  for (const VoterNode& voter : core.history().voters()) {
    const QuorumDisk* disk = disk_of_(voter.key);
    if (disk != nullptr && disk->holds_durably(last, core.log().epoch_at(last))) ++holders;
  }
  return holders >= core.history().voters().size() / 2 + 1;
}

void QuorumJudge::sends(const Core& core, const QuorumDisk& disk, const Request& request) {
  const std::optional<LeaderEpoch> epoch = epoch_behind(request);
  if (epoch && disk.election().epoch < *epoch) fail(core, "K2: it sends what rests on an unsaved epoch");
  const auto* vote = std::get_if<VoteRequest>(&request.body);
  if (vote != nullptr && !vote->pre_vote && disk.election().epoch == vote->epoch &&
      disk.election().leader == kNoNode && disk.election().voted != vote->candidate) {
    fail(core, "K2: it stands for an epoch in which its own vote is not saved");
  }
  if (vote != nullptr && !vote->pre_vote && vote->epoch == core.epoch()) promise(core, vote->candidate);
  const auto* fetch = std::get_if<FetchRequest>(&request.body);
  if (fetch != nullptr && core.is_voter() && fetch->end.offset > disk.synced_end()) {
    fail(core, "K4: a voter fetches behind what it has not synced");
  }
}

void QuorumJudge::answers(const Core& core, const QuorumDisk& disk, const Request& asked,
                          const Reply& reply) {
  if (reply.top == ErrorCode::none && disk.election().epoch < reply.epoch) {
    fail(core, "K2: it answers what rests on an unsaved epoch");
  }
  const auto* vote = std::get_if<VoteRequest>(&asked.body);
  const auto* given = std::get_if<VoteReply>(&reply.body);
  if (vote == nullptr || given == nullptr || !given->granted || vote->pre_vote) return;
  const ElectionState& saved = disk.election();
  if (saved.epoch == vote->epoch && (!saved.voted || !saved.voted->covers(vote->candidate))) {
    fail(core, "K2: it grants a vote that is not saved");
  }
  if (vote->epoch == core.epoch()) promise(core, vote->candidate);
}

}  // namespace ottla::raft
