#include "test/quorum/world/member.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"
#include "quorum/format.h"
#include "quorum/testing/quorum_port.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla::quorum {
namespace {

using std::chrono::milliseconds;

constexpr char kData[] = "/data";
constexpr char kCluster[] = "AAAAAAAAAAAAAAAAAAAAAQ";
constexpr std::uint16_t kPort = 9093;

Uuid directory_of(int node) {
  return {7, static_cast<std::uint64_t>(node)};
}

Slice record_of(const std::string& topic, std::uint64_t number) {
  protocol::TopicRecord record;
  record.name = topic;
  record.topic_id = Uuid(0x0123456789abcdef ^ number, number);
  return protocol::encode_metadata_record(record, 0)->flatten();
}

}  // namespace

// Hears what its member is told.
class Member::Witness final : public QuorumListener {
 public:
  Witness(NodeId node, Judge& judge) : node_(node), judge_(judge) {}

  void on_batch(const metadata::CommittedBatch& batch) override {
    if (batch.base_offset != next_) {
      judge_.accuse(fmt::format("K9: node {} is told of offset {}, and {} was next", node_.raw(),
                                batch.base_offset.raw(), next_.raw()));
    }
    next_ =
        batch.last.value_or(batch.base_offset + (static_cast<std::int64_t>(batch.records.size()) - 1)) + 1;
    judge_.told(node_, batch);
    for (const auto& [offset, topic] : std::exchange(waiting_, {})) {
      // Its leadership may be over; then another record stands there.
      if (offset >= next_) {
        waiting_.emplace(offset, topic);
      } else if (offset >= batch.base_offset && batch.epoch == epoch_) {
        judge_.promised(topic);
      }
    }
  }
  void on_snapshot_begin() override {}
  void on_snapshot_records(std::span<const metadata::RecordBytes> records) override {
    static_cast<void>(records);
  }
  void on_snapshot_end(const metadata::Provenance& provenance) override { next_ = provenance.offset + 1; }
  void on_leader_change(const raft::LeaderChanged& change) override {
    waiting_.clear();
    leads = change.leader == node_;
    epoch_ = change.epoch;
    if (leads) judge_.leads(node_, change.epoch);
  }
  void wait_for(Offset offset, std::string topic) { waiting_.emplace(offset, std::move(topic)); }
  LeaderEpoch epoch() const { return epoch_; }

  bool leads = false;

 private:
  const NodeId node_;
  Judge& judge_;
  Offset next_ = Offset(0);
  LeaderEpoch epoch_ = LeaderEpoch(0);
  std::map<Offset, std::string> waiting_;
};

// Shows a quorum to the run as long as it lives, however that ends.
class Member::Up {
 public:
  Up(MetadataQuorum*& shown, MetadataQuorum* quorum) : shown_(shown) { shown_ = quorum; }
  Up(const Up&) = delete;
  Up& operator=(const Up&) = delete;
  ~Up() { shown_ = nullptr; }

 private:
  MetadataQuorum*& shown_;
};

QuorumOptions Member::options(FileSystem& files) const {
  QuorumOptions options;
  options.directory = kData;
  options.files = &files;
  options.raft.self = {plan_.node, directory_of(plan_.node.raw())};
  options.raft.cluster = kCluster;
  options.raft.listener = "C";
  options.raft.endpoints = raft::Endpoints({{"C", fmt::format("node{}", plan_.node.raw()), kPort}});
  for (int voter = 1; voter <= plan_.voters; ++voter) {
    options.raft.bootstrap.push_back({"C", fmt::format("node{}", voter), kPort});
  }
  options.raft.can_become_voter = plan_.node.raw() <= plan_.voters;
  // Small, so that segments and snapshots come and go.
  options.snapshots.max_bytes = 1500;
  options.retention.max_bytes = 4000;
  auto log = std::make_shared<storage::LogConfig>();
  log->segment_bytes = 2048;
  log->retention_bytes = -1;
  log->retention_ms = milliseconds(-1);
  options.log = std::move(log);
  return options;
}

