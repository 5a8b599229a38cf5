// Listens on one address and serves what connects there.
//
// Use:         OTTLA_CO_TRY(auto server, co_await Server::listen(network, address, handler, {}));
//              …  co_await server->stop();
// Lifetime:    stop() must have ended before it is destroyed.
// Concurrency: confined to its shard; connections are served side by side.
// Errors:      those of Network::listen. Beyond the limit, who connects is reset.
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "http/connection.h"
#include "runtime/address.h"
#include "runtime/network.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::http {

class Server {
 public:
  struct Options {
    std::size_t connections = 100;
    ConnectionOptions connection = {};
  };
  static Task<Result<std::unique_ptr<Server>>> listen(Network& network, Address address, Handler handler,
                                                      Options options);
  Server(std::unique_ptr<Listener> listener, Handler handler, Options options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // With the real port when 0 was asked for.
  Address address() const { return listener_->address(); }
  std::size_t connections() const { return connections_.count(); }
  // Ends the connections; requests in work are cancelled.
  Task<void> stop();

 private:
  Task<void> accept_all(Cancel cancel);

  std::unique_ptr<Listener> listener_;
  const Handler handler_;
  const Options options_;
  TaskGroup connections_;
  TaskGroup accepting_;
};

}  // namespace ottla::http
