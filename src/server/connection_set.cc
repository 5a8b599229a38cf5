#include "server/connection_set.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/metric_family.h"
#include "config/node_key.h"
#include "protocol/frame_splitter.h"
#include "runtime/cancel.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/shard_idle.h"
#include "server/served.h"
#include "server/session.h"
#include "server/shard_pull.h"

namespace ottla::server {
namespace {

constexpr GaugeFamily kOpen("kafka_server_socket_server_metrics_connection_count", "connections",
                            "Connections of clients and other nodes");
constexpr CounterFamily kCreated("kafka_server_socket_server_metrics_connection_creation", "connections",
                                 "Connections that were accepted");
constexpr CounterFamily kClosed("kafka_server_socket_server_metrics_connection_close", "connections",
                                "Connections that have ended");
constexpr CounterFamily kBytesIn("kafka_server_socket_server_metrics_incoming_byte", "bytes",
                                 "Bytes that came over connections");
constexpr CounterFamily kBytesOut("kafka_server_socket_server_metrics_outgoing_byte", "bytes",
                                  "Bytes that went over connections");
constexpr CounterFamily kMoves("ottla_connection_moves", "connections",
                               "Connections that have moved to the shard of their partitions");

// Longer than a process lives, and no overflow when it is added to a time.
constexpr Duration kNever = std::chrono::hours(24 * 365 * 10);

// Blocks that a shard keeps for the requests to come: as many as are in work at once, within a MiB.
constexpr std::size_t kIdleFrames = 64;

Duration idle_time(const config::NodeConfig& config) {
  const std::int64_t ms = config.get(config::node_key<"connections.max.idle.ms">);
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(kNever).count();
  return ms < 0 || ms > limit ? kNever : Duration(std::chrono::milliseconds(ms));
}

// It was to end just when it left.
Task<void> close_departed(std::unique_ptr<PendingStream> pending) {
  Result<std::unique_ptr<Stream>> stream = pending->adopt();
  if (stream.ok()) co_await (*stream)->close();
}

rpc::ServerConnectionOptions options_for(ListenerKind kind, const config::NodeConfig& config,
                                         Semaphore& memory, std::int64_t memory_size, BufferSource& buffers) {
  return {
      .served = served_by(kind, config),
      .largest_request = static_cast<std::size_t>(config.get(config::node_key<"socket.request.max.bytes">)),
      .idle = idle_time(config),
      .memory = &memory,
      .memory_size = memory_size,
      .buffers = &buffers};
}

}  // namespace

ConnectionSet::ConnectionSet(Dispatcher& dispatcher, const config::NodeConfig& config,
                             std::int64_t frame_memory)
    : dispatcher_(dispatcher),
      frame_memory_(frame_memory),
      frames_(protocol::FrameSplitter::kBlock, kIdleFrames),
      broker_options_(options_for(ListenerKind::broker, config, frame_memory_, frame_memory, frames_)),
      controller_options_(
          options_for(ListenerKind::controller, config, frame_memory_, frame_memory, frames_)),
      moves_(this_shard().metrics().counter(kMoves)),
      requests_before_move_(
          static_cast<std::uint32_t>(config.get(config::node_key<"ottla.connection.move.after.requests">))),
      idle_(shard_idle(this_shard().metrics(), this_shard().id())),
      load_(this_shard().now(), *idle_) {}

ConnectionSet::ListenerMeters& ConnectionSet::meters_of(const std::string& listener) {
  const auto known = meters_.find(listener);
  if (known != meters_.end()) return known->second;
  MetricRegistry& registry = this_shard().metrics();
  const std::string shard = std::to_string(this_shard().id().raw());
  const auto labels = {MetricLabelView{"listener", listener}, MetricLabelView{"network_processor", shard}};
  return meters_
      .emplace(listener,
               ListenerMeters{.open = registry.gauge(kOpen, labels),
                              .created = registry.counter(kCreated, labels),
                              .closed = registry.counter(kClosed, labels),
                              .bytes_in = registry.counter(kBytesIn, labels),
                              .bytes_out = registry.counter(kBytesOut, labels),
                              .software = std::make_unique<ClientSoftware>(registry, listener, shard)})
      .first->second;
}

void ConnectionSet::admit(std::unique_ptr<Arrival> arrival) {
  if (!tasks_.open()) {
    arrival->stream->refuse();
    return;
  }
  meters_of(arrival->terms.name).created->increment();
  tasks_.spawn([this, arrival = std::move(arrival)](Cancel cancel) mutable {
    return serve(std::move(arrival), cancel);
  });
}

std::unique_ptr<Arrival> ConnectionSet::take_over(std::unique_ptr<Arrival> arrival, bool fewer) {
  load_.look(this_shard().now());
  const bool has_room = load_.takes_one_more() || (fewer && load_.no_busier_than(arrival->busy));
  if (!tasks_.open() || !has_room) return arrival;
  moves_->increment();
  dispatcher_.node().log.debug("a connection has come to the shard of its partitions",
                               field("listener", arrival->terms.name), field("peer", arrival->peer));
  arrival->pull->arrived(this_shard().now());
  tasks_.spawn([this, arrival = std::move(arrival)](Cancel cancel) mutable {
    return serve(std::move(arrival), cancel);
  });
  return nullptr;
}

Task<void> ConnectionSet::serve(std::unique_ptr<Arrival> arrival, Cancel cancel) {
  const ShardId here = this_shard().id();
  ConnectionDesk& desk = *arrival->desk;
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = arrival->stream->adopt();
    arrival->stream.reset();
    if (!stream.ok() || !co_await serve_stream(std::move(*stream), *arrival, cancel)) break;
    const ShardId to = *arrival->pull->wanted();
    arrival->busy = load_.busy();
    arrival = co_await desk.pass_on(std::move(arrival), here, to);
    if (!arrival) co_return;
    arrival->pull->refused(this_shard().now());
  }
  meters_of(arrival->terms.name).closed->increment();
  co_await desk.gone(here, arrival->terms, arrival->peer);
}

