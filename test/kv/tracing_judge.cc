#include "test/kv/tracing_judge.h"

namespace ottla::kv {

void TracingJudge::started(NodeId node, const std::optional<Ballot>& ballot, Index last_index) {
  note(node, last_index, [&] {
    if (!ballot) return std::string("starts without memory");
    return "starts in term " + ballot->term.to_string() + " with " + std::to_string(last_index) + " entries";
  });
  Judge::started(node, ballot, last_index);
}

void TracingJudge::failed(NodeId node, const Error& error) {
  note(node, 0, [&] { return "ends a life: " + error.to_string(); });
  Judge::failed(node, error);
}

void TracingJudge::promised(NodeId node, const Ballot& ballot) {
  if (ballot != ballot_of(node)) {
    note(node, ballot.term.raw(), [&] {
      return "promises term " + ballot.term.to_string() + ", vote for " + ballot.vote.to_string();
    });
  }
  Judge::promised(node, ballot);
}

void TracingJudge::leads(NodeId node, Term term) {
  note(node, term.raw(), [&] { return "leads term " + term.to_string(); });
  Judge::leads(node, term);
}

void TracingJudge::rejoined(NodeId node, Term term) {
  note(node, term.raw(), [&] { return "votes again, in term " + term.to_string(); });
  Judge::rejoined(node, term);
}

}  // namespace ottla::kv
