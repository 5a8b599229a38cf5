// The small language in which stories about a node's replicas are told.
//
//    ReplicasUnderTest node(place);
//    co_await node.start();
//    co_await node.tell({"topic foo 1", "partition 1 0 replicas=1 isr=1 leader=1"});   // what metadata/testing says
//    EXPECT_EQ(co_await node.produce(1, 0, 3), "0-2");                              // a batch of three records
//    EXPECT_EQ(co_await node.fetch(1, 0, 0), "0-2");                                // batches by their offsets
//    co_await node.stop();
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/node_config.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "metadata/loader.h"
#include "metadata/testing/story.h"
#include "protocol/error_info.h"
#include "record/batch_builder.h"
#include "replica/replica_manager.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/sleep.h"
#include "runtime/whole_file.h"
#include "storage/format/meta_properties.h"
#include "test/storage/log/log_language.h"

namespace ottla::replica {

using contract::at;
using contract::files;
using contract::must;
using contract::outcome;
using contract::Place;

inline std::string name_of(protocol::ErrorCode code) {
  return protocol::info_of(code).name;
}

// What the node was told by its replicas.
struct HeardEvents final : ReplicaEvents {
  void on_directory_failed(const FailedDirectory& directory, const Error&) override {
    failed.push_back(directory);
  }
  void on_assigned(const PartitionKey& key, const Uuid& directory) override { assigned[key] = directory; }
  void on_loaded() override { ++loads; }
  Task<Result<std::vector<IsrAnswer>>> alter_isr(std::vector<IsrQuestion> questions) override {
    std::vector<IsrAnswer> answers;
    for (IsrQuestion& question : questions) {
      std::vector<NodeId> isr;
      for (const IsrProposal::Member& member : question.proposal.isr) isr.push_back(member.broker);
      answers.push_back({.key = question.key,
                         .number = question.proposal.number,
                         .error = refusal,
                         .altered = {.leader_epoch = question.proposal.leader_epoch,
                                     .partition_epoch = question.proposal.partition_epoch + 1,
                                     .isr = isr}});
      asked.push_back(std::move(question));
    }
    co_return answers;
  }

  std::vector<FailedDirectory> failed;
  std::map<PartitionKey, Uuid> assigned;
  std::vector<IsrQuestion> asked;
  protocol::ErrorCode refusal = protocol::ErrorCode::none;
  int loads = 0;
};

// Node 1, with the log directories "a" and "b", which stops and starts.
class ReplicasUnderTest {
 public:
  explicit ReplicasUnderTest(const Place& place) : place_(place) {
    config["log.dirs"] = at(place, "a") + "," + at(place, "b");
    config["process.roles"] = "broker,controller";
    config["node.id"] = "1";
    config["controller.listener.names"] = "CONTROLLER";
  }

  SharedNodeConfig node_config() const {
    config::Texts texts(config.begin(), config.end());
    std::vector<config::Problem> problems;
    auto read = std::make_shared<config::NodeConfig>(config::NodeConfig::read(std::move(texts), problems));
    EXPECT_TRUE(problems.empty()) << problems.front().key << ": " << problems.front().text;
    return read;
  }

  Task<void> format() {
    co_await must(files().make_directories(at(place_, "a")));
    const storage::MetaProperties identity{
        .version = 1, .cluster_id = "a-cluster", .node_id = NodeId(1), .directory_id = Uuid(7, 70)};
    co_await must(replace_file(files(), at(place_, "a/meta.properties"),
                               Slice::copy_of(storage::encode_meta_properties(identity, 0))));
  }
  Task<Result<void>> try_start() {
    ReplicaManager::Options options{
        .node = NodeId(1), .config = node_config(), .metadata_path = at(place_, "a"), .events = &events};
    options.shard_limits = {
        .descriptors = 64, .index_pages = 64, .batch_heads = 256, .recent_bytes = 1 << 20};
    OTTLA_CO_TRY(replicas, co_await ReplicaManager::open(std::move(options)));
    co_return co_await replicas->directories().begin();
  }
  // With what was told before, if anything was.
  Task<void> start() {
    co_await format_once();
    co_await must(try_start());
    published_ = std::make_shared<const metadata::MetadataImage>();
    co_await publish();
  }
  Task<void> stop(std::int64_t broker_epoch = 5) {
    co_await replicas->close(storage::LogDirectory::Ending::clean(broker_epoch));
    replicas.reset();
  }
  Task<void> restart() {
    co_await stop();
    co_await start();
  }

