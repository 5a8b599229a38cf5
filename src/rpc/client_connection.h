// One connection to a broker or controller, seen from the client: requests go out in the order of the calls, and
// each call gets the reply that belongs to it.
//
// Use:         OTTLA_CO_TRY(auto connection, co_await ClientConnection::connect(network, address, {}, cancel));
//              OTTLA_CO_TRY(Reply reply, co_await connection->call(Encodable(request, 12), cancel));
// Lifetime:    close() must have ended before it is destroyed. A reply lives on its own.
// Concurrency: confined to its shard; any number of calls at once.
// Invariants:  1. replies come in the order of the requests: a wrong correlation ends the connection
//              2. after the first failure every call, waiting or new, fails with it
// Errors:      those of the stream; malformed or too_large for what the server sent. A call that is cancelled
//              leaves the connection usable: its reply is dropped when it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/invariant.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/frame_splitter.h"
#include "protocol/message.h"
#include "runtime/address.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/network.h"
#include "runtime/semaphore.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::rpc {

// What came back: the body of one response, still encoded.
struct Reply {
  const protocol::ApiInfo* api = nullptr;
  std::int16_t version = 0;
  Slice frame;           // without its size
  std::size_t body = 0;  // where the body begins in it

  // `out` points into the frame and the arena.
  template <protocol::Message T>
  Result<> read(Arena& arena, T& out) const {
    OTTLA_INVARIANT(api->response == &T::message(), "a reply is read as what it is not", api->name);
    // Newer servers may say more than we know.
    const auto size = protocol::decode(
        {.bytes = frame.as_span().subspan(body), .version = version, .rest = protocol::Rest::left}, arena,
        out);
    return size.ok() ? Result<>() : Result<>(size.error());
  }
};

struct ClientConnectionOptions {
  std::string client_id = {};
  std::size_t largest_reply = INT32_MAX;
  ConnectOptions connect = {};
};

class ClientConnection {
 public:
  // Over a stream that is connected (and authenticated) already.
  ClientConnection(std::unique_ptr<Stream> stream, ClientConnectionOptions options);
  static Task<Result<std::unique_ptr<ClientConnection>>> connect(Network& network, Address address,
                                                                 ClientConnectionOptions options,
                                                                 Cancel cancel);
  ~ClientConnection();

  // `request` refers to a message that lives until the call ends.
  Task<Result<Reply>> call(protocol::Encodable request, Cancel cancel = {});
  // For Produce with acks=0, which has no reply: ends when the request is sent.
  Task<Result<void>> send(protocol::Encodable request, Cancel cancel = {});
  Task<void> close();

  // Requests whose reply has not come.
  std::size_t in_flight() const { return expected_.size(); }
  Stream& stream() { return *stream_; }

 private:
  // Where a reply goes; lives in the frame of its call.
  struct Waiter {
    std::optional<Result<Reply>> outcome;
    Event done;
  };
  struct Expected {
    std::int32_t correlation;
    const protocol::ApiInfo* api;
    std::int16_t version;
    Waiter* waiter;  // null once the call was cancelled
  };

  Task<Result<void>> write(protocol::Encodable request, Waiter* waiter, Cancel cancel);
  Task<void> read_replies(Cancel cancel);
  Result<> take_replies();
  Result<> take(Slice frame);
  void fail(Error error);

  const ClientConnectionOptions options_;
  std::unique_ptr<Stream> stream_;
  protocol::FrameSplitter splitter_;
  Semaphore writing_{1};
  std::deque<Expected> expected_;  // in the order of their requests
  std::int32_t next_correlation_ = 0;
  std::optional<Error> failure_;
  TaskGroup tasks_;  // last: its task uses all of the above
};

}  // namespace ottla::rpc
