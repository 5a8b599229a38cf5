#include "base/log_level.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace ottla {
namespace {

constexpr LogModule kStorage("storage");
constexpr LogModule kRaft("raft");

static_assert(is_log_word("storage.log_2") && !is_log_word("") && !is_log_word("Storage") &&
              !is_log_word("a b"));

TEST(LogLevel, ParsesItsOwnNames) {
  for (const LogLevel level :
       {LogLevel::trace, LogLevel::debug, LogLevel::warn, LogLevel::error, LogLevel::off}) {
    EXPECT_EQ(parse_log_level(name_of(level)).value(), level);
  }
  EXPECT_EQ(parse_log_level("INFO").value(), LogLevel::info);
  EXPECT_EQ(parse_log_level("verbose").error(), Errc::invalid_argument);
  EXPECT_EQ(parse_log_level("").error(), Errc::invalid_argument);
}

TEST(LogLevels, ModulesHaveLevelsOfTheirOwn) {
  LogLevels levels(LogLevel::warn);
  levels.declare(kStorage);
  levels.declare(kRaft);
  ASSERT_TRUE(levels.set("raft", LogLevel::debug).ok());
  EXPECT_EQ(levels.get("raft").value(), LogLevel::debug);
  EXPECT_EQ(levels.get("storage").value(), LogLevel::warn);
}

TEST(LogLevels, OneNameIsOneModule) {
  static constexpr char kAgain[] = "raft\0again";  // another place in memory, which no linker merges
  LogLevels levels;
  EXPECT_EQ(&levels.declare(kRaft), &levels.declare(LogModule(kAgain)));
  EXPECT_NE(&levels.declare(kRaft), &levels.declare(kStorage));
}

TEST(LogLevels, AnUnknownNameIsRefusedWithTheKnownOnes) {
  LogLevels levels;
  levels.declare(kStorage);
  levels.declare(kRaft);
  const Result<> result = levels.set("rafd", LogLevel::debug);
  EXPECT_EQ(result.error().text(), "no log module is called 'rafd'; there are: other raft storage");
}

TEST(LogLevels, SetAllReachesModulesThatComeLater) {
  LogLevels levels;
  levels.set_all(LogLevel::error);
  levels.declare(kRaft);
  EXPECT_EQ(levels.get("raft").value(), LogLevel::error);
}

TEST(LogLevels, ListIsSorted) {
  LogLevels levels;
  levels.declare(kStorage);
  levels.declare(kRaft);
  std::string names;
  for (const LogLevels::Entry& entry : levels.list()) (names += entry.module) += ' ';
  EXPECT_EQ(names, "other raft storage ");
}

template <std::size_t... I>
void declare_many(LogLevels& levels, std::index_sequence<I...>) {
  static constexpr std::array<char, 3 * sizeof...(I)> kNames = [] {
    std::array<char, 3 * sizeof...(I)> names{};
    for (std::size_t i = 0; i < sizeof...(I); ++i) {
      names[3 * i] = static_cast<char>('a' + i / 26);
      names[3 * i + 1] = static_cast<char>('a' + i % 26);
    }
    return names;
  }();
  (static_cast<void>(levels.declare(LogModule(&kNames[3 * I]))), ...);
}

TEST(LogLevels, ModulesBeyondTheLimitShareOneSlot) {
  LogLevels levels;
  declare_many(levels, std::make_index_sequence<LogLevels::kMaxModules>());
  EXPECT_EQ(levels.list().size(), LogLevels::kMaxModules);
  EXPECT_EQ(&levels.declare(kRaft), &levels.declare(LogModule("other")));
  EXPECT_EQ(levels.set("raft", LogLevel::debug).error(), Errc::not_found);
}

TEST(LogLevels, ShardsMayDeclareAtTheSameTime) {
  LogLevels levels;
  std::vector<std::jthread> shards;
  for (int i = 0; i < 4; ++i) {
    shards.emplace_back([&] { declare_many(levels, std::make_index_sequence<100>()); });
  }
  shards.clear();
  EXPECT_EQ(levels.list().size(), 101U);
}

}  // namespace
}  // namespace ottla
