// The real Network: sockets of this machine, watched by one shard's poller.
//
// Lifetime:    outlives the shard's tasks; made before the shard, which it does not touch until it is used.
// Concurrency: one a shard. Names are looked up on threads of their own (name_lookup.h).
// Errors:      as in runtime/network.h. IPv6 where the machine has none: unsupported.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/linux/name_lookup.h"
#include "runtime/linux/poller.h"
#include "runtime/network.h"

namespace ottla {

class LinuxNetwork final : public Network {
 public:
  explicit LinuxNetwork(Poller& poller) : poller_(poller) {}

  using Network::listen;
  Task<Result<std::unique_ptr<Listener>>> listen(Address address, ListenOptions options) override;
  Task<Result<std::unique_ptr<Stream>>> connect(Address address, ConnectOptions options,
                                                Cancel cancel) override;
  Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, Cancel cancel) override;

  Poller& poller() { return poller_; }

 private:
  Poller& poller_;
  NameLookup lookup_;
};

}  // namespace ottla