Task<Result<void>> Member::format_if_needed(FileSystem& files) {
  FormatOptions options;
  options.node = plan_.node;
  options.cluster_id = kCluster;
  options.directories = {kData};
  options.metadata_directory = kData;
  options.controller_listener = "C";
  options.dynamic_quorum = true;
  options.ignore_formatted = true;
  if (plan_.node.raw() <= plan_.voters) {
    options.initial_controllers.emplace();
    for (int voter = 1; voter <= plan_.voters; ++voter) {
      options.initial_controllers->push_back(
          {NodeId(voter), fmt::format("node{}", voter), kPort, directory_of(voter)});
    }
  }
  const FormatReport report = co_await format(files, std::move(options));
  if (report.failure) co_return *report.failure;
  co_return Result<void>();
}

Task<int> Member::live(Cancel cancel) {
  ++lives_;
  const std::unique_ptr<FileSystem> files = break_doors(this_shard().files(), plan_.plant);
  Result<void> lived = co_await format_if_needed(*files);
  if (lived.ok()) lived = co_await take_part(*files, cancel);
  last_failure_ = lived.ok() ? "" : lived.error().to_string();
  co_return lived.ok() ? 0 : 1;
}

Task<Result<void>> Member::take_part(FileSystem& files, Cancel cancel) {
  const NodeId node = plan_.node;
  OTTLA_CO_TRY(const std::unique_ptr<MetadataQuorum> quorum,
               co_await MetadataQuorum::open(
                   options(files), {.on_fault = [this, node](Offset offset, const Error& error) {
                     judge_.accuse(fmt::format("node {} cannot replay {}: {}", node.raw(), offset.raw(),
                                               error.to_string()));
                   }}));
  Witness witness(node, judge_);
  quorum->add(witness);
  testing::QuorumPort port(*quorum, "C");
  Result<void> lived = co_await port.open(Address::ipv4({0, 0, 0, 0}, kPort));
  TaskGroup group(cancel);
  if (lived.ok()) {
    const Up up(quorum_, quorum.get());
    group.spawn([&](Cancel inner) { return append_topics(*quorum, witness, inner); });
    lived = co_await quorum->run(cancel);
  }
  co_await group.stop();
  co_await port.close();
  (void)co_await quorum->close();
  co_return lived;
}

Task<void> Member::append_topics(MetadataQuorum& quorum, Witness& witness, Cancel cancel) {
  for (std::uint64_t number = 1;; ++number) {
    const auto pause = milliseconds(static_cast<std::int64_t>(1 + this_shard().random().below(120)));
    if (!(co_await sleep_for(pause, cancel)).ok()) co_return;
    if (!witness.leads) continue;
    std::vector<Slice> records;
    if (!quorum.loader().image()->features.metadata_version) {
      for (const std::string& record : quorum.bootstrap().records) records.push_back(Slice::copy_of(record));
      static_cast<void>(quorum.append(witness.epoch(), records));
      continue;
    }
    const bool last = !last_wish_.empty();
    if (last && quorum.loader().image()->topics.find(std::string_view(last_wish_)) != nullptr) continue;
    const std::string topic = last ? last_wish_ : fmt::format("t-{}-{}-{}", plan_.node.raw(), lives_, number);
    const std::uint64_t id = static_cast<std::uint64_t>(plan_.node.raw()) << 40 | lives_ << 20 | number |
                             (last ? std::uint64_t{1} << 50 : 0);
    records.push_back(record_of(topic, id));
    const Result<Offset> appended = quorum.append(witness.epoch(), records);
    if (appended.ok() && !last) witness.wait_for(*appended, topic);
    if (last) static_cast<void>(co_await sleep_for(std::chrono::seconds(2), cancel));
  }
}

}  // namespace ottla::quorum
