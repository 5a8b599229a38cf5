#include "bench/load/producers.h"

#include <fmt/format.h>

#include <chrono>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "bench/batches.h"
#include "protocol/array.h"
#include "protocol/codec.h"
#include "protocol/messages/produce.h"
#include "record/batch_view.h"
#include "runtime/address.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla::bench {
namespace {

using protocol::Array;
using protocol::Encodable;
using protocol::ProduceRequest;

constexpr std::int16_t kVersion = 13;
constexpr std::size_t kReplyMemory = std::size_t{1} << 20U;
constexpr std::int32_t kTimeoutMs = 30'000;
// Records of a batch lie a millisecond apart, and none of them may be in the future.
constexpr std::int64_t kBackMs = 60'000;

// Whether all of it was taken in; false if it is to be sent again.
bool accepted(const rpc::Reply& reply) {
  Budget budget("reply", kReplyMemory);
  Arena arena(budget);
  protocol::ProduceResponse response;
  reply.read(arena, response).value();
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partition_responses) {
      if (partition.error_code == 0) continue;
      if (will_pass(partition.error_code)) return false;
      throw std::runtime_error(fmt::format("a batch for partition {} was refused: error {}", partition.index,
                                           partition.error_code));
    }
  }
  return true;
}

}  // namespace

Task<Connections> connect(std::uint16_t port, std::size_t count, Cancel cancel) {
  Connections connections;
  for (std::size_t each = 0; each < count; ++each) {
    auto connected = co_await rpc::ClientConnection::connect(this_shard().network(), Address::loopback(port),
                                                             {.client_id = "load"}, cancel);
    connections.push_back(std::move(connected).value());
  }
  co_return connections;
}

Task<void> close(Connections connections) {
  for (auto& each : connections) co_await each->close();
}

Prepared prepare(const Arguments& arguments) {
  Prepared prepared;
  prepared.batch = make_batch(arguments.batch, arguments.record, arguments.codec,
                              to_epoch_millis(this_shard().wall_now()) - kBackMs);
  prepared.records = record::BatchView::whole(prepared.batch.as_span()).count();
  prepared.plain_bytes = static_cast<std::uint64_t>(prepared.records) * arguments.record;
  return prepared;
}

Task<void> produce_once(rpc::ClientConnection& connection, const Topic& topic, std::int32_t partition,
                        const Slice& batch, std::int16_t acks) {
  const Chain records(batch);
  ProduceRequest::PartitionProduceData data;
  data.index = partition;
  data.records = protocol::Records(records);
  ProduceRequest::TopicProduceData of_topic;
  of_topic.topic_id = topic.id;
  of_topic.partition_data = Array<ProduceRequest::PartitionProduceData>(std::span(&data, 1));
  ProduceRequest request;
  request.acks = acks;
  request.timeout_ms = kTimeoutMs;
  request.topic_data = Array<ProduceRequest::TopicProduceData>(std::span(&of_topic, 1));
  if (acks == 0) {
    (co_await connection.send(Encodable(request, kVersion))).value();
    co_return;
  }
  while (!accepted((co_await connection.call(Encodable(request, kVersion))).value()))
    (void)co_await sleep_for(std::chrono::milliseconds(1));
}

bool Producers::done() const {
  return arguments_.amount > 0 ? begun_bytes_ >= arguments_.amount : clock_ns() >= window_.end_ns();
}

// Each lane has one request under way, and goes from one of its connection's partitions to the next.
Task<void> Producers::loop(rpc::ClientConnection& connection, std::size_t lane) {
  const auto partitions = static_cast<std::size_t>(topic_.partitions);
  for (std::size_t turn = lane; !done(); turn += arguments_.connections) {
    const std::int64_t sent = clock_ns();
    begun_bytes_ += prepared_.plain_bytes;
    co_await produce_once(connection, topic_, static_cast<std::int32_t>(turn % partitions), prepared_.batch,
                          arguments_.acks);
    const std::int64_t answered = clock_ns();
    // What was answered in the window counts, so that nothing of it is from before or behind.
    if (window_.holds(answered)) latency_.add(answered - sent);
  }
}

Task<void> Producers::run(Cancel cancel) {
  Connections connections = co_await connect(arguments_.port, arguments_.connections, cancel);
  TaskGroup group;
  if (arguments_.amount > 0) {
    window_.open();
  } else {
    window_.begin_warmup();
    group.spawn(window_.watch());
  }
  for (std::size_t each = 0; each < connections.size(); ++each) {
    for (std::size_t lane = 0; lane < arguments_.in_flight; ++lane)
      group.spawn(loop(*connections[each], each + lane * arguments_.connections));
  }
  co_await group.wait();
  if (arguments_.amount > 0) window_.close();
  co_await close(std::move(connections));
}

std::string Producers::json() const {
  const auto requests = static_cast<double>(latency_.count());
  const double bytes = requests * static_cast<double>(prepared_.plain_bytes);
  return fmt::format(
      R"({{"seconds": {:.3f}, "requests": {}, "records": {}, "bytes": {:.0f}, "wire_bytes": {:.0f}, "requests_per_s": {:.1f}, "mb_per_s": {:.2f}, "broker": {}, "latency_ns": {}}})",
      window_.seconds(), latency_.count(), latency_.count() * static_cast<std::uint64_t>(prepared_.records),
      bytes, requests * static_cast<double>(prepared_.batch.size()), requests / window_.seconds(),
      bytes / 1e6 / window_.seconds(), window_.json(), latency_.json());
}

}  // namespace ottla::bench
