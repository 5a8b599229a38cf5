// When brokers were last heard of, and how far each had replayed: soft state of the active controller.
//
// Lifetime:    from activation to the loss of leadership. A new controller gives each unfenced broker a whole session.
// Concurrency: confined to one shard.
// Invariants:  a session belongs to one registration: that of another epoch is another session
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

  // All brokers that are not fenced are as if heard of now.
  void begin(const metadata::MetadataImage& image, Instant now);
  // Also from brokers that are not registered so: that shows when the session ends.
  void heard_of(NodeId broker, std::int64_t epoch, Instant now);
  // What the broker's heartbeat was answered.
  void answered(NodeId broker, bool fenced, std::int64_t metadata_offset);
  // Another incarnation of the broker has registered, or it is gone.
  void forget(NodeId broker) { brokers_.erase(broker); }

  bool has_valid(NodeId broker, std::int64_t epoch, Instant now) const;
  // Of a broker that shuts down: it may go when all active ones have replayed up to there.
  std::optional<std::int64_t> shutdown_offset(NodeId broker) const;
  // Only the first one counts.
  void begin_shutdown(NodeId broker, std::int64_t offset);
  // How far every broker has replayed that is neither fenced nor shuts down.
  std::int64_t lowest_active_offset(const metadata::MetadataImage& image) const;

  // One whose session has ended; it is forgotten.
  struct Ended {
    NodeId broker;
    std::int64_t epoch;
  };
  std::optional<Ended> take_ended(Instant now);
  std::optional<Instant> last_contact(NodeId broker, std::int64_t epoch) const;

 private:
  struct Broker {
    std::int64_t metadata_offset = -1;
    std::optional<std::int64_t> shutdown_offset = {};
  };

  Duration timeout_;
  std::map<std::pair<NodeId, std::int64_t>, Instant> contacts_;  // by broker and epoch
  std::map<NodeId, Broker> brokers_;
};

}  // namespace ottla::controller
