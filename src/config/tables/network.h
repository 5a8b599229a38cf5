// Keys of a broker or controller: listeners and connections.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kNetwork[] = {
    {"listeners", Type::list, "PLAINTEXT://:9092", kFilledList, Importance::high, UpdateMode::per_broker,
     "Addresses to listen on as NAME://host:port; an empty host means every interface. Altering opens "
     "listeners with new names and closes those whose names are gone, with their connections; what clients "
     "are told to use stays."},
    {"advertised.listeners", Type::list, kNull, kFilledListOrNull, Importance::high, UpdateMode::read_only,
     "Addresses that clients and other nodes are told to use; those of listeners when unset. auto is a word "
     "of our own for unset; a listener without a host then tells each client the address of this node's end "
     "of its connection."},
    {"listener.security.protocol.map", Type::string,
     "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT", kAny, Importance::low,
     UpdateMode::per_broker, "Which protocol each listener name speaks, as NAME:PROTOCOL."},
    {"inter.broker.listener.name", Type::string, kNull, kAny, Importance::medium, UpdateMode::read_only,
     "Listener through which brokers talk to each other."},
    {"security.inter.broker.protocol", Type::string, "PLAINTEXT",
     one_of("PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"), Importance::medium, UpdateMode::read_only,
     "Protocol between brokers when no listener is named for it."},
    {"socket.send.buffer.bytes", Type::int32, "102400", kAny, Importance::high, UpdateMode::read_only,
     "Send buffer that is asked of the system for each connection. When unset, and with -1, the system fits "
     "it "
     "to the peer."},
    {"socket.receive.buffer.bytes", Type::int32, "102400", kAny, Importance::high, UpdateMode::read_only,
     "Receive buffer that is asked of the system for each connection. When unset, and with -1, the system "
     "fits "
     "it to the peer."},
    {"socket.request.max.bytes", Type::int32, "104857600", at_least(1), Importance::high,
     UpdateMode::read_only, "Largest request that is read; a larger one closes its connection."},
    {"socket.listen.backlog.size", Type::int32, "50", at_least(1), Importance::medium, UpdateMode::read_only,
     "How many connections may wait to be accepted; the system has a limit of its own."},
    {"socket.connection.setup.timeout.ms", Type::int64, "10000", kAny, Importance::medium,
     UpdateMode::read_only,
     "First patience for a connection that this node opens to a controller; it doubles with each failure."},
    {"socket.connection.setup.timeout.max.ms", Type::int64, "30000", kAny, Importance::medium,
     UpdateMode::read_only, "Longest patience for a connection that this node opens to a controller."},
    {"max.connections", Type::int32, "2147483647", at_least(0), Importance::medium, UpdateMode::cluster_wide,
     "Most connections of this node; a listener can have a limit of its own."},
    {"max.connections.per.ip", Type::int32, "2147483647", at_least(0), Importance::medium,
     UpdateMode::cluster_wide, "Most connections from one address."},
    {"max.connections.per.ip.overrides", Type::string, "", kAny, Importance::medium, UpdateMode::cluster_wide,
     "Other limits for some addresses or host names, as host:count."},
    {"max.connection.creation.rate", Type::int32, "2147483647", at_least(0), Importance::medium,
     UpdateMode::cluster_wide, "New connections a second that are accepted; more must wait."},
    {"connections.max.idle.ms", Type::int64, "600000", kAny, Importance::medium, UpdateMode::read_only,
     "Silence after which a connection is closed."},
    {"connection.failed.authentication.delay.ms", Type::int32, "100", at_least(0), Importance::low,
     UpdateMode::read_only, "How long the close of a connection is held back whose authentication failed.",
     Effect::not_yet},
    {"queued.max.request.bytes", Type::int64, "-1", kAny, Importance::medium, UpdateMode::read_only,
     "Bytes of waiting requests above which no more are read; -1 means no limit."},
    {"queued.max.requests", Type::int32, "500", at_least(1), Importance::high, UpdateMode::read_only,
     "Requests that may wait for a worker.", Effect::none},
    {"num.network.threads", Type::int32, "3", at_least(1), Importance::high, UpdateMode::cluster_wide,
     "Threads that move bytes between sockets and requests.", Effect::none},
    {"num.io.threads", Type::int32, "8", at_least(1), Importance::high, UpdateMode::cluster_wide,
     "Threads that work on requests.", Effect::none},
    {"background.threads", Type::int32, "10", at_least(1), Importance::high, UpdateMode::cluster_wide,
     "Threads for chores in the background.", Effect::none},
    {"request.timeout.ms", Type::int32, "30000", kAny, Importance::high, UpdateMode::read_only,
     "Patience for replies from other nodes."},
    {"max.request.partition.size.limit", Type::int32, "2000", at_least(1), Importance::medium,
     UpdateMode::read_only, "Most partitions that one page of a topic listing shows."},
    {"fetch.max.bytes", Type::int32, "57671680", at_least(1024), Importance::medium, UpdateMode::read_only,
     "Most bytes that one fetch may return."},
    {"max.incremental.fetch.session.cache.slots", Type::int32, "1000", at_least(0), Importance::medium,
     UpdateMode::read_only, "Fetch sessions that are kept at once."},
    {"broker.rack", Type::string, kNull, kAny, Importance::medium, UpdateMode::read_only,
     "Rack or zone of this node, for placing replicas and for reading nearby."},
};

}  // namespace ottla::config::tables
