// One connection to a client, seen from the server: frames in, requests to the service, replies out in the order of
// their requests.
//
// One request is in work at a time, and nothing is read meanwhile; only requests that may overlap are read ahead, up to
// a limit, and begin before those in front of them are answered.
//
// Use:         group.spawn([&](Cancel cancel) { return connection.run(cancel); });
// Lifetime:    run() has ended before it is destroyed; it closes the stream.
// Concurrency: confined to its shard.
// Invariants:  1. replies leave in the order of their requests
//              2. a request that may not overlap begins when all before it are answered, and holds back all behind it
//              3. a connection that waits for a request holds no buffer
//              4. of a muted connection nothing begins, and nothing is read beyond the request that was being waited for
//              5. a connection leaves its shard when all that was begun is answered; what was read beyond that goes along
// Errors:      a frame that is none, a header that cannot be read, an API or version that this listener does not serve:
//              the connection is closed once what came before is answered, and ended() says why.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/error.h"
#include "base/metric.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/frame_splitter.h"
#include "protocol/request_header.h"
#include "rpc/service.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/network.h"
#include "runtime/semaphore.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::rpc {

struct ServerConnectionOptions {
  protocol::Served served = {};
  std::size_t largest_request = std::size_t{100} << 20;  // socket.request.max.bytes
  Duration idle = std::chrono::minutes(10);              // connections.max.idle.ms
  std::size_t most_overlapping = 32;
  // queued.max.request.bytes, of which large frames take their share before the most of them is read; none when null.
  Semaphore* memory = nullptr;
  std::int64_t memory_size = 0;
  // Where small frames are read into; the heap when null.
  BufferSource* buffers = nullptr;
  // Who takes longer than that over a frame, and a second more for each so many bytes that have come, ends when others
  // wait for the memory.
  Duration memory_patience = std::chrono::seconds(10);
  std::int64_t least_bytes_per_second = 10'000;
};

// What connections have in common counts together; null: nobody counts.
struct ByteMeters {
  Counter* in = nullptr;
  Counter* out = nullptr;
};

class ServerConnection {
 public:
  // A connection that has left its shard, to go on in another one.
  struct Departed {
    std::unique_ptr<PendingStream> stream;
    std::vector<std::byte> unread;  // that came behind the requests that were answered
  };
  // `unread`: as the one that it goes on for left it.
  ServerConnection(std::unique_ptr<Stream> stream, Service& service, const ServerConnectionOptions& options,
                   ByteMeters bytes = {}, std::span<const std::byte> unread = {});
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection();

  Task<void> run(Cancel cancel);
  // Why run() ended, if the connection has not departed: end_of_stream when the client left in good order.
  const Error& ended() const { return *end_; }
  // What run() left behind when the service wanted the connection away.
  std::optional<Departed> take_departed() { return std::exchange(departed_, {}); }
  // Requests that are not answered yet.
  std::size_t in_work() const { return calls_.size(); }
  Stream& stream() { return *stream_; }

 private:
  struct Call {
    std::optional<Answer> answer;
  };

  Call& begin_call();
  void end_first_call();
  Task<void> serve_all(Cancel cancel);
  Task<Result<Incoming>> next_request(Cancel cancel);
  Instant idle_deadline() const;
  struct Held {
    Semaphore::Permit permit = {};
    Instant since{};
    std::int64_t bytes = 0;  // that have come since
  };
  Task<Result<void>> read_more(Held& held, Cancel cancel);
  Task<Result<std::size_t>> read_held(const Held& held, Cancel cancel);
  // For how long it may hold what others wait for.
  Duration may_hold(const Held& held) const;
  Result<Incoming> admit(Slice frame);
  Task<Result<void>> serve(Incoming request, bool overlaps, Cancel cancel);
  Task<void> work(Incoming request, Call& call, Cancel cancel);
  // Sends what is answered, from the front.
  Task<void> send_answers(Cancel cancel);
  // `turn`: when it was the next to be sent.
  Task<Result<void>> send(Answer answer, Instant turn, Cancel cancel);
  Task<Result<void>> send_bytes(Answer& answer, Cancel cancel);
  // Timed_out when the client takes nothing for as long as it may be idle.
  Task<Result<void>> write(Chain bytes, Cancel cancel);
  Task<Result<void>> all_answered(Cancel cancel);
  // Waits for a moment at which nothing is in work. False when the connection stays.
  Task<bool> leave(Cancel cancel);
  bool is_muted() const;
  Task<Result<void>> while_muted(Cancel cancel);
  void end(Error error);
  void received(std::size_t bytes);

  Service& service_;
  const ServerConnectionOptions& options_;
  const ByteMeters bytes_;
  std::unique_ptr<Stream> stream_;
  protocol::FrameSplitter splitter_;
  std::list<Call> calls_;  // in the order of their requests; the front is answered first
  std::list<Call> spare_;  // for the calls to come: making one allocates nothing
  bool last_overlaps_ = false;
  bool sending_ = false;
  Instant muted_until_{};
  Event answered_;  // woken when calls_ has become shorter
  std::optional<Error> end_;
  std::optional<Departed> departed_;
  std::optional<TaskGroup> overlapping_;  // while run() runs
};

}  // namespace ottla::rpc
