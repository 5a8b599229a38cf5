#include "test/kv/judge.h"

#include <utility>

#include "base/invariant.h"

namespace ottla::kv {
namespace {

std::string text_of(const Ballot& ballot) {
  return "term " + ballot.term.to_string() + " vote " + ballot.vote.to_string();
}

}  // namespace

Judge::Judge(std::size_t nodes, Violation violation) : nodes_(nodes), violation_(std::move(violation)) {}

void Judge::started(NodeId node, const std::optional<Ballot>& ballot, Index) {
  NodeState& state = nodes_[place(node)];
  state.applied = 0;
  const std::string who = "node " + node.to_string();
  if (!ballot) {
    if (state.without_memory) return;  // its way back was cut short
    if (state.losses_expected == 0) return violation_(who + " lost its memory, and its disk was not lost");
    --state.losses_expected;
    state.without_memory = true;
    state.ballot = {};
    return;
  }
  state.without_memory = false;  // it may have become a voter without the time to say so
  const bool forgot_vote =
      ballot->term == state.ballot.term && state.ballot.vote != kNoNode && ballot->vote != state.ballot.vote;
  if (ballot->term < state.ballot.term || forgot_vote) {
    violation_(who + " promised " + text_of(state.ballot) + " and came back with " + text_of(*ballot));
  }
}

void Judge::failed(NodeId, const Error&) {}

void Judge::promised(NodeId node, const Ballot& ballot) {
  NodeState& state = nodes_[place(node)];
  const bool changed_vote =
      ballot.term == state.ballot.term && state.ballot.vote != kNoNode && ballot.vote != state.ballot.vote;
  if (ballot.term < state.ballot.term || changed_vote) {
    violation_("node " + node.to_string() + " promised " + text_of(state.ballot) + " and now " +
               text_of(ballot));
  }
  state.ballot = ballot;
}

void Judge::leads(NodeId node, Term term) {
  const auto [found, fresh] = leaders_.emplace(term, node);
  if (!fresh) {
    violation_("term " + term.to_string() + " has two leaders: node " + found->second.to_string() +
               " and node " + node.to_string());
  }
}

void Judge::rejoined(NodeId node, Term) {
  nodes_[place(node)].without_memory = false;
}

void Judge::applied(NodeId node, Index index, const Entry& entry, const Store::Applied& result) {
  NodeState& state = nodes_[place(node)];
  OTTLA_INVARIANT(index == state.applied + 1, "a node applies in order", node, index, state.applied);
  state.applied = index;
  const Agreed agreed{entry, result.answer, result.repetition};
  if (index > entries_.size()) return first_applied(node, index, agreed);
  const Agreed& before = entries_[index - 1];
  if (before.entry != agreed.entry || before.answer != agreed.answer) {
    violation_("node " + node.to_string() + " applied at " + std::to_string(index) +
               " something else than others: term " + entry.term.to_string() + " client " +
               entry.command.client.to_string() + " command " + std::to_string(entry.command.sequence) +
               ", not term " + before.entry.term.to_string() + " client " +
               before.entry.command.client.to_string() + " command " +
               std::to_string(before.entry.command.sequence));
  }
}

void Judge::first_applied(NodeId node, Index index, const Agreed& agreed) {
  entries_.push_back(agreed);
  const Command& command = agreed.entry.command;
  if (command.operation == Operation::no_op) return;
  if (executed_.size() <= command.client.raw()) executed_.resize(command.client.raw() + 1);
  std::vector<Index>& sequences = executed_[command.client.raw()];
  if (sequences.size() <= command.sequence) sequences.resize(command.sequence + 1);
  Index& executed = sequences[command.sequence];
  const bool again = executed != 0;
  if (again == agreed.repetition) {
    if (!again) executed = index;
    return;
  }
  violation_("node " + node.to_string() + (again ? " executed again at " : " did not execute at ") +
             std::to_string(index) + " client " + command.client.to_string() + " command " +
             std::to_string(command.sequence));
}

}  // namespace ottla::kv
