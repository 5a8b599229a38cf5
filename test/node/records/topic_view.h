// What a client knows of a topic, and how it finds out.
//
// Concurrency: confined to the client's shard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/uuid.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "test/node/life/line.h"

namespace ottla::server {

struct TopicView {
  Uuid id;
  std::int32_t partitions = 0;
};
// Nothing when there is none, or nobody tells.
Task<std::optional<TopicView>> ask_for_topic(Line& line, std::string topic, Cancel cancel);

// The answer for one partition; `timestamp` as in ListOffsets.
Task<std::optional<std::int64_t>> ask_for_offset(Line& line, std::string topic, std::int32_t partition,
                                                 std::int64_t timestamp, Cancel cancel);

}  // namespace ottla::server
