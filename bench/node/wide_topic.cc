#include "bench/node/wide_topic.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "bench/asking.h"
#include "bench/batches.h"
#include "bench/measure.h"
#include "protocol/array.h"
#include "protocol/messages/list_offsets.h"
#include "protocol/messages/produce.h"
#include "rpc/client_connection.h"
#include "runtime/address.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task.h"

namespace ottla::bench {
namespace {

using protocol::Array;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using rpc::ClientConnection;

constexpr std::int16_t kListOffsets = 7;
constexpr std::int16_t kProduce = 9;  // the last but three that names topics
constexpr std::int64_t kLatest = -1;
constexpr std::int32_t kTimeoutMs = 60'000;
constexpr std::size_t kRecord = 100;
constexpr double kSecond = 1e9;
constexpr double kPatience = 300e9;

using Indexes = std::vector<std::int32_t>;
// Asks these partitions; which of them have refused.
using Round = std::function<Task<Indexes>(ClientConnection&, Indexes)>;

// Seconds until nobody refuses any more.
double until_none_refuses(std::uint16_t port, const NewTopic& topic, const Round& round) {
  return in_process(1, [&](Process&, Cancel cancel) -> Task<double> {
    const double begin = now_ns();
    auto connection =
        (co_await ClientConnection::connect(this_shard().network(), Address::loopback(port), {}, cancel))
            .value();
    Indexes left(static_cast<std::size_t>(topic.partitions));
    std::iota(left.begin(), left.end(), 0);
    while (true) {
      left = co_await round(*connection, std::move(left));
      if (left.empty()) break;
      if (now_ns() - begin > kPatience) throw std::runtime_error("partitions of " + topic.name + " refuse");
      (void)co_await sleep_for(std::chrono::milliseconds(1));
    }
    const double seconds = (now_ns() - begin) / kSecond;
    co_await connection->close();
    co_return seconds;
  });
}

// Of an answer by topic and partition, those with an error.
template <typename Topics, typename Partitions, typename Index>
Indexes refused_by(const Topics& topics, Partitions partitions, Index index) {
  Indexes refused;
  for (const auto& topic : topics) {
    for (const auto& partition : topic.*partitions) {
      if (partition.error_code != 0) refused.push_back(partition.*index);
    }
  }
  return refused;
}

Task<Indexes> ask_ends(ClientConnection& connection, const NewTopic& topic, Indexes partitions) {
  std::vector<ListOffsetsRequest::ListOffsetsPartition> wanted(partitions.size());
  for (std::size_t each = 0; each < wanted.size(); ++each) {
    wanted[each].partition_index = partitions[each];
    wanted[each].timestamp = kLatest;
  }
  ListOffsetsRequest::ListOffsetsTopic of_topic;
  of_topic.name = topic.name;
  of_topic.partitions = Array<ListOffsetsRequest::ListOffsetsPartition>(wanted);
  ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics = Array<ListOffsetsRequest::ListOffsetsTopic>(std::span(&of_topic, 1));
  const auto told = co_await ask<ListOffsetsResponse>(connection, {request, kListOffsets});
  using Topic = ListOffsetsResponse::ListOffsetsTopicResponse;
  co_return refused_by(told->response.topics, &Topic::partitions,
                       &ListOffsetsResponse::ListOffsetsPartitionResponse::partition_index);
}

Task<Indexes> produce(ClientConnection& connection, const NewTopic& topic, const Slice& batch,
                      Indexes partitions) {
  const Chain records(batch);
  std::vector<ProduceRequest::PartitionProduceData> data(partitions.size());
  for (std::size_t each = 0; each < data.size(); ++each) {
    data[each].index = partitions[each];
    data[each].records = protocol::Records(records);
  }
  ProduceRequest::TopicProduceData of_topic;
  of_topic.name = topic.name;
  of_topic.partition_data = Array<ProduceRequest::PartitionProduceData>(data);
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = kTimeoutMs;
  request.topic_data = Array<ProduceRequest::TopicProduceData>(std::span(&of_topic, 1));
  const auto told = co_await ask<ProduceResponse>(connection, {request, kProduce});
  using Topic = ProduceResponse::TopicProduceResponse;
  co_return refused_by(told->response.responses, &Topic::partition_responses,
                       &ProduceResponse::PartitionProduceResponse::index);
}

}  // namespace

double await_served(std::uint16_t port, const NewTopic& topic) {
  return until_none_refuses(port, topic, [&](ClientConnection& connection, Indexes partitions) {
    return ask_ends(connection, topic, std::move(partitions));
  });
}

double fill(std::uint16_t port, const NewTopic& topic) {
  const Slice batch = make_batch(kRecord, kRecord);
  return until_none_refuses(port, topic, [&](ClientConnection& connection, Indexes partitions) {
    return produce(connection, topic, batch, std::move(partitions));
  });
}

}  // namespace ottla::bench
