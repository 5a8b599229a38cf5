// What must hold among the nodes, whatever clients see. Knows all of them at once, as no node does.
//
//   1. a term has one leader
//   2. all nodes apply the same entries with the same results, in the same order, each in every life from 1 on
//   3. a (client, sequence) is executed once
//   4. a ballot that others were allowed to rely on is not forgotten, unless the disk was lost
//
// Concurrency: nodes of one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "test/kv/witness.h"

namespace ottla::kv {

class Judge : public Witness {
 public:
  using Violation = std::function<void(std::string)>;
  Judge(std::size_t nodes, Violation violation);

  void started(NodeId node, const std::optional<Ballot>& ballot, Index last_index) override;
  void failed(NodeId node, const Error& error) override;
  void promised(NodeId node, const Ballot& ballot) override;
  void leads(NodeId node, Term term) override;
  void rejoined(NodeId node, Term term) override;
  void applied(NodeId node, Index index, const Entry& entry, const Store::Applied& result) override;

  // The disk of this node will be lost once, and what it promised with it. Whether it comes back safely shows
  // in 1 to 3.
  void expect_lost_disk(NodeId node) { ++nodes_[place(node)].losses_expected; }
  // False from the loss of its disk until it votes again.
  bool remembers(NodeId node) const { return !nodes_[place(node)].without_memory; }
  const Ballot& ballot_of(NodeId node) const { return nodes_[place(node)].ballot; }
  std::uint64_t elections() const { return leaders_.size(); }
  Index agreed() const { return entries_.size(); }

 private:
  struct NodeState {
    Ballot ballot;      // promised
    Index applied = 0;  // in this life
    bool without_memory = false;
    int losses_expected = 0;
  };
  struct Agreed {
    Entry entry;
    Answer answer;
    bool repetition = false;
  };

  static std::size_t place(NodeId node) { return static_cast<std::size_t>(node.raw()); }
  void first_applied(NodeId node, Index index, const Agreed& agreed);

  std::vector<NodeState> nodes_;
  std::map<Term, NodeId> leaders_;
  std::vector<Agreed> entries_;               // by index - 1
  std::vector<std::vector<Index>> executed_;  // by client and sequence
  Violation violation_;
};

}  // namespace ottla::kv
