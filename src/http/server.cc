#include "http/server.h"

#include <memory>
#include <utility>

#include "base/error.h"

namespace ottla::http {

Server::Server(std::unique_ptr<Listener> listener, Handler handler, Options options)
    : listener_(std::move(listener)), handler_(std::move(handler)), options_(options) {
  accepting_.spawn([this](Cancel cancel) { return accept_all(cancel); });
}

Task<Result<std::unique_ptr<Server>>> Server::listen(Network& network, Address address, Handler handler,
                                                     Options options) {
  OTTLA_CO_TRY(auto listener, co_await network.listen(std::move(address)));
  co_return std::make_unique<Server>(std::move(listener), std::move(handler), options);
}

Task<void> Server::accept_all(Cancel cancel) {
  for (;;) {
    Result<std::unique_ptr<PendingStream>> pending = co_await listener_->accept(cancel);
    if (!pending.ok()) {
      if (pending.error() == Errc::too_many_files) continue;
      co_return;
    }
    if (connections_.count() >= options_.connections) {
      (*pending)->refuse();
      continue;
    }
    Result<std::unique_ptr<Stream>> stream = (*pending)->adopt();
    if (!stream.ok()) continue;
    connections_.spawn([this, stream = std::move(*stream)](Cancel inner) mutable {
      return serve(std::move(stream), handler_, options_.connection, inner);
    });
  }
}

Task<void> Server::stop() {
  co_await accepting_.stop();
  co_await connections_.stop();
  co_await listener_->close();
}

}  // namespace ottla::http
