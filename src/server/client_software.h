// How many of a listener's connections come from which client software, in which version, as clients say of themselves.
//
// Use:         ClientSoftware::Mark mark;  software.mark(mark, {});  …  software.mark(mark, {name, version});
//              software.unmark(mark);   when the connection has ended
// Lifetime:    outlives the marks of its connections.
// Concurrency: confined to its shard.
// Limits:      so many kinds at once: one that nobody uses any more makes room, and connections of those that find
//              none are not counted.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/metric.h"
#include "base/metric_registry.h"

namespace ottla::server {

class ClientSoftware {
 public:
  static constexpr std::size_t kMostKinds = 100;  // as many as the reference knows

  struct Name {
    std::string_view name = "unknown";
    std::string_view version = "unknown";
  };

  using Kind = std::pair<std::string, std::string>;  // name and version
  using Kinds = std::map<Kind, Metric<Gauge>>;

  // Of one connection.
  class Mark {
   public:
    Mark() = default;
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

   private:
    friend class ClientSoftware;
    const Kinds::value_type* counted_ = nullptr;  // in which it is, if in any
  };

  ClientSoftware(MetricRegistry& registry, std::string listener, std::string shard)
      : registry_(registry), listener_(std::move(listener)), shard_(std::move(shard)) {}

  // Of this kind it is from now on, and of none before.
  void mark(Mark& mark, Name name);
  void unmark(Mark& mark);
  // As what it is counted, if it is.
  static std::optional<Kind> kind_of(const Mark& mark) {
    return mark.counted_ != nullptr ? std::optional(mark.counted_->first) : std::nullopt;
  }

 private:
  bool make_room();

  MetricRegistry& registry_;
  const std::string listener_;
  const std::string shard_;
  Kinds kinds_;
};

// The way from a request to its connection's mark.
struct SoftwareDoor {
  ClientSoftware& software;
  ClientSoftware::Mark& mark;

  void is(ClientSoftware::Name name) const { software.mark(mark, name); }
};

}  // namespace ottla::server
