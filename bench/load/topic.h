// The topic that is written to and read from: made when it is not there, and told apart by its id.
//
// Errors: what the node refuses ends the benchmark with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "rpc/client_connection.h"
#include "runtime/task.h"

namespace ottla::bench {

struct Topic {
  std::string name;
  Uuid id;
  std::int32_t partitions = 0;
};

using TopicConfigs = std::vector<std::pair<std::string, std::string>>;

// Ends when all of its partitions have leaders. One that is there already stays as it is.
Task<Topic> make_topic(rpc::ClientConnection& connection, std::string name, std::int32_t partitions,
                       TopicConfigs configs);
// Which is there.
Task<Topic> find_topic(rpc::ClientConnection& connection, std::string name);

Task<void> drop_topic(rpc::ClientConnection& connection, std::string name);

// An error that a client asks again after: the topic is so new that not everything in the node knows of it.
bool will_pass(std::int16_t error);

}  // namespace ottla::bench
