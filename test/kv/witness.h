// What nodes tell about themselves while they run: for checkers and traces. Tells, and changes nothing.
#pragma once

#include <optional>

#include "base/node_id.h"
#include "test/kv/ballot.h"
#include "test/kv/command.h"
#include "test/kv/store.h"

namespace ottla::kv {

class Witness {
 public:
  virtual ~Witness() = default;
  // A life begins with what the disk kept. No ballot: the disk was lost.
  virtual void started(NodeId node, const std::optional<Ballot>& ballot, Index last_index) = 0;
  virtual void failed(NodeId node, const Error& error) = 0;
  // The node may now let others rely on this ballot.
  virtual void promised(NodeId node, const Ballot& ballot) = 0;
  virtual void leads(NodeId node, Term term) = 0;
  // A node without memory has become a voter again.
  virtual void rejoined(NodeId node, Term term) = 0;
  virtual void applied(NodeId node, Index index, const Entry& entry, const Store::Applied& result) = 0;
};

}  // namespace ottla::kv
