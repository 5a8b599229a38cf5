// A connection as no shard needs it: it was accepted, or it has left one shard for another. Who serves it keeps it.
//
// Lifetime:    its stream is adopted or refused before it dies, but on a killed shard.
// Concurrency: in one shard's hands at a time; travels by message.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/address.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/client_info.h"
#include "server/client_software.h"
#include "server/shard_pull.h"

namespace ottla::server {

class ConnectionDesk;

struct Arrival {
  std::unique_ptr<PendingStream> stream;
  ListenerTerms terms;
  Address peer;
  ConnectionDesk* desk = nullptr;  // of the node
  Principal principal = {};
  std::vector<std::byte> unread = {};  // came behind the requests that were answered elsewhere
  std::optional<ClientSoftware::Kind> software = {};
  std::optional<ShardPull> pull = {};  // once it was served somewhere
  double busy = 0;                     // the shard that it has left
};

// Where all connections of a node are counted. Called from any shard.
class ConnectionDesk {
 public:
  // A connection that was served there has ended.
  virtual Task<void> gone(ShardId from, ListenerTerms terms, Address peer) = 0;
  // Takes it to that shard; gives it back when it has to stay where it was.
  virtual Task<std::unique_ptr<Arrival>> pass_on(std::unique_ptr<Arrival> arrival, ShardId from,
                                                 ShardId to) = 0;

 protected:
  ~ConnectionDesk() = default;
};

}  // namespace ottla::server
