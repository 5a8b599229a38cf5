// Keys of a broker or controller: transactions and producers.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kTransactions[] = {
    {"transactional.id.expiration.ms", Type::int32, "604800000", at_least(1), Importance::high,
     UpdateMode::read_only, "Idle time after which a transactional id is forgotten.", Effect::not_yet},
    {"transaction.max.timeout.ms", Type::int32, "900000", at_least(1), Importance::high,
     UpdateMode::read_only, "Longest transaction timeout that a producer may ask for."},
    {"transaction.state.log.min.isr", Type::int32, "2", at_least(1), Importance::high, UpdateMode::read_only,
     "In-sync replicas that a write to the transaction topic needs."},
    {"transaction.state.log.load.buffer.size", Type::int32, "5242880", at_least(1), Importance::high,
     UpdateMode::read_only, "Bytes read at once when a transaction coordinator loads its state.",
     Effect::not_yet},
    {"transaction.state.log.replication.factor", Type::int16, "3", at_least(1), Importance::high,
     UpdateMode::read_only,
     "Replicas of the transaction topic, which is only created with that many brokers."},
    {"transaction.state.log.num.partitions", Type::int32, "50", at_least(1), Importance::high,
     UpdateMode::read_only, "Partitions of the transaction topic; not to be changed later."},
    {"transaction.state.log.segment.bytes", Type::int32, "104857600", at_least(1), Importance::high,
     UpdateMode::read_only, "Segment size of the transaction topic."},
    {"transaction.abort.timed.out.transaction.cleanup.interval.ms", Type::int32, "10000", at_least(1),
     Importance::low, UpdateMode::read_only, "How often transactions past their timeout are looked for.",
     Effect::not_yet},
    {"transaction.remove.expired.transaction.cleanup.interval.ms", Type::int32, "3600000", at_least(1),
     Importance::low, UpdateMode::read_only, "How often forgotten transactional ids are looked for.",
     Effect::not_yet},
    {"transaction.partition.verification.enable", Type::boolean, "true", kAny, Importance::low,
     UpdateMode::cluster_wide,
     "Whether a partition asks the coordinator before it takes a transaction's first record."},
    {"transaction.two.phase.commit.enable", Type::boolean, "false", kAny, Importance::low,
     UpdateMode::read_only,
     "Whether producers may leave transactions open without a timeout, for a commit in two phases.",
     Effect::not_yet},
    {"add.partitions.to.txn.retry.backoff.ms", Type::int32, "20", at_least(1), Importance::high,
     UpdateMode::read_only,
     "First pause of the server before it tries again to add a partition to a transaction.", Effect::not_yet},
    {"add.partitions.to.txn.retry.backoff.max.ms", Type::int32, "100", at_least(0), Importance::high,
     UpdateMode::read_only, "Longest such pause.", Effect::not_yet},
    {"producer.id.expiration.ms", Type::int32, "86400000", at_least(1), Importance::low,
     UpdateMode::cluster_wide, "Idle time after which a partition forgets a producer."},
    {"producer.id.expiration.check.interval.ms", Type::int32, "600000", at_least(1), Importance::low,
     UpdateMode::read_only, "How often forgotten producers are looked for.", Effect::as_described,
     Visibility::internal},
};

}  // namespace ottla::config::tables
