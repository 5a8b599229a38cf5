// Sends the cases to a running server and tells what it answered and what it stored.
//
// Lifetime:    over a connection that outlives it.
// Concurrency: confined to the connection's shard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/message.h"
#include "protocol/schema.h"
#include "rpc/client_connection.h"
#include "runtime/task.h"
#include "test/storage/append/cases.h"

namespace ottla::append_check {

// What became of a case.
struct Answer {
  std::int16_t error = 0;
  std::int64_t base_offset = -1;
  std::optional<std::int64_t> log_append_time = {};
  std::vector<std::int32_t> records = {};  // those that are named as bad
  bool message = false;                    // whether the client is told why in words
  Slice stored = {};                       // the batch, when it was appended
};

class Reference {
 public:
  explicit Reference(rpc::ClientConnection& connection) : connection_(connection) {}

  Task<Result<void>> create_topics();
  Task<Result<Answer>> produce(const Case& sent);

 private:
  Task<Result<Slice>> fetch(std::string_view topic, std::int64_t offset);
  Task<Result<void>> wait_for(std::string_view topic);

  // Sends `request` and reads the answer into `response`, which lives until the next call.
  template <protocol::Message Request, protocol::Message Response>
  Task<Result<void>> ask(const Request& request, std::int16_t version, Response& response) {
    arena_.reset();
    auto reply = co_await connection_.call(protocol::Encodable(request, version));
    if (!reply.ok()) co_return reply.error();
    last_ = std::move(*reply);
    co_return last_.read(arena_, response);
  }

  rpc::ClientConnection& connection_;
  Budget budget_{"append check", std::size_t{64} << 20};
  Arena arena_{budget_};
  rpc::Reply last_;
};

}  // namespace ottla::append_check
