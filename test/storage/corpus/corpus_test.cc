// Logs that earlier versions wrote hold for ever what they held then.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/task.h"
#include "test/storage/exchange/facts.h"
#include "test/storage/exchange/log_stand.h"

namespace ottla::exchange {
namespace {

namespace fs = std::filesystem;

enum class Left { clean, crashed, without_indexes };

// Tests run in the project's top folder.
std::vector<fs::path> partitions() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator("test/storage/corpus")) {
    if (entry.path().extension() == ".facts") found.push_back(fs::path(entry.path()).replace_extension());
  }
  std::ranges::sort(found);
  return found;
}

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A snapshot forgets when a producer's last batch was; the facts end these lines with it.
std::string without_batch_times(const std::string& facts) {
  std::string out;
  std::istringstream lines(facts);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("producer ")) line.resize(std::min(line.size(), line.rfind(" at ")));
    out += line + '\n';
  }
  return out;
}

fs::path copy_of(const fs::path& partition, Left left) {
  const fs::path copy = fs::path(testing::TempDir()) / "corpus" / partition.filename();
  fs::remove_all(copy);
  fs::create_directories(copy);
  const std::set<std::string> indexes{".index", ".timeindex", ".txnindex", ".snapshot"};
  for (const auto& file : fs::directory_iterator(partition)) {
    if (left == Left::without_indexes && indexes.contains(file.path().extension())) continue;
    fs::copy(file.path(), copy / file.path().filename());
  }
  return copy;
}

Task<std::string> tell_one(std::string directory, bool clean) {
  LogStand stand;
  auto log = co_await stand.open(directory, {.index_interval_bytes = 500}, {.clean = clean});
  std::string told = log.ok() ? "" : log.error().to_string();
  if (log.ok()) {
    const auto facts = co_await tell(**log, stand.codecs());
    told = facts.ok() ? *facts : facts.error().to_string();
    const auto closed = co_await (*log)->close();
    if (!closed.ok()) told += closed.error().to_string();
  }
  co_await stand.close();
  co_return told;
}

std::string told_by(const fs::path& directory, bool clean) {
  std::string told;
  run_linux_process({.shards = 1}, [&](Process&, Cancel) -> Task<int> {
    told = co_await tell_one(directory.string(), clean);
    co_return 0;
  });
  return told;
}

class StorageCorpus : public testing::TestWithParam<fs::path> {
 protected:
  void expect_facts(Left left) {
    EXPECT_EQ(without_batch_times(told_by(copy_of(GetParam(), left), left != Left::crashed)),
              without_batch_times(content_of(GetParam().string() + ".facts")));
  }
};

TEST_P(StorageCorpus, TellsWhatItToldThen) {
  expect_facts(Left::clean);
}
TEST_P(StorageCorpus, TellsItAfterACrashToo) {
  expect_facts(Left::crashed);
}
TEST_P(StorageCorpus, TellsItWithoutItsIndexesToo) {
  expect_facts(Left::without_indexes);
}

TEST(StorageCorpus, IsThere) {
  EXPECT_GE(partitions().size(), 10U);
}

INSTANTIATE_TEST_SUITE_P(All, StorageCorpus, testing::ValuesIn(partitions()), [](const auto& param) {
  std::string name = param.param.parent_path().filename().string() + "_" + param.param.filename().string();
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace ottla::exchange
