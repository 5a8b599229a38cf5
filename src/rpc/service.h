// What a server does with requests: the interface between one connection and all that answers.
//
// Lifetime:    a service outlives its connections. An incoming request owns its bytes; its head points into them.
// Concurrency: confined to the shard of the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/chain.h"
#include "base/slice.h"
#include "protocol/request_header.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"

namespace ottla::rpc {

struct Incoming {
  Slice frame;  // without its size
  protocol::RequestHead head;
  // An ApiVersions request of a version that is not known here: it is answered in version 0, with an error.
  bool unknown_version = false;
  Instant received{};
  Semaphore::Permit memory = {};  // what the frame takes of the server's memory for requests

  std::span<const std::byte> body() const { return frame.as_span().subspan(head.size); }
};

// The rest of a reply that is made while its beginning is sent.
class ReplyRest {
 public:
  virtual ~ReplyRest() = default;
  virtual bool done() const = 0;
  virtual Chain next() = 0;
};

// What is known of a request when its answer has been made: how long it was on its way until then, and with what.
struct Passed {
  const protocol::ApiInfo* api = nullptr;  // null: nobody counts it
  std::int16_t version = 0;
  bool of_follower = false;  // a fetch of another broker
  std::size_t bytes = 0;     // of the request
  Instant received{};
  Instant made{};  // its answer
  Duration queue{0};
  Duration local{0};
  Duration remote{0};
  Duration throttle{0};  // what its client has to wait from now on
};

struct Answer {
  enum class Kind : std::uint8_t {
    reply,
    silence,  // Produce with acks=0
    hang_up,  // the connection is closed, once what was asked before is answered
  };
  Kind kind = Kind::reply;
  Chain bytes = {};  // a whole frame, or its beginning
  std::unique_ptr<ReplyRest> rest = {};
  Duration mute{0};  // for so long after the reply nothing more is read
  Passed passed = {};
};

class Service {
 public:
  virtual ~Service() = default;
  // Whether its connection is to leave this shard: asked before each request is waited for.
  virtual bool wants_away() const { return false; }
  // It has to stay, for ever.
  virtual void must_stay() {}
  // Whether the next request may begin before this one is answered, if that one may, too. They begin in the order in
  // which they came.
  virtual bool may_overlap(const protocol::RequestHead& head) const = 0;
  virtual Task<Answer> serve(Incoming request, Cancel cancel) = 0;
  // The end of an answer that somebody counts: its turn had come then, and it was sent, or never will be.
  virtual void sent(const Passed& /*request*/, Instant /*turn*/, Instant /*end*/) {}
};

}  // namespace ottla::rpc
