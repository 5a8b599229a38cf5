// The lives of one node on a simulated machine: each formats what is not formatted, starts a node, and stops it when it
// is asked to, or when the node itself cannot go on.
//
// Use:         NodeLife life({"num.partitions=3"});   host.start([&](Process& p, Cancel c) { return life.run(p, c); }, 2);
// Lifetime:    outlives the world's processes.
// Concurrency: each life is confined to its process; others look at it between two steps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/process.h"
#include "runtime/task.h"
#include "server/node.h"

namespace ottla::server {

class NodeLife {
 public:
  static constexpr std::uint16_t kPort = 9092;
  static constexpr std::uint16_t kControllerPort = 9093;
  static constexpr std::string_view kClusterId = "J8qXRwI-Qyi2G0guFTiuYw";

  // `overrides`: KEY=VALUE each, over a broker and controller in one, whose id is 1 and whose directory is /data.
  explicit NodeLife(std::vector<std::string> overrides) : overrides_(std::move(overrides)) {}

  // 0 when it was asked to end, 1 when it could not go on, 2 for a configuration that is none.
  Task<int> run(Process& process, Cancel cancel);

  // Null unless it is up.
  Node* node() const { return node_; }
  // In this life clients were served.
  bool ready() const { return node_ != nullptr && ready_; }
  std::uint64_t lives() const { return lives_; }
  // Why the last life ended by itself.
  const std::string& failure() const { return failure_; }

 private:
  class Up;

  Task<int> live(Process& process, Cancel cancel);
  int failed(std::string why);

  const std::vector<std::string> overrides_;
  Node* node_ = nullptr;
  bool ready_ = false;
  std::uint64_t lives_ = 0;
  std::string failure_;
};

}  // namespace ottla::server
