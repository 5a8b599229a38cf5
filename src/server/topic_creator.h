// Creates topics that clients ask about and that do not exist, in their name. Whoever asks does not wait for it: the
// topic is there when the client asks again.
//
// Use:         one on the first shard, and a door to it on each: co_await door.create(names, client, client_id);
// Lifetime:    stop() must have ended before it is destroyed; the link is stopped before that.
// Concurrency: TopicCreator is confined to the first shard, a TopicCreatorDoor to its own.
// Invariants:  a topic is asked for once at a time
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "server/client_info.h"
#include "server/controller_link.h"
#include "server/node_settings.h"

namespace ottla::server {

class TopicCreator {
 public:
  TopicCreator(ControllerLink& link, SharedSettings settings, Logger log)
      : link_(link), settings_(std::move(settings)), log_(log) {}

  void create(const std::vector<std::string>& names, ClientInfo client, std::string client_id);
  void set_settings(SharedSettings settings) { settings_ = std::move(settings); }
  std::size_t under_way() const { return under_way_.size(); }
  Task<void> stop() { return tasks_.stop(); }

 private:
  Task<void> ask(std::vector<std::string> names, ClientInfo client, std::string client_id, Cancel cancel);
  Task<Result<void>> send(const std::vector<std::string>& names, ClientInfo client, std::string client_id,
                          Cancel cancel);

  // So many at once; what comes beyond is asked for again by its client.
  static constexpr std::size_t kMost = 10'000;

  ControllerLink& link_;
  SharedSettings settings_;
  Logger log_;
  std::set<std::string> under_way_;
  TaskGroup tasks_;
};

class TopicCreatorDoor {
 public:
  TopicCreatorDoor(TopicCreator& creator, Shard& home) : creator_(creator), home_(home) {}

  // Ends when it is under way.
  Task<void> create(std::vector<std::string> names, ClientInfo client, std::string client_id);

 private:
  TopicCreator& creator_;
  Shard& home_;
};

}  // namespace ottla::server
