// A client's connection to the node: it is made when it is needed, and made anew after it broke.
//
// Use:         Line line(address, "client");   const auto reply = co_await line.ask(Encodable(request, 7), seconds(2), cancel);
//              MetadataResponse response;   if (line.read(reply, response)) …
// Lifetime:    close() must have ended before it is destroyed. What was read lives until the next forget().
// Concurrency: confined to the client's shard; one question at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "rpc/client_connection.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/task.h"

namespace ottla::server {

class Line {
 public:
  Line(Address address, std::string client_id)
      : address_(std::move(address)), client_id_(std::move(client_id)) {}

  // `request` refers to a message that lives until this ends. After an error other than timed_out, and after some of
  // those, the connection is a new one.
  Task<Result<rpc::Reply>> ask(protocol::Encodable request, Duration patience, Cancel cancel);
  // Null when there is none to be had at the moment.
  Task<rpc::ClientConnection*> connected(Cancel cancel);
  // False when it is no such message.
  template <protocol::Message Response>
  bool read(const rpc::Reply& reply, Response& response) {
    kept_.push_back(reply.frame);
    return reply.read(arena_, response).ok();
  }
  void forget();
  Task<void> close();

 private:
  const Address address_;
  const std::string client_id_;
  std::unique_ptr<rpc::ClientConnection> connection_;
  Budget budget_{"replies", std::size_t{64} << 20};
  Arena arena_{budget_};
  std::vector<Slice> kept_;
};

}  // namespace ottla::server
