// Replicas on hosts of their own, with disks, connections and messages as they are on the wire, in virtual time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metadata/image_hash.h"
#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"
#include "quorum/format.h"
#include "quorum/metadata_quorum.h"
#include "quorum/testing/quorum_port.h"
#include "runtime/process.h"
#include "runtime/sleep.h"
#include "sim/world.h"

namespace ottla::quorum {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kData[] = "/data";
constexpr char kCluster[] = "AAAAAAAAAAAAAAAAAAAAAQ";
constexpr std::uint16_t kPort = 9093;

std::string name_of(int node) {
  return fmt::format("node{}", node);
}

struct Replica {
  sim::Host* host = nullptr;
  MetadataQuorum* quorum = nullptr;  // while its process runs
  std::vector<std::string> wishes;   // records that it is to append
  std::string failure;
};

std::string topic(const std::string& name, std::uint64_t id) {
  protocol::TopicRecord record;
  record.name = name;
  record.topic_id = Uuid(9, id);
  return std::string(protocol::encode_metadata_record(record, 0)->flatten().as_string_view());
}

class QuorumClusterTest : public ::testing::Test {
 protected:
  explicit QuorumClusterTest(int voters = 3) : voters_(voters) {
    for (int node = 1; node <= 4; ++node) replicas_[node].host = &world_.add_host(name_of(node));
  }
  ~QuorumClusterTest() override {
    for (const std::string& violation : world_.violations()) ADD_FAILURE() << violation;
    for (int node = 1; node <= 4; ++node) EXPECT_EQ(replicas_[node].failure, "") << "node " << node;
  }

  QuorumOptions options(int node) const {
    QuorumOptions options;
    options.directory = kData;
    options.raft.self = {NodeId(node), Uuid(7, static_cast<std::uint64_t>(node))};
    options.raft.cluster = kCluster;
    options.raft.listener = "C";
    options.raft.endpoints = raft::Endpoints({{"C", name_of(node), kPort}});
    options.raft.bootstrap = {{"C", name_of(1), kPort}, {"C", name_of(2), kPort}, {"C", name_of(3), kPort}};
    options.raft.can_become_voter = node <= voters_;
    options.snapshots = rules_;
    options.retention = retention_;
    options.log = log_;
    return options;
  }
  FormatOptions format_options(int node) const {
    FormatOptions options;
    options.node = NodeId(node);
    options.cluster_id = kCluster;
    options.directories = {kData};
    options.metadata_directory = kData;
    options.controller_listener = "C";
    options.dynamic_quorum = true;
    if (node > voters_) return options;
    options.initial_controllers.emplace();
    for (int voter = 1; voter <= voters_; ++voter) {
      options.initial_controllers->push_back(
          {NodeId(voter), name_of(voter), kPort, Uuid(7, static_cast<std::uint64_t>(voter))});
    }
    return options;
  }

  Task<int> main(int node, Cancel cancel) {
    Replica& replica = replicas_[node];
    FormatOptions to_format = format_options(node);
    to_format.ignore_formatted = true;
    const FormatReport report = co_await format(this_shard().files(), to_format);
    if (report.failure) replica.failure = report.failure->to_string();
    Result<std::unique_ptr<MetadataQuorum>> opened = co_await MetadataQuorum::open(options(node), {});
    if (!opened.ok()) {
      replica.failure = opened.error().to_string();
      co_return 1;
    }
    // What it holds dies with its frame.
    const std::unique_ptr<MetadataQuorum> quorum = *std::move(opened);
    testing::QuorumPort port(*quorum, "C");
    const Result<void> listening = co_await port.open(Address::ipv4({0, 0, 0, 0}, kPort));
    if (!listening.ok()) replica.failure = listening.error().to_string();
    replica.quorum = quorum.get();
    TaskGroup wishes;
    wishes.spawn([&replica](Cancel inner) { return grant_wishes(replica, inner); });
    const Result<void> ended = co_await quorum->run(cancel);
    replica.quorum = nullptr;
    co_await wishes.stop();
    if (!ended.ok()) replica.failure = ended.error().to_string();
    co_await port.close();
    (void)co_await quorum->close();
    co_return 0;
  }
  static Task<void> grant_wishes(Replica& replica, Cancel cancel) {
    while ((co_await sleep_for(milliseconds(1), cancel)).ok()) {
      for (const std::string& wish : std::exchange(replica.wishes, {})) {
        const std::vector<Slice> records = {Slice::copy_of(wish)};
        static_cast<void>(replica.quorum->append(replica.quorum->epoch(), records));
      }
    }
  }
  void start(int node) {
    replicas_[node].host->start([this, node](Process&, Cancel cancel) { return main(node, cancel); });
  }
  void cut_power(int node) {
    replicas_[node].quorum = nullptr;
    replicas_[node].host->cut_power();
  }
  MetadataQuorum* running(int node) { return replicas_[node].quorum; }
  int leader() {
    for (int node = 1; node <= voters_; ++node) {
      if (running(node) != nullptr && running(node)->leading()) return node;
    }
    return 0;
  }
  void until(const std::function<bool()>& holds, const char* what) {
    EXPECT_TRUE(world_.run_until(holds, minutes(5))) << what;
  }

