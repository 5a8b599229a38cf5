// Speaks to servers on behalf of a script: a line is a request as JSON, and what comes back is a line.
//
// Use:         Asker asker({"localhost:9092"});  std::string line = co_await asker.ask("0 Metadata 12 {}", cancel);
//              …  co_await asker.close();
// Lines:       SERVER API VERSION JSON        SERVER counts from 0; fields that are left out are defaults
//              answered by  "reply JSON" (record batches told one by one, see told_batches.h), "sent" when there is
//              no answer to it, "closed" when the server ended the connection instead, "refused" when nobody
//              listens there, "silence" when neither came for long, or "error TEXT"
// Lifetime:    close() must have ended before it is destroyed.
// Concurrency: confined to its shard; one line at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/result.h"
#include "rpc/client_connection.h"
#include "runtime/cancel.h"
#include "runtime/task.h"

namespace ottla::node_compare {

class Asker {
 public:
  explicit Asker(std::vector<std::string> servers);

  Task<std::string> ask(std::string line, Cancel cancel);
  Task<void> close();

 private:
  struct Question {
    std::size_t server = 0;
    const protocol::ApiInfo* api = nullptr;
    std::int16_t version = 0;
    std::string_view json;
  };
  Result<Question> understand(std::string_view line) const;
  Task<Result<std::string>> answer_to(Question question, Cancel cancel);
  Task<Result<rpc::Reply>> exchange(std::size_t server, protocol::Encodable request, Cancel cancel);
  Task<Result<rpc::ClientConnection*>> connection_to(std::size_t server, Cancel cancel);

  const std::vector<std::string> servers_;
  std::map<std::size_t, std::unique_ptr<rpc::ClientConnection>> connections_;
  Budget memory_;
};

}  // namespace ottla::node_compare
