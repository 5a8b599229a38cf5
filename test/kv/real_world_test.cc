// The same nodes and clients outside the simulator: real files, real sockets, real time.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/linux/linux_process.h"
#include "runtime/task_group.h"
#include "test/kv/home.h"
#include "test/kv/judge.h"
#include "test/kv/node.h"
#include "test/kv/workload.h"

namespace ottla::kv {
namespace {

class RealWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = (std::filesystem::temp_directory_path() / "ottla-kv-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    for (int i = 0; i < 3; ++i) nodes_.push_back(Address::local(directory_ + "/socket" + std::to_string(i)));
  }
  void TearDown() override {
    std::filesystem::remove_all(directory_);
    EXPECT_TRUE(violations_.empty()) << violations_.front();
  }
  NodeOptions options(int node) const {
    NodeOptions options;
    options.self = NodeId(node);
    options.nodes = nodes_;
    options.directory = directory_ + "/node" + std::to_string(node);
    return options;
  }
  // Three nodes serve until the workload is done and audited.
  Task<void> serve(Workload& workload, Cancel cancel) {
    TaskGroup nodes(cancel);
    for (int i = 0; i < 3; ++i) {
      nodes.spawn(
          [this, i](Cancel inner) -> Task<void> { (void)co_await run_node(options(i), judge_, inner); });
    }
    TaskGroup clients(cancel);
    for (std::uint32_t id = 0; id < workload.options().clients; ++id) {
      clients.spawn([&workload, id](Cancel inner) { return workload.run_client(ClientId(id), inner); });
    }
    co_await clients.wait();
    co_await workload.audit(cancel);
    co_await nodes.stop();
  }
  int run(const ProcessMain& main) {
    LinuxProcessOptions options;
    options.shards = 1;
    options.catch_signals = false;
    return run_linux_process(options, main);
  }

  std::string directory_;
  std::vector<Address> nodes_;
  std::vector<std::string> violations_;
  Judge judge_{3, [this](std::string what) { violations_.push_back(std::move(what)); }};
};

TEST_F(RealWorld, ThreeNodesServeAllClients) {
  WorkloadOptions options;
  options.commands = 400;
  options.longest_pause = std::chrono::milliseconds(1);
  History history(options.clients + 1, options.keys,
                  [this](std::string what) { violations_.push_back(std::move(what)); });
  Workload workload(options, nodes_, history);
  const int exit_code = run([&](Process&, Cancel cancel) -> Task<int> {
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE((co_await Home::set_up(this_shard().files(), this->options(i).directory)).ok());
    }
    co_await serve(workload, cancel);
    co_return 0;
  });
  EXPECT_EQ(exit_code, 0);
  EXPECT_TRUE(workload.finished());
  EXPECT_TRUE(workload.audited());
  EXPECT_EQ(history.answered_count(), 400U + options.keys);
}

TEST_F(RealWorld, ALogIsReadUpToItsTornTail) {
  const std::string place = options(0).directory;
  const Entry entry{Term(1), {Operation::write, ClientId(1), 1, 2, 0, 3}};
  const int exit_code = run([&](Process&, Cancel) -> Task<int> {
    FileSystem& files = this_shard().files();
    EXPECT_TRUE((co_await Home::set_up(files, place)).ok());
    {
      Home home(files, place, Plant::none);
      EXPECT_TRUE((co_await home.open()).ok());
      EXPECT_TRUE((co_await home.write({Ballot{Term(1), NodeId(2)}, {}, {entry, entry, entry}})).ok());
      co_await home.close();
    }
    auto log = (co_await files.open(place + "/log", kReadWrite)).value();
    EXPECT_TRUE((co_await log->truncate(log->size() - 1)).ok());
    co_await log->close();
    Home home(files, place, Plant::none);
    const Result<Recovered> recovered = co_await home.open();
    EXPECT_EQ(recovered.value().ballot, (Ballot{Term(1), NodeId(2)}));
    EXPECT_EQ(recovered.value().entries, (std::vector<Entry>{entry, entry}));
    co_await home.close();
    co_return 0;
  });
  EXPECT_EQ(exit_code, 0);
}

TEST_F(RealWorld, ADirectoryWithoutABallotHasNoMemory) {
  const std::string place = options(0).directory;
  const int exit_code = run([&](Process&, Cancel) -> Task<int> {
    FileSystem& files = this_shard().files();
    EXPECT_TRUE((co_await Home::set_up(files, place)).ok());
    EXPECT_TRUE((co_await files.remove(place + "/ballot")).ok());
    Home home(files, place, Plant::none);
    const Result<Recovered> recovered = co_await home.open();
    EXPECT_FALSE(recovered.value().ballot.has_value());
    co_await home.close();
    co_return 0;
  });
  EXPECT_EQ(exit_code, 0);
}

}  // namespace
}  // namespace ottla::kv
