// What images cost: 10,000 partitions of 3 replicas, in one topic or in topics of one partition each.
#include "metadata/image.h"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "metadata/delta.h"
#include "metadata/image_hash.h"
#include "metadata/record_writer.h"
#include "metadata/replay.h"
#include "metadata/testing/random_records.h"

namespace ottla::metadata {
namespace {

constexpr int kPartitions = 10'000;

// The log of a cluster that has them.
std::vector<std::string> records(int partitions_each) {
  std::vector<std::string> log;
  const std::int32_t replicas[] = {1, 2, 3};
  const Uuid directories[] = {Uuid(7, 1), Uuid(7, 2), Uuid(7, 3)};
  for (int each = 0; each < kPartitions; ++each) {
    const Uuid id(0x9e3779b97f4a7c15 * static_cast<std::uint64_t>(1 + each / partitions_each), 3);
    if (each % partitions_each == 0) {
      const std::string name = "orders-of-region-" + std::to_string(each);
      protocol::TopicRecord topic;
      topic.name = name;
      topic.topic_id = id;
      log.push_back(encoded_record(topic));
    }
    protocol::PartitionRecord record;
    record.topic_id = id;
    record.partition_id = each % partitions_each;
    record.replicas = replicas;
    record.isr = replicas;
    record.leader = 1;
    record.directories = directories;
    log.push_back(encoded_record(record));
  }
  return log;
}

class Folder {
 public:
  void fold(MetadataImage& image, const std::string& record) {
    arena_.reset();
    const auto opened =
        protocol::open_metadata_record("__cluster_metadata", std::as_bytes(std::span(record)));
    if (!replay(image, opened.value(), arena_).ok()) std::abort();
  }
  MetadataImage folded(const std::vector<std::string>& log) {
    MetadataImage image;
    image.features.metadata_version = kLatestMetadataVersion;
    for (const std::string& each : log) fold(image, each);
    return image;
  }

 private:
  Budget budget_{"records of a benchmark", std::size_t{1} << 20U};
  Arena arena_{budget_, {}};
};

void fold(benchmark::State& state) {
  const std::vector<std::string> log = records(static_cast<int>(state.range(0)));
  Folder folder;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::size_t before = mallinfo2().uordblks;
    const MetadataImage image = folder.folded(log);
    benchmark::DoNotOptimize(image);
    bytes = mallinfo2().uordblks - before;
  }
  state.SetItemsProcessed(state.iterations() * kPartitions);
  state.counters["MiB"] = static_cast<double>(bytes) / (1 << 20);
}
BENCHMARK(fold)->Arg(kPartitions)->Arg(10)->Arg(1)->Unit(benchmark::kMillisecond);

// One partition changes, a new image is made, and what differs is told; the old image is kept meanwhile.
void change_one(benchmark::State& state) {
  Folder folder;
  auto now = std::make_shared<const MetadataImage>(folder.folded(records(static_cast<int>(state.range(0)))));
  protocol::PartitionChangeRecord change;
  change.topic_id = now->topics.by_id.begin()->first;
  change.partition_id = 0;
  change.leader = 2;
  for (auto _ : state) {
    MetadataImage next = *now;
    if (!replay(next, change).ok()) std::abort();
    auto after = std::make_shared<const MetadataImage>(std::move(next));
    benchmark::DoNotOptimize(delta_between(now, after).topics.size());
    now = std::move(after);
  }
}
BENCHMARK(change_one)->Arg(kPartitions)->Arg(10)->Arg(1);

void iterate(benchmark::State& state) {
  Folder folder;
  const MetadataImage image = folder.folded(records(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    std::int64_t led = 0;
    for (const auto& [name, id] : image.topics.by_name) {
      for (const auto& [index, partition] : image.topics.find(id)->partitions) led += partition->leader();
    }
    benchmark::DoNotOptimize(led);
  }
  state.SetItemsProcessed(state.iterations() * kPartitions);
}
BENCHMARK(iterate)->Arg(kPartitions)->Arg(10)->Arg(1)->Unit(benchmark::kMicrosecond);

// As a reply that names all topics may do: in the order of their ids.
void iterate_by_id(benchmark::State& state) {
  Folder folder;
  const MetadataImage image = folder.folded(records(static_cast<int>(state.range(0))));
  for (auto _ : state) {
    std::int64_t led = 0;
    for (const auto& [id, topic] : image.topics.by_id) {
      for (const auto& [index, partition] : topic.partitions) led += partition->leader();
    }
    benchmark::DoNotOptimize(led);
  }
  state.SetItemsProcessed(state.iterations() * kPartitions);
}
BENCHMARK(iterate_by_id)->Arg(10)->Arg(1)->Unit(benchmark::kMicrosecond);

void whole_delta(benchmark::State& state) {
  Folder folder;
  const auto empty = std::make_shared<const MetadataImage>();
  const auto image =
      std::make_shared<const MetadataImage>(folder.folded(records(static_cast<int>(state.range(0)))));
  for (auto _ : state) benchmark::DoNotOptimize(delta_between(empty, image).topics.size());
}
BENCHMARK(whole_delta)->Arg(kPartitions)->Arg(1)->Unit(benchmark::kMicrosecond);

void snapshot(benchmark::State& state) {
  Folder folder;
  const MetadataImage image = folder.folded(records(10));
  for (auto _ : state) {
    std::size_t bytes = 0;
    const Result<> written = write_records(image, {}, [&](const protocol::Encodable& record) -> Result<> {
      bytes += protocol::encode(std::span(&record, 1), protocol::Prefix::metadata).value().size();
      return {};
    });
    if (!written.ok()) std::abort();
    state.counters["bytes"] = static_cast<double>(bytes);
  }
}
BENCHMARK(snapshot)->Unit(benchmark::kMillisecond);

void hash(benchmark::State& state) {
  Folder folder;
  const MetadataImage image = folder.folded(records(10));
  for (auto _ : state) benchmark::DoNotOptimize(image_hash(image));
}
BENCHMARK(hash)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ottla::metadata
