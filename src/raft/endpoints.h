// Where a replica can be reached: one address for each listener.
//
// Lifetime:    a value; copies share their contents, which never change.
// Concurrency: confined to one shard, as the shared contents are.
// Invariants:  1. sorted by listener  2. no listener occurs twice
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ottla::raft {

struct Endpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

class Endpoints {
 public:
  Endpoints() = default;
  // Of two for one listener the first stays.
  explicit Endpoints(std::vector<Endpoint> endpoints);

  bool empty() const { return all_ == nullptr; }
  std::size_t size() const { return empty() ? 0 : all_->size(); }
  // Null when there is none.
  const Endpoint* find(std::string_view listener) const;
  const std::vector<Endpoint>& list() const;

  friend bool operator==(const Endpoints& a, const Endpoints& b) { return a.list() == b.list(); }

 private:
  std::shared_ptr<const std::vector<Endpoint>> all_;  // null: none
};

}  // namespace ottla::raft
