// Speaks nine APIs in each of their versions to a running server and checks that it understands every reply.
//
// Lifetime:    over a connection that outlives it.
// Concurrency: confined to the connection's shard.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "base/uuid.h"
#include "protocol/codec.h"
#include "protocol/message.h"
#include "protocol/schema.h"
#include "rpc/client_connection.h"
#include "runtime/task.h"

namespace ottla::wire_check {

class Conversation {
 public:
  explicit Conversation(rpc::ClientConnection& connection) : connection_(connection) {}

  // All of them; prints a line for each version of each API.
  Task<void> run();
  int passed() const { return passed_; }
  int failed() const { return failed_; }

 private:
  // What one step found wrong; empty when all is well.
  using Finding = std::string;
  using Step = Task<Finding> (Conversation::*)(std::int16_t version);

  Task<void> each_version(const protocol::MessageInfo& request, Step step);

  Task<Finding> api_versions(std::int16_t version);
  Task<Finding> create_topics(std::int16_t version);
  Task<Finding> metadata(std::int16_t version);
  Task<Finding> produce(std::int16_t version);
  Task<Finding> fetch(std::int16_t version);
  Task<Finding> list_offsets(std::int16_t version);
  Task<Finding> find_coordinator(std::int16_t version);
  Task<Finding> describe_configs(std::int16_t version);
  Task<Finding> describe_cluster(std::int16_t version);

  // Sends `request` and reads the answer into `response`, which lives until the next call.
  template <protocol::Message Request, protocol::Message Response>
  Task<Finding> ask(const Request& request, std::int16_t version, Response& response) {
    arena_.reset();
    auto reply = co_await connection_.call(protocol::Encodable(request, version));
    if (!reply.ok()) co_return reply.error().to_string();
    last_ = std::move(*reply);
    const auto read = last_.read(arena_, response);
    co_return read.ok() ? Finding() : read.error().to_string();
  }

  rpc::ClientConnection& connection_;
  Budget budget_{"wire check", std::size_t{64} << 20};
  Arena arena_{budget_};
  rpc::Reply last_;
  Uuid topic_id_;
  std::int64_t produced_ = 0;  // records in the topic
  int passed_ = 0;
  int failed_ = 0;
};

}  // namespace ottla::wire_check
