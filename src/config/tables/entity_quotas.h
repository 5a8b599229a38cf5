// Quotas and throttles, which are set while running and never in a file.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

// Throttles of a broker.
inline constexpr Key kBrokerThrottles[] = {
    {"leader.replication.throttled.rate", Type::int64, "9223372036854775807", at_least(0), Importance::medium,
     UpdateMode::cluster_wide, "Bytes a second that this broker sends for throttled leaders.",
     Effect::not_yet},
    {"follower.replication.throttled.rate", Type::int64, "9223372036854775807", at_least(0),
     Importance::medium, UpdateMode::cluster_wide,
     "Bytes a second that this broker copies for throttled followers.", Effect::not_yet},
    {"replica.alter.log.dirs.io.max.bytes.per.second", Type::int64, "9223372036854775807", at_least(0),
     Importance::medium, UpdateMode::cluster_wide,
     "Bytes a second that moves between this broker's log directories copy."},
};

// Quotas of users and clients.
inline constexpr Key kClientQuotas[] = {
    {"producer_byte_rate", Type::int64, "9223372036854775807", kAny, Importance::medium,
     UpdateMode::cluster_wide, "Bytes a second that may be produced on each broker."},
    {"consumer_byte_rate", Type::int64, "9223372036854775807", kAny, Importance::medium,
     UpdateMode::cluster_wide, "Bytes a second that may be fetched from each broker."},
    {"request_percentage", Type::real, "2.147483647E9", kAny, Importance::medium, UpdateMode::cluster_wide,
     "Share of the time of request workers, in percent of one."},
    {"controller_mutation_rate", Type::real, "2.147483647E9", kAny, Importance::medium,
     UpdateMode::cluster_wide, "Partitions a second that may be created, added or deleted."},
};

// Quotas of addresses.
inline constexpr Key kIpQuotas[] = {
    {"connection_creation_rate", Type::int32, "2147483647", at_least(0), Importance::medium,
     UpdateMode::cluster_wide, "New connections a second from this address."},
};

}  // namespace ottla::config::tables
