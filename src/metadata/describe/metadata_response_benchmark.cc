// What Metadata of all topics costs: 10,000 partitions of 3 replicas, in one topic or in topics of one partition each,
// from the image to the bytes of the response.
#include "metadata/describe/metadata_response.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "metadata/describe/topic_partitions.h"
#include "metadata/replay.h"
#include "protocol/codec.h"

namespace ottla::metadata {
namespace {

constexpr int kPartitions = 10'000;

void add_brokers(MetadataImage& image) {
  for (std::int32_t id = 1; id <= 3; ++id) {
    protocol::RegisterBrokerRecord::BrokerEndpoint endpoint;
    endpoint.name = "PLAINTEXT";
    endpoint.host = "broker.example";
    endpoint.port = 9092;
    const Uuid directory(7, static_cast<std::uint64_t>(id));
    protocol::RegisterBrokerRecord record;
    record.broker_id = id;
    record.end_points = protocol::Array(&endpoint, 1);
    record.fenced = false;
    record.log_dirs = protocol::Array(&directory, 1);
    if (!replay(image, record).ok()) std::abort();
  }
}

MetadataImage image_of(int partitions_each) {
  MetadataImage image;
  add_brokers(image);
  const std::int32_t replicas[] = {1, 2, 3};
  const Uuid directories[] = {Uuid(7, 1), Uuid(7, 2), Uuid(7, 3)};
  for (int each = 0; each < kPartitions; ++each) {
    const Uuid id(0x9e3779b97f4a7c15 * static_cast<std::uint64_t>(1 + each / partitions_each), 3);
    if (each % partitions_each == 0) {
      const std::string name = "orders-of-region-" + std::to_string(each);
      protocol::TopicRecord topic;
      topic.name = name;
      topic.topic_id = id;
      if (!replay(image, topic).ok()) std::abort();
    }
    protocol::PartitionRecord record;
    record.topic_id = id;
    record.partition_id = each % partitions_each;
    record.replicas = replicas;
    record.isr = replicas;
    record.leader = 1;
    record.directories = directories;
    if (!replay(image, record).ok()) std::abort();
  }
  return image;
}

// Whether the encoding is timed too.
enum class Until : std::uint8_t { described, encoded };

void describe_all(benchmark::State& state, Until until) {
  const MetadataImage image = image_of(static_cast<int>(state.range(0)));
  const FullAccess access;
  const Viewpoint viewpoint{.image = image, .listener = "PLAINTEXT", .access = access};
  const MetadataQuestion question{.viewpoint = viewpoint, .cluster_id = "cluster"};
  protocol::MetadataRequest request;
  request.topics = decltype(request.topics)::null();
  Budget budget("benchmark", std::size_t{64} << 20);
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    Arena arena(budget);
    protocol::MetadataResponse response;
    if (!describe_metadata(question, request, 13, arena, response).ok()) std::abort();
    benchmark::DoNotOptimize(response);
    if (until == Until::encoded) bytes = protocol::encode(response, 13).value().size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void describe_metadata_response(benchmark::State& state) {
  describe_all(state, Until::described);
}
void encode_metadata_response(benchmark::State& state) {
  describe_all(state, Until::encoded);
}
BENCHMARK(describe_metadata_response)->Arg(1)->Arg(kPartitions)->Unit(benchmark::kMicrosecond);
BENCHMARK(encode_metadata_response)->Arg(1)->Arg(kPartitions)->Unit(benchmark::kMicrosecond);

void describe_a_page(benchmark::State& state) {
  const MetadataImage image = image_of(static_cast<int>(state.range(0)));
  const FullAccess access;
  const Viewpoint viewpoint{.image = image, .listener = "PLAINTEXT", .access = access};
  protocol::DescribeTopicPartitionsRequest request;
  Budget budget("benchmark", std::size_t{64} << 20);
  for (auto _ : state) {
    Arena arena(budget);
    protocol::DescribeTopicPartitionsResponse response;
    if (!describe_topic_partitions(viewpoint, 2000, request, arena, response).ok()) std::abort();
    benchmark::DoNotOptimize(protocol::encode(response, 0).value().size());
  }
}
BENCHMARK(describe_a_page)->Arg(1)->Arg(kPartitions)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ottla::metadata
