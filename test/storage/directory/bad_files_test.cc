// Each kind of file in a log directory, as garbage, cut short, missing or out of place: what a node says of it at its
// start, with the path and what to do; or that it is harmless.
//
// Told in the simulated world, where a disk can be read-only or broken for whoever runs the test.
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runtime/whole_file.h"
#include "sim/disk.h"
#include "sim/host.h"
#include "sim/world.h"
#include "test/storage/directory/node_language.h"

namespace ottla::storage {
namespace {

using sim::DiskTrouble;

struct Case {
  const char* file;               // within the log directory
  const char* text;               // what it holds; nullptr: it is not there
  std::vector<std::string> says;  // parts of the message; none: harmless, and all records are there
  bool is_clean = false;          // after a clean stop
};

constexpr char kLog[] = "t-0/00000000000000000000.log";

// NOLINTNEXTLINE(cert-err58-cpp): a table
const std::vector<Case> kCases = {
    {"meta.properties", "version=one\n", {"/place/a/meta.properties", "version"}},
    {".kafka_cleanshutdown", "{{{", {}, true},
    {".kafka_cleanshutdown", "", {}, true},
    {"recovery-point-offset-checkpoint",
     "?",
     {"/place/a/recovery-point-offset-checkpoint line 1", "recovered from their start"}},
    {"replication-offset-checkpoint",
     "0\n1\nt x 1\n",
     {"/place/a/replication-offset-checkpoint line 3", "high watermark"}},
    {"log-start-offset-checkpoint", "7\n", {"/place/a/log-start-offset-checkpoint line 1", "deleted"}},
    {"cleaner-offset-checkpoint",
     "0\n5\n",
     {"/place/a/cleaner-offset-checkpoint", "cleaned from their start"}},
    {"recovery-point-offset-checkpoint", nullptr, {}},
    {"t-0/partition.metadata", "topic_id: x\n", {"/place/a/t-0/partition.metadata"}},
    {"t-0/partition.metadata", nullptr, {}},
    {"t-0/leader-epoch-checkpoint", "0\n1\nx y\n", {"/place/a/t-0/leader-epoch-checkpoint line 3"}},
    {"t-0/leader-epoch-checkpoint", nullptr, {}},
    {"t-0/00000000000000000000.index", "?", {}},
    {"t-0/00000000000000000000.index", "?", {}, true},
    {"t-0/00000000000000000000.timeindex", "?", {}},
    {"t-0/00000000000000000000.timeindex", "?", {}, true},
    {"t-0/00000000000000000000.txnindex", "?", {}},
    {"t-0/00000000000000000005.snapshot", "?", {}},
    {"t-0/00000000000000000005.snapshot", "?", {}, true},
    {"t-0/00000000000000000005.snapshot", nullptr, {}, true},
    {"t-0/00000000000000000007.snapshot", "of nothing", {}},
    {"t-0/00000000000000000007.index", "of no segment", {}},
    {"t-0/00000000000000000000.log.cleaned", "left over", {}},
    {"t-0/00000000000000000000.log.deleted", "left over", {}},
    {"t-0/00000000000000000000.index.swap", "left over", {}},
    {"t-0/notes.txt", "hello", {}},
    {"t-0/12.log", "", {"/place/a/t-0", "a file named 12.log"}},
    {"notes.txt", "hello", {}},
    {"lost+found/x", "", {"log directory /place/a", "lost+found", "move it"}},
    {"t-0-copy/x", "", {"log directory /place/a", "t-0-copy", "move it"}},
};

// A node with one log of five batches stops; the directory is changed; what it says at its next start.
class Start {
 public:
  explicit Start(bool is_clean) : is_clean_(is_clean) {}