Task<bool> ConnectionSet::serve_stream(std::unique_ptr<Stream> stream, Arrival& arrival, Cancel cancel) {
  const ListenerTerms& terms = arrival.terms;
  ListenerMeters& meters = meters_of(terms.name);
  meters.open->add(1);
  ClientSoftware::Mark mark;
  if (!arrival.pull) {
    arrival.pull.emplace(terms.kind == ListenerKind::broker ? requests_before_move_ : 0);
    meters.software->mark(mark, {});
  }
  CancelSource stop(cancel);
  ClientInfo client{.kind = terms.kind,
                    .listener = terms.name,
                    .local = stream->local_address(),
                    .peer = stream->peer_address(),
                    .principal = std::move(arrival.principal),
                    .connection = &stop,
                    .pull = &*arrival.pull};
  UseOrder::Place place(terms, stop);
  order_.add(place);
  const SoftwareDoor software{.software = *meters.software, .mark = mark};
  client.software = &software;
  if (arrival.software) software.is({.name = arrival.software->first, .version = arrival.software->second});
  Session session(dispatcher_, std::move(client), order_, place, load_);
  rpc::ServerConnection connection(
      std::move(stream), session, terms.kind == ListenerKind::broker ? broker_options_ : controller_options_,
      {.in = &*meters.bytes_in, .out = &*meters.bytes_out}, std::exchange(arrival.unread, {}));
  co_await connection.run(stop.token());
  arrival.software = ClientSoftware::kind_of(mark);
  meters.software->unmark(mark);
  meters.open->add(-1);
  std::optional<rpc::ServerConnection::Departed> departed = connection.take_departed();
  if (!departed || stop.requested()) {
    if (departed) co_await close_departed(std::move(departed->stream));
    note_end(session.client(), departed ? Error(Errc::cancelled) : connection.ended());
    co_return false;
  }
  arrival.stream = std::move(departed->stream);
  arrival.unread = std::move(departed->unread);
  arrival.principal = session.client().principal;
  co_return true;
}

// Those that ended in bad order get a line: their client will want to know why.
void ConnectionSet::note_end(const ClientInfo& client, const Error& ended) {
  const Logger& log = dispatcher_.node().log;
  switch (ended.code()) {
    case Errc::malformed:
    case Errc::truncated:
    case Errc::too_large:
    case Errc::unsupported:
      log.info("closed a connection whose bytes make no request", field("listener", client.listener),
               field("peer", client.peer), field("reason", ended));
      return;
    default:
      log.debug("a connection ended", field("listener", client.listener), field("peer", client.peer),
                field("reason", ended));
  }
}

Task<void> ConnectionSet::stop() {
  return tasks_.stop();
}

}  // namespace ottla::server
