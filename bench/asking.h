// One request of a benchmark's own, and what was said to it.
//
// Use:         const auto told = co_await ask<protocol::MetadataResponse>(connection, {request, 12});
//              for (const auto& topic : told->response.topics) …
// Errors:      end the benchmark: nothing that it measured would mean anything.
#pragma once

#include <cstddef>
#include <memory>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/codec.h"
#include "protocol/message.h"
#include "rpc/client_connection.h"
#include "runtime/task.h"

namespace ottla::bench {

template <protocol::Message Response>
struct Told {
  rpc::Reply reply;
  Budget budget{"reply", std::size_t{64} << 20U};
  Arena arena{budget};
  Response response = {};  // points into the others
};

template <protocol::Message Response>
Task<std::unique_ptr<Told<Response>>> ask(rpc::ClientConnection& connection, protocol::Encodable request) {
  auto told = std::make_unique<Told<Response>>();
  told->reply = (co_await connection.call(request)).value();
  told->reply.read(told->arena, told->response).value();
  co_return told;
}

}  // namespace ottla::bench
