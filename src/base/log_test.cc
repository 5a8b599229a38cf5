#include "base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "base/log_drain.h"
#include "base/log_record.h"
#include "base/offset.h"

namespace ottla {
namespace {

using namespace std::chrono_literals;

constexpr LogModule kStorage("storage");
constexpr LogModule kRaft("raft");

struct TextSink final : LogSink {
  void write(std::string_view lines) override { text += lines; }
  std::string text;
};

struct SetClock final : LogClock {
  std::chrono::nanoseconds since_epoch() override { return now; }
  std::chrono::nanoseconds now = 1'795'262'400s;  // 2026-11-21T12:00:00Z
};

// One shard with its log; lines() gives what was logged since the last call, without time and origin.
struct Shard {
  explicit Shard(LogRateLimit limit = {}, LogFormat format = LogFormat::text, std::size_t capacity = 1 << 20)
      : buffer(capacity), source(buffer, levels, clock, 1, limit), drain(sink, format) {
    drain.add(buffer, 1);
  }

  std::string raw() {
    drain.drain();
    return std::exchange(sink.text, "");
  }
  std::string lines() {
    std::string all;
    std::string text = raw();
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      line.remove_prefix(line.find('Z') + 2);
      all += line.substr(0, line.rfind(" at="));
      all += '\n';
    }
    return all;
  }

  LogBuffer buffer;
  LogLevels levels;
  SetClock clock;
  LogSource source;
  TextSink sink;
  LogDrain drain;
  Logger log = source.logger(kStorage);
};

enum class Fruit : std::uint8_t { apple };
std::string_view name_of(Fruit) {
  return "apple";
}
struct Uncle {
  std::string to_string() const { return "uncle Vanya"; }
};

TEST(Log, TextLine) {
  Shard shard;
  shard.log.info("rolled segment", field("base_offset", Offset(42)));
  const std::string line = std::to_string(__LINE__ - 1);
  EXPECT_EQ(
      shard.raw(),
      "2026-11-21T12:00:00.000000Z info  storage: rolled segment base_offset=42 shard=1 at=log_test.cc:" +
          line + "\n");
}

TEST(Log, JsonLine) {
  Shard shard({}, LogFormat::json);
  shard.log.error("sync failed", field("path", "/a \"b\""), field("bytes", 7U), field("ok", false));
  const std::string line = std::to_string(__LINE__ - 1);
  EXPECT_EQ(
      shard.raw(),
      R"({"time":"2026-11-21T12:00:00.000000Z","level":"error","module":"storage","message":"sync failed",)"
      R"("shard":1,"at":"log_test.cc:)" +
          line +
          R"(","fields":{"path":"/a \"b\"","bytes":7,"ok":false}})"
          "\n");
}

TEST(Log, EveryTypeOfValue) {
  Shard shard;
  shard.log.info("a", field("i", -5), field("u", UINT64_MAX), field("d", 0.1), field("b", true),
                 field("s", "x"));
  EXPECT_EQ(shard.lines(), "info  storage: a i=-5 u=18446744073709551615 d=0.1 b=true s=x shard=1\n");
  shard.log.info("b", field("e", Fruit::apple), field("o", Uncle()), field("empty", ""),
                 field("n", std::nan("")));
  EXPECT_EQ(shard.lines(), "info  storage: b e=apple o=\"uncle Vanya\" empty=\"\" n=nan shard=1\n");
  shard.log.info("c", field("lazy", [] { return std::string("late"); }),
                 field("none", static_cast<const char*>(nullptr)));
  EXPECT_EQ(shard.lines(), "info  storage: c lazy=late none=null shard=1\n");
}

TEST(Log, AnErrorShowsItsCauses) {
  Shard shard;
  const Error error(Errc::no_space, "append", Error(Errc::io_error));
  shard.log.warn("x", field("error", error));
  EXPECT_EQ(shard.lines(), "warn  storage: x error=\"no_space: append; caused by: io_error\" shard=1\n");
  EXPECT_EQ(error.to_string(), "no_space: append; caused by: io_error");
}

TEST(Log, SecretsStayOut) {
  Shard shard;
  const std::string password = "hunter2";
  shard.log.info("x", field("password", redacted(password)));
  EXPECT_EQ(shard.lines(), "info  storage: x password=[redacted] shard=1\n");
}

TEST(Log, LevelsChangeAtRunTime) {
  Shard shard;
  const Logger raft = shard.source.logger(kRaft);
  shard.log.debug("no");
  ASSERT_TRUE(shard.levels.set("storage", LogLevel::debug).ok());
  shard.log.debug("yes");
  raft.debug("no");
  shard.levels.set_all(LogLevel::off);
  shard.log.error("no");
  EXPECT_EQ(shard.lines(), "debug storage: yes shard=1\n");
}

TEST(Log, ADisabledLineAsksNobody) {
  Shard shard;
  int asked = 0;
  shard.log.debug("x", field("lazy", [&] { return ++asked; }));
  EXPECT_EQ(asked, 0);
  shard.log.info("x", field("lazy", [&] { return ++asked; }));
  EXPECT_EQ(asked, 1);
}

TEST(Log, ALoggerOfNobodyIsSilent) {
  const Logger silent;
  EXPECT_FALSE(silent.enabled(LogLevel::error));
  silent.error("x");
}

TEST(Log, OneLineWhateverTheBytes) {
  Shard shard;
  shard.log.info("x", field("s", "a\nb\r\t\x01\"\\ \xff \xe2\x80\xa8 \xc2\x85 ü"));
  EXPECT_EQ(shard.lines(),
            "info  storage: x s=\"a\\nb\\r\\t\\u0001\\\"\\\\ \\xff \\u2028 \\u0085 ü\" shard=1\n");
}