  // The metadata go on, and the replicas follow.
  Task<void> tell(std::vector<std::string_view> lines) {
    story_.tell_all(lines);
    co_await publish();
  }
  Task<void> publish() {
    story_.image.provenance.offset += 1;
    auto next = std::make_shared<const metadata::MetadataImage>(story_.image);
    const metadata::MetadataDelta delta = metadata::delta_between(published_, next);
    replicas->publisher().publish({delta, metadata::PublicationSource::log, 1});
    published_ = next;
    co_await must(replicas->publisher().applied(next->provenance.offset, {}));
  }
  // A topic with so many partitions that this node alone has, in epoch 0.
  Task<void> create(std::string name, int id, int partitions = 1) {
    know(std::move(name), id, partitions);
    co_await publish();
  }
  // The metadata have it already when the node starts.
  void know(std::string name, int id, int partitions) {
    story_.tell_all({"topic " + name + " " + std::to_string(id)});
    for (int each = 0; each < partitions; ++each) {
      story_.tell_all({"partition " + std::to_string(id) + " " + std::to_string(each) +
                       " replicas=1 isr=1 leader=1 epoch=0 pepoch=0"});
    }
  }

  // The same, and the metadata say in which directory they lie: the id is HIGH and LOW.
  Task<void> create_in(std::string name, int id, Uuid directory, int partitions = 1) {
    story_.tell_all({"topic " + name + " " + std::to_string(id)});
    for (int each = 0; each < partitions; ++each) {
      metadata::TopicImage& topic = *story_.image.topics.by_id.edit(key(id, 0).topic);
      const std::vector<std::int32_t> self{1};
      topic.partitions.set(PartitionId(each), metadata::Partition::make({.replicas = self,
                                                                         .directories = {&directory, 1},
                                                                         .isr = self,
                                                                         .removing_replicas = {},
                                                                         .adding_replicas = {},
                                                                         .elr = {},
                                                                         .last_known_elr = {},
                                                                         .leader = 1,
                                                                         .leader_epoch = 0,
                                                                         .partition_epoch = 0}));
    }
    co_await publish();
  }
  // The metadata lose a topic while the node is down.
  void forget(std::string_view name, int id) {
    EXPECT_EQ(story_.tell("remove-topic " + std::to_string(id)), "") << name;
  }

  PartitionKey key(int topic, int partition) const {
    for (const auto& [id, image] : story_.image.topics.by_id) {
      if (id.low() == static_cast<std::uint64_t>(topic)) return {id, PartitionId(partition)};
    }
    return {Uuid(0, static_cast<std::uint64_t>(topic)), PartitionId(partition)};
  }

  ProduceItem item(int topic, int partition, std::int32_t records = 1) {
    const std::int64_t time = 1000 * ++next_;
    ExclusiveBytes batch(storage::make_batch(Offset(next_), {.records = records, .timestamp = time}));
    record::set_base_offset(batch.span(), Offset(0));  // as a client sends it
    return {key(topic, partition), std::move(batch), {}};
  }
  // "0-2", or the error.
  static std::string shown(const AppendAnswer& answer) {
    if (!answer.ok()) return name_of(answer.error);
    const std::string first = answer.first_offset.to_string();
    return answer.first_offset == answer.last_offset ? first : first + "-" + answer.last_offset.to_string();
  }
  Task<std::string> produce(int topic, int partition, std::int32_t records = 1, std::int16_t acks = -1) {
    ProduceCall call{.items = {}, .acks = acks, .timeout = std::chrono::seconds(10)};
    call.items.push_back(item(topic, partition, records));
    const std::vector<AppendAnswer> answers =
        co_await replicas->door().begin_produce(std::move(call))->answers();
    co_return shown(answers.front());
  }

  FetchItem wanted(int topic, int partition, std::int64_t offset, std::uint64_t max_bytes = 1 << 20) const {
    return {key(topic, partition), {.offset = Offset(offset), .max_bytes = max_bytes}};
  }
  static Task<std::string> shown(ReadAnswer answer) {
    if (!answer.ok()) co_return name_of(answer.error);
    const std::string bytes = co_await storage::bytes_of(std::move(answer.records));
    co_return storage::describe(std::as_bytes(std::span(bytes)));
  }
  Task<std::string> fetch(int topic, int partition, std::int64_t offset) {
    FetchCall call{.items = {wanted(topic, partition, offset)}, .max_bytes = 1 << 20};
    std::vector<ReadAnswer> answers = co_await replicas->door().fetch(std::move(call), {});
    co_return co_await shown(std::move(answers.front()));
  }
  Task<std::string> first_batch(int topic, int partition, std::int64_t offset) {
    FetchCall call{.items = {wanted(topic, partition, offset, 1)}, .max_bytes = 1 << 20};
    std::vector<ReadAnswer> answers = co_await replicas->door().fetch(std::move(call), {});
    co_return co_await shown(std::move(answers.front()));
  }
  Task<OffsetAnswer> offset_at(int topic, int partition, std::int64_t timestamp) {
    std::vector<Asked<OffsetCall>> asked{{key(topic, partition), {.timestamp = timestamp}}};
    co_return (co_await replicas->door().find_offsets(std::move(asked))).front();
  }

  std::map<std::string, std::string> config;
  HeardEvents events;
  std::unique_ptr<ReplicaManager> replicas;

 private:
  Task<void> format_once() {
    if (!std::exchange(formatted_, true)) co_await format();
  }

  const Place& place_;
  metadata::Story story_;
  metadata::SharedImage published_;
  bool formatted_ = false;
  std::int64_t next_ = 0;
};

}  // namespace ottla::replica
