#include "raft/voter_set.h"

#include <algorithm>
#include <utility>

namespace ottla::raft {
namespace {

NodeId node_of(const VoterNode& voter) {
  return voter.key.id;
}

}  // namespace

std::string ReplicaKey::to_string() const {
  std::string text = id.to_string();
  if (has_directory()) text += ":" + directory.to_string();
  return text;
}

VoterSet::VoterSet(std::vector<VoterNode> voters) {
  for (VoterNode& voter : voters) {
    const auto place = std::ranges::lower_bound(voters_, voter.key.id, {}, node_of);
    if (place != voters_.end() && place->key.id == voter.key.id) continue;
    voters_.insert(place, std::move(voter));
  }
}

const VoterNode* VoterSet::find(NodeId node) const {
  for (const VoterNode& voter : voters_) {
    if (voter.key.id == node) return &voter;
  }
  return nullptr;
}

bool VoterSet::is_voter(const ReplicaKey& replica) const {
  const VoterNode* voter = find(replica.id);
  return voter != nullptr && voter->key.covers(replica);
}

Endpoints VoterSet::endpoints(NodeId node) const {
  const VoterNode* voter = find(node);
  return voter == nullptr ? Endpoints() : voter->endpoints;
}

bool VoterSet::needs_update(const VoterNode& voter) const {
  const VoterNode* known = find(voter.key.id);
  return known != nullptr && known->key.covers(voter.key) && *known != voter;
}

bool VoterSet::supports(std::int16_t kraft_version) const {
  return std::ranges::all_of(
      voters_, [&](const VoterNode& voter) { return voter.kraft_versions.contains(kraft_version); });
}

bool VoterSet::knows_all_directories() const {
  return std::ranges::all_of(voters_, [](const VoterNode& voter) { return voter.key.has_directory(); });
}

std::optional<VoterSet> VoterSet::with(VoterNode voter) const {
  if (contains(voter.key.id)) return std::nullopt;
  std::vector<VoterNode> voters = voters_;
  voters.push_back(std::move(voter));
  return VoterSet(std::move(voters));
}

std::optional<VoterSet> VoterSet::without(const ReplicaKey& replica) const {
  const VoterNode* voter = find(replica.id);
  if (voter == nullptr || voter->key != replica || size() == 1) return std::nullopt;
  VoterSet rest = *this;
  std::erase_if(rest.voters_, [&](const VoterNode& other) { return other.key == replica; });
  return rest;
}

std::optional<VoterSet> VoterSet::updated(VoterNode voter) const {
  if (!is_voter(voter.key)) return std::nullopt;
  return updated_by_node(std::move(voter));
}

std::optional<VoterSet> VoterSet::updated_by_node(VoterNode voter) const {
  if (!contains(voter.key.id)) return std::nullopt;
  VoterSet changed = *this;
  const auto place = std::ranges::find(changed.voters_, voter.key.id, node_of);
  *place = std::move(voter);
  return changed;
}

bool VoterSet::overlaps(const VoterSet& other) const {
  const auto strangers = [](const VoterSet& some, const VoterSet& others) {
    return std::ranges::count_if(some, [&](const VoterNode& voter) {
      const VoterNode* known = others.find(voter.key.id);
      return known == nullptr || known->key != voter.key;
    });
  };
  return strangers(*this, other) <= 1 && strangers(other, *this) <= 1;
}

std::string VoterSet::to_string() const {
  std::string text = "[";
  for (const VoterNode& voter : voters_) {
    if (text.size() > 1) text += ", ";
    text += voter.key.to_string();
  }
  return text + "]";
}

}  // namespace ottla::raft
