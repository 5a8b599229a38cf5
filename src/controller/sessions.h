// When brokers were last heard of: soft state of the active controller, made anew by each one.
//
// Lifetime:    from activation to the loss of leadership. A new controller gives each broker a whole session.
// Concurrency: confined to one shard.
// Invariants:  a session belongs to one registration: one of another epoch begins anew
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/node_id.h"
#include "metadata/image.h"
#include "runtime/clock.h"

namespace ottla::controller {

class Sessions {
 public:
  explicit Sessions(Duration timeout) : timeout_(timeout) {}

  // All brokers of the image are as if heard of now.
  void begin(const metadata::MetadataImage& image, Instant now);
  void touch(NodeId broker, std::int64_t epoch, std::int64_t metadata_offset, Instant now);
  void forget(NodeId broker) { sessions_.erase(broker); }

  bool has_valid(NodeId broker, std::int64_t epoch, Instant now) const;
  // Of a broker that shuts down: it may go when all active ones have replayed up to there. Kept until the broker
  // registers again.
  std::optional<std::int64_t> shutdown_offset(NodeId broker) const;
  void set_shutdown_offset(NodeId broker, std::int64_t offset);
  // How far the broker has replayed, as it said last; -1: it has not said anything.
  std::int64_t metadata_offset(NodeId broker) const;

  // The one among brokers that are not fenced whose session ended longest ago.
  std::optional<NodeId> longest_silent(const metadata::MetadataImage& image, Instant now) const;
  // When the next session of such a broker ends.
  std::optional<Instant> next_end(const metadata::MetadataImage& image) const;

 private:
  struct Session {
    std::int64_t epoch = -1;
    std::int64_t metadata_offset = -1;
    std::optional<std::int64_t> shutdown_offset = {};
    Instant last_contact = {};
  };

  Duration timeout_;
  std::map<NodeId, Session> sessions_;
};

}  // namespace ottla::controller