  // Appends a topic on the leader, again if need be, until all of these hold it.
  void commit(std::uint64_t id, std::vector<int> nodes) {
    const std::string name = fmt::format("topic-{}", id);
    const auto has = [&](int node) {
      return running(node) != nullptr &&
             running(node)->loader().image()->topics.find(std::string_view(name)) != nullptr;
    };
    for (int attempt = 0; attempt < 20 && !std::ranges::all_of(nodes, has); ++attempt) {
      until([&] { return leader() != 0; }, "a leader");
      append(leader(), topic(name, id));
      (void)world_.run_until([&] { return std::ranges::all_of(nodes, has); }, seconds(5));
    }
    for (const int node : nodes) EXPECT_TRUE(has(node)) << name << " on node " << node;
  }
  // Without it there is nothing that a snapshot could say.
  void metadata_version() {
    until([&] { return leader() != 0; }, "a leader");
    append(leader(), running(leader())->bootstrap().records.front());
  }
  void append(int node, std::string record) { replicas_[node].wishes.push_back(std::move(record)); }

  int voters_;
  SnapshotRules rules_;
  Retention retention_;
  std::shared_ptr<const storage::LogConfig> log_ = std::make_shared<storage::LogConfig>();
  sim::World world_{11};
  std::map<int, Replica> replicas_;
};

TEST_F(QuorumClusterTest, ThreeVotersElectOneAndHoldTheSame) {
  for (int node = 1; node <= 3; ++node) start(node);
  for (std::uint64_t id = 1; id <= 5; ++id) commit(id, {1, 2, 3});
  const std::uint64_t hash = metadata::image_hash(*running(1)->loader().image());
  for (int node = 2; node <= 3; ++node) {
    EXPECT_EQ(metadata::image_hash(*running(node)->loader().image()), hash);
    EXPECT_EQ(running(node)->leader(), NodeId(leader()));
    EXPECT_EQ(running(node)->leader_endpoint()->host, name_of(leader()));
  }
}

TEST_F(QuorumClusterTest, TheLeaderDiesAndAnotherGoesOn) {
  for (int node = 1; node <= 3; ++node) start(node);
  commit(1, {1, 2, 3});
  const int first = leader();
  cut_power(first);
  std::vector<int> rest;
  for (int node = 1; node <= 3; ++node) {
    if (node != first) rest.push_back(node);
  }
  commit(2, rest);
  EXPECT_NE(leader(), first);
  start(first);
  commit(3, {1, 2, 3});
}

TEST_F(QuorumClusterTest, AnObserverBeginsWithASnapshotAndFollows) {
  rules_.max_bytes = 600;
  for (int node = 1; node <= 3; ++node) start(node);
  metadata_version();
  for (std::uint64_t id = 1; id <= 12; ++id) commit(id, {1, 2, 3});
  until([&] { return running(leader())->latest_snapshot()->offset > Offset(0); }, "a snapshot");
  start(4);
  commit(13, {1, 2, 3, 4});
  EXPECT_GT(running(4)->core().log().start(), Offset(0)) << "its log begins behind the snapshot";
  EXPECT_FALSE(running(4)->core().is_voter());
  EXPECT_EQ(running(4)->kraft_version(), 1);
  EXPECT_EQ(running(4)->voters(), running(1)->voters());
  cut_power(4);
  start(4);
  commit(14, {1, 2, 3, 4});
  EXPECT_EQ(metadata::image_hash(*running(4)->loader().image()),
            metadata::image_hash(*running(1)->loader().image()));
}

}  // namespace
}  // namespace ottla::quorum
