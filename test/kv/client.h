// A client of the store: finds the leader, keeps asking until it is answered, and never runs anything twice.
//
// Use:         co_await client.call(commands, sink, cancel), again and again; co_await client.close() at last.
// Lifetime:    close() before destruction, unless the shard was killed.
// Concurrency: confined to one shard; one call at a time, with up to kClientWindow commands under way.
// Errors:      call() ends only when every command is answered, or with Errc::cancelled: what was not answered
//              then may have happened, or may yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "runtime/address.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/stream.h"
#include "runtime/task.h"
#include "test/kv/frame_reader.h"
#include "test/kv/message.h"

namespace ottla::kv {

class AnswerSink {
 public:
  virtual void answered(std::uint32_t sequence, const Answer& answer) = 0;

 protected:
  ~AnswerSink() = default;
};

class Client {
 public:
  Client(ClientId id, std::vector<Address> nodes, Random random);

  // The sequence that the next command of a call will have.
  std::uint32_t next_sequence() const { return next_sequence_; }
  // Client and sequence of the commands are filled in here.
  Task<Result<void>> call(std::vector<Command> commands, AnswerSink& sink, Cancel cancel);
  Task<void> close();

 private:
  // One connection, one request; ends when all is answered or this node is of no more use.
  Task<Result<void>> attempt(AnswerSink& sink, Cancel cancel);
  Task<Result<void>> connect(std::size_t node, Cancel cancel);
  Result<void> take(const Frame& frame, AnswerSink& sink);
  void turn_to(NodeId leader);

  ClientId id_;
  std::vector<Address> nodes_;
  Random random_;
  std::size_t target_;
  std::uint32_t next_sequence_ = 1;
  std::vector<Command> unanswered_;  // by sequence
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<FrameReader> reader_;
};

}  // namespace ottla::kv
