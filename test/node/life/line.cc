#include "test/node/life/line.h"

#include <chrono>

#include "base/error.h"
#include "runtime/shard.h"
#include "runtime/when.h"

namespace ottla::server {

Task<rpc::ClientConnection*> Line::connected(Cancel cancel) {
  if (connection_) co_return connection_.get();
  auto connection = co_await rpc::ClientConnection::connect(
      this_shard().network(), address_,
      {.client_id = client_id_, .connect = {.timeout = std::chrono::seconds(2)}}, cancel);
  if (connection.ok()) connection_ = *std::move(connection);
  co_return connection_.get();
}

Task<Result<rpc::Reply>> Line::ask(protocol::Encodable request, Duration patience, Cancel cancel) {
  rpc::ClientConnection* const connection = co_await connected(cancel);
  if (connection == nullptr) co_return Errc::not_found;
  const auto reply = co_await with_timeout(
      patience, cancel, [connection, request](Cancel inner) { return connection->call(request, inner); });
  if (reply.ok()) co_return reply;
  const bool goes_on = reply.error() == Errc::timed_out && this_shard().random().chance(1, 2);
  if (!goes_on) co_await close();
  co_return reply.error();
}

void Line::forget() {
  arena_.reset();
  kept_.clear();
}

Task<void> Line::close() {
  if (!connection_) co_return;
  co_await connection_->close();
  connection_.reset();
}

}  // namespace ottla::server
