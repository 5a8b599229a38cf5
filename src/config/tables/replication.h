// Keys of a broker or controller: replication.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kReplication[] = {
    {"min.insync.replicas", Type::int32, "1", at_least(1), Importance::high, UpdateMode::cluster_wide,
     "Replicas that must hold a record before a producer with acks=all hears success."},
    {"unclean.leader.election.enable", Type::boolean, "false", kAny, Importance::high,
     UpdateMode::cluster_wide,
     "Whether a replica that lags may lead when no other is left; acknowledged records can be lost."},
    {"unclean.leader.election.interval.ms", Type::int64, "300000", at_least(1), Importance::medium,
     UpdateMode::read_only, "How often the controller looks for partitions that may get such a leader.",
     Effect::as_described, Visibility::internal},
    {"auto.leader.rebalance.enable", Type::boolean, "true", kAny, Importance::high, UpdateMode::read_only,
     "Whether leadership goes back to preferred replicas by itself."},
    {"leader.imbalance.check.interval.seconds", Type::int64, "300", at_least(1), Importance::high,
     UpdateMode::read_only, "How often the balance of leaders is looked at."},
    {"num.replica.fetchers", Type::int32, "1", at_least(1), Importance::high, UpdateMode::cluster_wide,
     "Fetchers for each source broker; more copy in parallel."},
    {"num.replica.alter.log.dirs.threads", Type::int32, kNull, kAny, Importance::high, UpdateMode::read_only,
     "Moves between log directories at once; one for each directory when unset.", Effect::none},
    {"replica.lag.time.max.ms", Type::int64, "30000", kAny, Importance::high, UpdateMode::read_only,
     "How long a follower may stay behind before it leaves the in-sync set."},
    {"replica.socket.timeout.ms", Type::int32, "30000", kAny, Importance::high, UpdateMode::read_only,
     "Patience for a leader's reply to a fetch; at least replica.fetch.wait.max.ms."},
    {"replica.socket.receive.buffer.bytes", Type::int32, "65536", kAny, Importance::high,
     UpdateMode::read_only, "Receive buffer that is asked of the system for fetches from a leader."},
    {"replica.fetch.max.bytes", Type::int32, "1048576", at_least(0), Importance::medium,
     UpdateMode::read_only,
     "Bytes of one partition that a follower asks for at once; one batch always fits."},
    {"replica.fetch.wait.max.ms", Type::int32, "500", kAny, Importance::high, UpdateMode::read_only,
     "Longest time that a leader holds a follower's fetch back."},
    {"replica.fetch.min.bytes", Type::int32, "1", kAny, Importance::high, UpdateMode::read_only,
     "Bytes for which a leader holds a follower's fetch back."},
    {"replica.fetch.response.max.bytes", Type::int32, "10485760", at_least(0), Importance::medium,
     UpdateMode::read_only, "Bytes that one reply to a follower holds; one batch always fits."},
    {"replica.fetch.backoff.ms", Type::int32, "1000", at_least(0), Importance::medium, UpdateMode::read_only,
     "Pause of a follower after a failed fetch."},
    {"replica.high.watermark.checkpoint.interval.ms", Type::int64, "5000", kAny, Importance::high,
     UpdateMode::read_only, "How often high watermarks are saved."},
    {"replica.selector.class", Type::string, kNull, kAny, Importance::medium, UpdateMode::read_only,
     "Class that picks the replica that a consumer reads from."},
    {"controller.socket.timeout.ms", Type::int32, "30000", kAny, Importance::medium, UpdateMode::read_only,
     "Patience for replies between broker and controller."},
    {"controlled.shutdown.enable", Type::boolean, "true", kAny, Importance::medium, UpdateMode::read_only,
     "Whether a broker hands over its leaderships before it stops."},
    {"fetch.purgatory.purge.interval.requests", Type::int32, "1000", kAny, Importance::medium,
     UpdateMode::read_only, "Fetches that finish before waiting lists are tidied.", Effect::none},
    {"producer.purgatory.purge.interval.requests", Type::int32, "1000", kAny, Importance::medium,
     UpdateMode::read_only, "Appends that finish before waiting lists are tidied.", Effect::none},
    {"delete.records.purgatory.purge.interval.requests", Type::int32, "1", kAny, Importance::medium,
     UpdateMode::read_only, "Deletions that finish before waiting lists are tidied.", Effect::none},
};

}  // namespace ottla::config::tables
