#include "bench/admin.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bench/asking.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "protocol/array.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/metadata.h"
#include "rpc/client_connection.h"
#include "runtime/address.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task.h"

namespace ottla::bench {
namespace {

using protocol::Array;
using rpc::ClientConnection;

constexpr std::int16_t kCreateTopics = 7;
constexpr std::int16_t kMetadata = 12;
constexpr double kSecond = 1e9;
constexpr double kMillisecond = 1e6;
constexpr double kPatience = 300e9;

// On one connection of a process of its own.
double connected(std::uint16_t port, const std::function<Task<double>(ClientConnection&)>& work) {
  return in_process(1, [&](Process&, Cancel cancel) -> Task<double> {
    auto connection =
        (co_await ClientConnection::connect(this_shard().network(), Address::loopback(port), {}, cancel))
            .value();
    const double figure = co_await work(*connection);
    co_await connection->close();
    co_return figure;
  });
}

Task<void> create(ClientConnection& connection, NewTopic topic) {
  protocol::CreateTopicsRequest::CreatableTopic wanted;
  wanted.name = topic.name;
  wanted.num_partitions = topic.partitions;
  wanted.replication_factor = 1;
  protocol::CreateTopicsRequest request;
  request.topics = Array<protocol::CreateTopicsRequest::CreatableTopic>(std::span(&wanted, 1));
  const auto told = co_await ask<protocol::CreateTopicsResponse>(connection, {request, kCreateTopics});
  for (const auto& each : told->response.topics) {
    if (each.error_code != 0) {
      throw std::runtime_error("a topic was not created: " + std::to_string(each.error_code));
    }
  }
}

// How many partitions have a leader.
Task<std::size_t> led(ClientConnection& connection) {
  protocol::MetadataRequest request;
  request.topics = Array<protocol::MetadataRequest::MetadataRequestTopic>::null();
  const auto told = co_await ask<protocol::MetadataResponse>(connection, {request, kMetadata});
  std::size_t count = 0;
  for (const auto& topic : told->response.topics) {
    for (const auto& partition : topic.partitions)
      count += partition.leader_id >= 0 && partition.error_code == 0;
  }
  co_return count;
}

}  // namespace

double create_topics(std::uint16_t port, const std::vector<NewTopic>& topics) {
  return connected(port, [&](ClientConnection& connection) -> Task<double> {
    const double begin = now_ns();
    for (const NewTopic& each : topics) co_await create(connection, each);
    co_return (now_ns() - begin) / kSecond;
  });
}

double await_leaders(std::uint16_t port, std::size_t partitions) {
  return connected(port, [&](ClientConnection& connection) -> Task<double> {
    const double begin = now_ns();
    while (co_await led(connection) < partitions) {
      if (now_ns() - begin > kPatience) throw std::runtime_error("partitions stay without a leader");
      (void)co_await sleep_for(std::chrono::milliseconds(1));
    }
    co_return (now_ns() - begin) / kSecond;
  });
}

double metadata_ms(std::uint16_t port, int times) {
  return connected(port, [&](ClientConnection& connection) -> Task<double> {
    std::vector<double> samples;
    for (int each = 0; each <= times; ++each) {
      const double begin = now_ns();
      (void)co_await led(connection);
      if (each > 0) samples.push_back((now_ns() - begin) / kMillisecond);
    }
    co_return median(samples);
  });
}

}  // namespace ottla::bench
