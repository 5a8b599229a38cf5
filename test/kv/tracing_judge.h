// A judge in a simulated world: what it finds is the world's violation, and what nodes tell it stands in the trace.
//
// Lifetime:    the world outlives it.
// Concurrency: confined to the world's one thread.
#pragma once

#include <string>
#include <utility>

#include "sim/world.h"
#include "test/kv/judge.h"

namespace ottla::kv {

class TracingJudge final : public Judge {
 public:
  // The first hosts of the world are the nodes, in the order of their ids.
  TracingJudge(sim::World& world, std::size_t nodes)
      : Judge(nodes, [&world](std::string what) { world.violate(std::move(what)); }), world_(world) {}

  void started(NodeId node, const std::optional<Ballot>& ballot, Index last_index) override;
  void failed(NodeId node, const Error& error) override;
  void promised(NodeId node, const Ballot& ballot) override;
  void leads(NodeId node, Term term) override;
  void rejoined(NodeId node, Term term) override;

 private:
  template <typename Text>
  void note(NodeId node, std::uint64_t number, Text text) {
    sim::Host& host = world_.host(static_cast<std::size_t>(node.raw()));
    world_.trace().add(world_.now(), host.trace_place(), sim::TraceKind::note, number, 0, std::move(text));
  }

  sim::World& world_;
};

}  // namespace ottla::kv
