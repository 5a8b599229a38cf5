// What a node has promised about elections: the newest term it knows, and whom it votes for in that term.
//
// Invariants: 1. it never goes back: the term grows, and within a term the vote is given once
//             2. it is on the disk before any message that rests on it is sent
#pragma once

#include "base/node_id.h"
#include "test/kv/command.h"

namespace ottla::kv {

struct Ballot {
  Term term;
  NodeId vote = kNoNode;
  friend bool operator==(const Ballot&, const Ballot&) = default;
};

}  // namespace ottla::kv
