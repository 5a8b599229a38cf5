#include "server/connection_set.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/metric_family.h"
#include "config/node_key.h"
#include "protocol/frame_splitter.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "server/served.h"
#include "server/session.h"

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

// Longer than a process lives, and no overflow when it is added to a time.
constexpr Duration kNever = std::chrono::hours(24 * 365 * 10);

// Blocks that a shard keeps for the requests to come: as many as are in work at once, within a MiB.
constexpr std::size_t kIdleFrames = 64;

Duration idle_time(const config::NodeConfig& config) {
  const std::int64_t ms = config.get(config::node_key<"connections.max.idle.ms">);
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(kNever).count();
  return ms < 0 || ms > limit ? kNever : Duration(std::chrono::milliseconds(ms));
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
          options_for(ListenerKind::controller, config, frame_memory_, frame_memory, frames_)) {}

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

void ConnectionSet::admit(std::unique_ptr<PendingStream> pending, const ListenerTerms& terms,
                          std::function<Task<void>()> gone) {
  if (!tasks_.open()) {
    pending->refuse();
    return;
  }
  tasks_.spawn([this, pending = std::move(pending), terms, gone = std::move(gone)](Cancel cancel) mutable {
    return serve(std::move(pending), std::move(terms), std::move(gone), cancel);
  });
}

Task<void> ConnectionSet::serve(std::unique_ptr<PendingStream> pending, ListenerTerms terms,
                                std::function<Task<void>()> gone, Cancel cancel) {
  Result<std::unique_ptr<Stream>> stream = pending->adopt();
  pending.reset();
  if (stream.ok()) co_await serve_stream(std::move(*stream), std::move(terms), cancel);
  co_await gone();
}

Task<void> ConnectionSet::serve_stream(std::unique_ptr<Stream> stream, ListenerTerms terms, Cancel cancel) {
  ListenerMeters& meters = meters_of(terms.name);
  meters.created->increment();
  meters.open->add(1);
  ClientInfo client{.kind = terms.kind,
                    .listener = terms.name,
                    .local = stream->local_address(),
                    .peer = stream->peer_address()};
  CancelSource stop(cancel);
  client.connection = &stop;
  UseOrder::Place place(terms, stop);
  order_.add(place);
  ClientSoftware::Mark mark;
  const SoftwareDoor software{.software = *meters.software, .mark = mark};
  client.software = &software;
  meters.software->mark(mark, {});
  Session session(dispatcher_, std::move(client), order_, place);
  rpc::ServerConnection connection(std::move(stream), session,
                                   terms.kind == ListenerKind::broker ? broker_options_ : controller_options_,
                                   {.in = &*meters.bytes_in, .out = &*meters.bytes_out});
  co_await connection.run(stop.token());
  note_end(session.client(), connection.ended());
  meters.software->unmark(mark);
  meters.open->add(-1);
  meters.closed->increment();
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