  std::string after(std::function<Task<void>(DiskTrouble& a)> change) {
    sim::World world(1);
    sim::Host& host = world.add_host("here");
    EXPECT_TRUE(host.disk().make_directories("/place/a").ok());
    DiskTrouble& a = host.disk().split("/place/a");
    host.start([&](Process&, Cancel) -> Task<int> {
      NodeUnderTest node(place_);
      co_await node.start();
      co_await node.append(*co_await node.create(0), 5);
      co_await node.stop();
      if (!is_clean_) co_await must(files().remove("/place/a/.kafka_cleanshutdown"));
      co_await change(a);
      said_ = co_await try_start();
      a = {};
      co_return 0;
    });
    EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world.violations().empty()) << world.violations().front();
    return said_;
  }

 private:
  Task<std::string> try_start() {
    Result<std::unique_ptr<LogDirectory>> directory = co_await LogDirectory::open(files(), "/place/a");
    if (!directory.ok()) co_return directory.error().to_string();
    std::string said;
    LogUnderTest shelf(place_);
    {
      DirectoryHome home;
      home.add(**directory);
      LogSet::Options options;
      options.tools = shelf.opening().tools;
      options.config_of = [](const std::string&) { return std::make_shared<const LogConfig>(); };
      options.home = &home;
      LogSet logs(std::move(options));
      const auto loaded = co_await load_directory(**directory, logs, {});
      if (!loaded.ok()) said += loaded.error().to_string() + "\n";
      if (loaded.ok()) {
        for (const Error& each : loaded->damages) said += each.to_string() + "\n";
        for (const auto& each : loaded->failures) said += each.error.to_string() + "\n";
      }
      const Log* const log = logs.find(tp(0));
      if (said.empty()) said = log == nullptr ? "no log" : "all of " + log->log_end().to_string();
      (void)co_await logs.close();
    }
    co_await must((*directory)->close(LogDirectory::Ending::unclean()));
    co_await shelf.end();
    co_return said;
  }

  const Place place_{"/place"};
  const bool is_clean_;
  std::string said_;
};

Task<void> put(std::string file, const char* text) {
  const std::string path = "/place/a/" + file;
  if (text == nullptr) {
    co_await must(files().remove(path));
    co_return;
  }
  co_await must(files().make_directories(path.substr(0, path.rfind('/'))));
  co_await must(replace_file(files(), path, Slice::copy_of(std::string_view(text))));
}

TEST(BadFiles, AreToldWithPathAndCureOrHarmless) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(std::string(each.file) +
                 (each.text == nullptr ? " is missing" : " holds " + std::string(each.text)));
    const std::string said =
        Start(each.is_clean).after([&](DiskTrouble&) { return put(each.file, each.text); });
    if (each.says.empty()) EXPECT_EQ(said, "all of 5");
    for (const std::string& part : each.says) EXPECT_NE(said.find(part), std::string::npos) << said;
  }
}

TEST(BadFiles, WhatIsNoBatchIsCutOffTheLog) {
  EXPECT_EQ(Start(false).after([](DiskTrouble&) -> Task<void> {
    const std::unique_ptr<File> file =
        co_await must(files().open(std::string("/place/a/") + kLog, kReadWrite));
    co_await must(file->write_at(file->size() - 1, contract::text("?and more that is none")));
    co_await file->close();
  }),
            "all of 4");
  EXPECT_EQ(Start(false).after([](DiskTrouble&) { return put(kLog, "garbage"); }), "all of 0");
}

TEST(BadFiles, ADiskThatCannotBeReadOrWrittenIsNamed) {
  for (const bool is_clean : {false, true}) {
    const std::string read_only = Start(is_clean).after([](DiskTrouble& a) -> Task<void> {
      a.read_only = true;
      co_return;
    });
    EXPECT_NE(read_only.find("/place/a"), std::string::npos) << read_only;
    EXPECT_NE(read_only.find("read_only"), std::string::npos) << read_only;
    EXPECT_NE(read_only.find("out of log.dirs"), std::string::npos) << read_only;
    const std::string broken = Start(is_clean).after([](DiskTrouble& a) -> Task<void> {
      a.failing_reads = 256;
      co_return;
    });
    EXPECT_NE(broken.find("/place/a"), std::string::npos) << broken;
    EXPECT_NE(broken.find("io_error"), std::string::npos) << broken;
  }
}

}  // namespace
}  // namespace ottla::storage
