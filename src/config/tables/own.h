// Keys of our own. The reference ignores what it does not know in server.properties, so one file can serve both.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kOwn[] = {
    {"ottla.memory", Type::int64, "0", at_least(0), Importance::high, UpdateMode::read_only,
     "Bytes of memory that this process uses at most; 0 takes a share of the machine's."},
    {"ottla.shards", Type::int32, "0", at_least(0), Importance::medium, UpdateMode::read_only,
     "Threads that each serve their share of connections and partitions; 0 means one for each core."},
    {"ottla.connection.move.after.requests", Type::int32, "32", at_least(0), Importance::low,
     UpdateMode::read_only,
     "Requests after which a connection moves to the shard that most of them are about; 0 lets it stay."},
    {"ottla.http.listener", Type::string, kNull, kNonEmpty, Importance::medium, UpdateMode::read_only,
     "Address as host:port that serves /metrics, /healthz and /readyz; nothing when unset."},
    {"ottla.scrub.bytes.per.second", Type::int64, "8388608", at_least(0), Importance::low,
     UpdateMode::cluster_wide,
     "Bytes a second that are read of segments to which nobody writes any more, to find rot; 0 reads none."},
    {"ottla.scrub.period.ms", Type::int64, "604800000", at_least(1), Importance::low,
     UpdateMode::cluster_wide, "Time from one reading of all such segments to the next."},
    {"ottla.log.level", Type::string, "info", kNonEmpty, Importance::low, UpdateMode::read_only,
     "How much is logged on standard error: trace, debug, info, warn, error or off; info,storage=debug sets "
     "one part "
     "apart."},
    {"ottla.log.format", Type::string, "text", one_of("text, json"), Importance::low, UpdateMode::read_only,
     "Whether log lines are text for people or JSON for programs."},
};

}  // namespace ottla::config::tables
