#include "replica/testing/cluster_of_one_partition.h"

#include <algorithm>
#include <utility>

namespace ottla::replica::testing {

using protocol::ErrorCode;

namespace {

constexpr std::int64_t kMaxLagMs = 30'000;

Offset offset_of(std::size_t index) {
  return Offset(static_cast<std::int64_t>(index));
}

std::size_t index_of(Offset offset) {
  return static_cast<std::size_t>(offset.raw());
}

}  // namespace

ClusterOfOnePartition::ClusterOfOnePartition(std::uint64_t seed, Plant plant)
    : random_(seed), plant_(plant), min_isr_(1 + random_.below(3)) {
  std::vector<std::int32_t> all;
  for (std::size_t each = 0; each < kReplicas; ++each) {
    brokers_[each].id = NodeId(static_cast<std::int32_t>(each));
    all.push_back(static_cast<std::int32_t>(each));
  }
  const std::vector<Uuid> directories(kReplicas, Uuid(1, 1));
  states_.push_back(metadata::Partition::make({.replicas = all,
                                               .directories = directories,
                                               .isr = all,
                                               .removing_replicas = {},
                                               .adding_replicas = {},
                                               .elr = {},
                                               .last_known_elr = {},
                                               .leader = 0,
                                               .leader_epoch = 0,
                                               .partition_epoch = 0}));
}

LeaderRules ClusterOfOnePartition::rules() const {
  const std::size_t told = plant_ == Plant::ignore_minimum ? 0 : min_isr_;
  return {.min_insync_replicas = static_cast<std::int32_t>(told), .max_lag_ms = kMaxLagMs};
}

Brokers::Facts ClusterOfOnePartition::View::facts_of(NodeId broker) const {
  const Registration& known = cluster_.registered_[static_cast<std::size_t>(broker.raw())];
  if (cluster_.plant_ == Plant::join_anybody) {
    return {.epoch = cluster_.brokers_[static_cast<std::size_t>(broker.raw())].epoch};
  }
  return {.epoch = known.fenced ? std::nullopt : std::optional(known.epoch), .fenced = known.fenced};
}

void ClusterOfOnePartition::violate(std::string what) {
  if (violation_.empty()) violation_ = std::move(what);
}

void ClusterOfOnePartition::run(int steps) {
  for (int each = 0; each < steps && violation_.empty(); ++each) {
    step();
    judge();
  }
}

void ClusterOfOnePartition::step() {
  now_ms_ += random_.between(0, 2'000);
  Broker& one = any();
  const std::uint64_t what = random_.below(100);
  if (what < 20) return append(one);
  if (what < 58) return fetch(one);
  if (what < 70) return learn(one);
  if (what < 76) return look_for_laggards(one);
  if (what < 82) return answer_question();
  if (what < 88) return deliver_answer();
  if (what < 95) return notice(one);
  if (what < 97) return one.up ? crash(one) : start(one);
  if (what < 99) return start(one);
  now_ms_ += kMaxLagMs;
}

// --- Records -------------------------------------------------------------------------------------------------

void ClusterOfOnePartition::append(Broker& leader) {
  if (!leader.up || !leader.core) return;
  const bool wants_all = random_.chance(3, 4);
  if (wants_all && leader.core->under_min_isr()) return;
  const std::int32_t epoch = leader.core->epoch().raw();
  const auto [writer, is_first] = writers_.try_emplace(epoch, leader.id);
  if (!is_first && writer->second != leader.id) violate("D10: two brokers write in one epoch");
  leader.log.push_back({epoch, ++values_});
  if (wants_all) leader.waiting.push_back(leader.log.size());
  progress(leader);
}

bool ClusterOfOnePartition::is_led_by(const Broker& leader, const Broker& follower) {
  return leader.up && leader.core && leader.core->epoch().raw() == follower.known->leader_epoch();
}

// Where the follower's log and the leader's part, as the epoch of the follower's last record tells it.
std::size_t ClusterOfOnePartition::common_end(const Broker& leader, const Broker& follower) const {
  if (follower.log.empty()) return 0;
  const std::int32_t last = follower.log.back().epoch;
  const auto later = std::ranges::find_if(leader.log, [&](const Entry& entry) { return entry.epoch > last; });
  const auto end = static_cast<std::size_t>(later - leader.log.begin());
  const std::int32_t epoch = end == 0 ? -1 : leader.log[end - 1].epoch;
  if (epoch == last) return std::min(end, follower.log.size());
  const auto own =
      std::ranges::find_if(follower.log, [&](const Entry& entry) { return entry.epoch > epoch; });
  return std::min(end, static_cast<std::size_t>(own - follower.log.begin()));
}

void ClusterOfOnePartition::cut(Broker& follower, std::size_t end) {
  if (plant_ == Plant::keep_diverging) return;
  if (end < follower.high_watermark) violate("D11: committed records are cut off");
  follower.log.resize(end);
}

void ClusterOfOnePartition::fetch(Broker& follower) {
  if (!follower.up || follower.core || !follower.known || !follower.known->has_leader()) return;
  Broker& leader = broker(NodeId(follower.known->leader()));
  if (!is_led_by(leader, follower)) return;
  const std::size_t common = common_end(leader, follower);
  if (common < follower.log.size()) {
    cut(follower, common);
    if (plant_ != Plant::keep_diverging) return;
  }
  note_fetch(leader, follower);
  const std::size_t more = random_.below(4);
  for (std::size_t each = 0; each < more && follower.log.size() < leader.log.size(); ++each)
    follower.log.push_back(leader.log[follower.log.size()]);
  follower.high_watermark =
      std::max(follower.high_watermark, std::min(leader.high_watermark, follower.log.size()));
}

void ClusterOfOnePartition::note_fetch(Broker& leader, const Broker& follower) {
  const View view(*this);
  const bool boasts = plant_ == Plant::boast_of_offsets;
  const FollowerFetch fetch{.follower = follower.id,
                            .offset = offset_of(boasts ? leader.log.size() : follower.log.size()),
                            .log_start = Offset(0),
                            .broker_epoch = follower.epoch,
                            .leader_end = offset_of(leader.log.size()),
                            .now_ms = now_ms_};
  if (!leader.core->note_fetch(fetch, view)) return;
  if (auto proposal = leader.core->propose_expansion(follower.id, offset_of(leader.high_watermark), view))
    ask(leader, *std::move(proposal));
  progress(leader);
}

void ClusterOfOnePartition::progress(Broker& leader) {
  const View view(*this);
  const LeaderCore::Ends ends{offset_of(leader.log.size()), offset_of(leader.high_watermark)};
  if (const auto next = leader.core->next_high_watermark(ends, now_ms_, view)) {
    if (*next <= ends.high_watermark) violate("D8: the high watermark does not rise");
    if (leader.core->isr().size() < std::min(min_isr_, kReplicas))
      violate("D8: the high watermark moves with too few in sync");
    leader.high_watermark = index_of(*next);
  }
  acknowledge(leader);
}

void ClusterOfOnePartition::acknowledge(Broker& leader) {
  std::erase_if(leader.waiting, [&](std::size_t end) {
    if (end > leader.high_watermark) return false;
    if (!leader.core->enough_hold_it()) return true;  // it hears an error
    if (leader.core->maximal_isr_size() < min_isr_) violate("D13: acknowledged with too few in sync");
    const auto [known, is_new] = acked_.try_emplace(end - 1, leader.log[end - 1]);
    if (!is_new && known->second != leader.log[end - 1]) violate("D2: an offset was acknowledged twice");
    return true;
  });
}

// --- The controller ------------------------------------------------------------------------------------------

void ClusterOfOnePartition::learn(Broker& broker) {
  if (!broker.up) return;
  // Some changes may be passed over, and none comes twice. Who has just started is told nothing that is over.
  std::size_t first = broker.known ? 0 : states_.size() - 1;
  while (broker.known && first < states_.size() &&
         states_[first]->partition_epoch() <= broker.known->partition_epoch())
    ++first;
  if (first == states_.size()) return;
  broker.known = states_[first + random_.below(states_.size() - first)];
  if (NodeId(broker.known->leader()) != broker.id) {
    broker.core.reset();
    broker.waiting.clear();
    return;
  }
  if (!broker.core || plant_ == Plant::start_over) broker.core.emplace(broker.id, rules());
  const LeaderEpoch before = broker.core->epoch();
  const Offset begin = plant_ == Plant::forget_epoch_start ? Offset(0) : offset_of(broker.log.size());
  (void)broker.core->take(*broker.known, begin, now_ms_);
  if (broker.core->epoch() < before) violate("D10: a leader epoch goes back");
  progress(broker);
}

void ClusterOfOnePartition::look_for_laggards(Broker& leader) {
  if (!leader.up || !leader.core) return;
  if (auto proposal = leader.core->propose_shrink(offset_of(leader.log.size()), now_ms_))
    ask(leader, *std::move(proposal));
  progress(leader);
}

void ClusterOfOnePartition::ask(Broker& leader, IsrProposal proposal) {
  leader.asked = proposal.number;
  questions_.push_back({leader.id, std::move(proposal)});
}

void ClusterOfOnePartition::answer_question() {
  if (questions_.empty()) return;
  const Question question = std::move(questions_.front());
  questions_.pop_front();
  Answer answer = decide(question);
  if (random_.chance(1, 4)) {  // lost: the same is asked again
    if (plant_ != Plant::believe_refusals) return questions_.push_back(question);
    answer = {
        .to = question.from, .number = question.proposal.number, .error = ErrorCode::operation_not_attempted};
  }
  answers_.push_back(std::move(answer));
}

ClusterOfOnePartition::Answer ClusterOfOnePartition::decide(const Question& question) {
  const IsrProposal& proposal = question.proposal;
  Answer answer{.to = question.from, .number = proposal.number};
  if (truth().leader() != question.from.raw() || truth().leader_epoch() != proposal.leader_epoch.raw()) {
    answer.error = ErrorCode::fenced_leader_epoch;
  } else if (truth().partition_epoch() != proposal.partition_epoch) {
    answer.error = ErrorCode::invalid_update_version;
  }
  if (answer.error != ErrorCode::none) return answer;
  std::vector<std::int32_t> isr;
  for (const IsrProposal::Member& member : proposal.isr) {
    const Registration& known = registration(member.broker);
    const bool joins = !metadata::contains(truth().isr(), member.broker.raw());
    const bool is_eligible =
        !known.fenced && (member.broker_epoch == -1 || member.broker_epoch == known.epoch);
    if (!is_eligible && plant_ != Plant::join_anybody) {
      answer.error = ErrorCode::ineligible_replica;
      return answer;
    }
    if (joins && !is_eligible) violate("D12: a broker joins that must not");
    isr.push_back(member.broker.raw());
  }
  change(isr, truth().leader());
  answer.altered = {proposal.leader_epoch, truth().partition_epoch(), {}};
  for (const std::int32_t member : isr) answer.altered.isr.push_back(NodeId(member));
  return answer;
}

void ClusterOfOnePartition::deliver_answer() {
  if (answers_.empty()) return;
  const std::size_t which = random_.below(answers_.size());
  Answer answer = std::move(answers_[which]);
  answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(which));
  Broker& to = broker(answer.to);
  if (!to.up || !to.core) return;
  if (plant_ == Plant::mix_up_answers) answer.number = to.asked;
  const std::int32_t before = to.core->partition_epoch();
  if (answer.error == ErrorCode::none) {
    (void)to.core->on_altered(answer.number, answer.altered);
  } else {
    (void)to.core->on_refused(answer.number, answer.error);
  }
  if (to.core->partition_epoch() < before) violate("D10: a partition epoch goes back");
  progress(to);
}

void ClusterOfOnePartition::change(const std::vector<std::int32_t>& isr, std::int32_t leader) {
  metadata::PartitionFields fields = truth().fields();
  fields.isr = isr;
  ++fields.partition_epoch;
  if (leader != fields.leader) {
    fields.leader = leader;
    ++fields.leader_epoch;
  }
  states_.push_back(metadata::Partition::make(fields));
}

void ClusterOfOnePartition::elect() {
  const metadata::Partition& now = truth();
  if (now.has_leader() && !registration(NodeId(now.leader())).fenced) return;
  std::vector<std::int32_t> candidates;
  for (const std::int32_t member : now.isr()) {
    if (!registration(NodeId(member)).fenced) candidates.push_back(member);
  }
  const std::int32_t leader = candidates.empty() ? -1 : candidates[random_.below(candidates.size())];
  if (leader == now.leader()) return;
  change({now.isr().begin(), now.isr().end()}, leader);
  if (leader == -1) return;
  const Broker& elected = broker(NodeId(leader));
  for (const auto& [offset, entry] : acked_) {
    if (offset >= elected.log.size() || elected.log[offset] != entry)
      violate("D1: a leader was elected that lacks what was acknowledged");
  }
}

void ClusterOfOnePartition::fence(Broker& broker) {
  registration(broker.id).fenced = true;
  std::vector<std::int32_t> isr(truth().isr().begin(), truth().isr().end());
  // The last one stays: it has all that was committed.
  if (isr.size() > 1 && std::erase(isr, broker.id.raw()) > 0) change(isr, truth().leader());
  elect();
}

void ClusterOfOnePartition::notice(Broker& broker) {
  Registration& known = registration(broker.id);
  if (!broker.up) {
    if (!known.fenced) fence(broker);
  } else if (known.fenced && broker.known == states_.back()) {
    known.fenced = false;
    elect();
  }
}

void ClusterOfOnePartition::crash(Broker& broker) {
  broker.up = false;
  broker.core.reset();
  broker.known = {};
  broker.waiting.clear();
}

void ClusterOfOnePartition::start(Broker& broker) {
  if (broker.up) return;
  broker.up = true;
  ++broker.epoch;
  // The checkpoint may be older than what it knew.
  broker.high_watermark -= random_.below(broker.high_watermark + 1);
  fence(broker);
  registration(broker.id).epoch = broker.epoch;
}

// --- The judge -----------------------------------------------------------------------------------------------

void ClusterOfOnePartition::judge() {
  for (const Broker& one : brokers_) {
    if (one.high_watermark > one.log.size()) violate("D8: a high watermark lies beyond its log");
    for (const Broker& other : brokers_) {
      const std::size_t both = std::min(one.high_watermark, other.high_watermark);
      for (std::size_t at = 0; at < both; ++at) {
        if (one.log[at] != other.log[at]) return violate("D9: committed records differ");
      }
    }
    if (!one.core || one.core->epoch().raw() != truth().leader_epoch()) continue;
    // Of the leader in office.
    for (const NodeId member : one.core->maximal_isr()) {
      if (broker(member).log.size() < one.high_watermark)
        return violate("D8: the high watermark lies beyond the log of one in sync");
    }
  }
  for (const std::int32_t member : truth().isr()) {
    if (!metadata::contains(truth().replicas(), member)) violate("D12: one in sync is no replica");
  }
}

}  // namespace ottla::replica::testing
