// The server's end of one HTTP connection: requests are read and answered one after the other, until one side leaves.
//
// Lifetime:    the handler outlives the call; the stream is closed when it ends.
// Concurrency: confined to its shard.
// Invariants:  1. responses come in the order of their requests, and one request at a time is in work
//              2. a connection that waits for a request holds no buffer
// Errors:      who breaks the protocol, is too slow or sends too much is told so with a status, and the connection is
//              closed. A client that leaves, or does not take its response in time, is let go in silence.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "http/message.h"
#include "http/request_parser.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace ottla::http {

// Cancelled when the server stops; its response is not sent then.
using Handler = std::function<Task<Response>(Request request, Cancel cancel)>;

struct ConnectionOptions {
  RequestLimits limits = {};
  Duration idle = std::chrono::seconds(60);      // between two requests
  Duration request = std::chrono::seconds(30);   // from a request's first byte to its last
  Duration response = std::chrono::seconds(60);  // until the client has taken all of it
};

Task<void> serve(std::unique_ptr<Stream> stream, const Handler& handler, ConnectionOptions options,
                 Cancel cancel);

}  // namespace ottla::http