TEST(Log, LongStringsAreCutAtACharacter) {
  Shard shard;
  shard.log.info("x", field("s", std::string(kMaxLogString - 1, 'a') + "üb"), field("after", 1));
  EXPECT_EQ(shard.lines(), "info  storage: x s=\"" + std::string(kMaxLogString - 1, 'a') +
                               "…[3 bytes cut]\" after=1 shard=1\n");
}

TEST(Log, NothingFollowsACut) {
  Shard shard;
  const std::string name = "io_error: ";
  const Error error(Errc::io_error, std::string(kMaxLogString - name.size() - 2, 'a') + "\U0001F389",
                    Error(Errc::busy));
  shard.log.info("x", field("e", error));
  EXPECT_NE(shard.lines().find("aaa…[21 bytes cut]\""), std::string::npos);
}

TEST(Log, LongLinesLoseTheirLastFields) {
  Shard shard;
  const std::string big(kMaxLogString, 'a');
  shard.log.info("x", field("a", big), field("b", big), field("c", big), field("d", big), field("e", 1),
                 field("f", 2));
  const std::string line = shard.lines();
  EXPECT_NE(line.find(" bytes cut]\" shard=1 fields_left_out=2\n"), std::string::npos) << line;
  EXPECT_LT(line.size(), kMaxLogRecord + 200);
}

TEST(Log, ABusyCallSiteIsHeldBack) {
  Shard shard({.lines = 2, .interval = 1s});
  const auto log_five = [&] {
    for (int i = 0; i < 5; ++i) shard.log.info("busy", field("i", i));
  };
  log_five();
  shard.log.info("other");
  EXPECT_EQ(
      shard.lines(),
      "info  storage: busy i=0 shard=1\ninfo  storage: busy i=1 shard=1\ninfo  storage: other shard=1\n");
  shard.clock.now += 1s;
  log_five();
  EXPECT_EQ(shard.lines(), "info  storage: busy i=0 shard=1 suppressed=3\ninfo  storage: busy i=1 shard=1\n");
  EXPECT_EQ(shard.source.suppressed(), 6U);
}

TEST(Log, AClockThatStepsBackSilencesNobody) {
  Shard shard({.lines = 1, .interval = 1s});
  const auto log = [&] { shard.log.info("x"); };
  log();
  shard.clock.now -= 3600s;
  log();
  EXPECT_EQ(shard.lines(), "info  storage: x shard=1\ninfo  storage: x shard=1\n");
}

TEST(Log, DropsAreToldInTheLog) {
  Shard shard({}, LogFormat::text, 1024);
  for (int i = 0; i < 100; ++i) shard.log.info("x");
  const std::string text = shard.lines();
  EXPECT_NE(text.find("warn  log: dropped log lines: the shard's log buffer was full lines="),
            std::string::npos)
      << text;
  EXPECT_EQ(shard.lines(), "");
  shard.log.info("x");
  EXPECT_EQ(shard.lines(), "info  storage: x shard=1\n");
}

TEST(Log, ShardsComeOutInOrderOfTime) {
  Shard shard;
  LogBuffer second(1 << 16);
  LogSource other(second, shard.levels, shard.clock, 2);
  shard.drain.add(second, 2);
  const Logger log = other.logger(kRaft);
  for (const char* _ : {"", ""}) {
    static_cast<void>(_);
    shard.clock.now += 1s;
    log.info("b");
    shard.clock.now += 1s;
    shard.log.info("a");
  }
  EXPECT_EQ(
      shard.lines(),
      "info  raft: b shard=2\ninfo  storage: a shard=1\ninfo  raft: b shard=2\ninfo  storage: a shard=1\n");
  log.info("last");
  shard.drain.remove(second);
  EXPECT_EQ(shard.lines(), "info  raft: last shard=2\n");
}

TEST(Log, DrainStopsAtItsLimit) {
  Shard shard;
  for (int i = 0; i < 5; ++i) shard.log.info("x");
  EXPECT_EQ(shard.drain.drain(2), 2U);
  EXPECT_EQ(shard.drain.drain(), 3U);
}

TEST(Log, TimesFarAway) {
  Shard shard;
  for (const auto time : {0ns, -1ns, std::chrono::nanoseconds::max(), std::chrono::nanoseconds::min()}) {
    shard.clock.now = time;
    shard.log.info("x");
  }
  const std::string text = shard.raw();
  EXPECT_TRUE(text.starts_with("1970-01-01T00:00:00.000000Z")) << text;
  EXPECT_NE(text.find("1969-12-31T23:59:59.999999Z"), std::string::npos) << text;
  EXPECT_NE(text.find("2262-04-11T23:47:16.854775Z"), std::string::npos) << text;
  EXPECT_NE(text.find("1677-09-21T00:12:43.145224Z"), std::string::npos) << text;
}

TEST(Log, AShardAndADrainOnTwoThreads) {
  Shard shard({}, LogFormat::json, 1 << 16);
  std::jthread writer([&] {
    for (int i = 0; i < 20'000; ++i) shard.log.info("line", field("i", i), field("s", "some text"));
  });
  std::size_t lines = 0;
  for (int i = 0; i < 1'000; ++i) lines += shard.drain.drain(100);
  writer.join();
  while (const std::size_t more = shard.drain.drain()) lines += more;
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(shard.sink.text, '\n')), lines);
  EXPECT_GT(lines, 0U);
}

}  // namespace
}  // namespace ottla
