#include "base/log.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/log_drain.h"
#include "base/offset.h"

namespace ottla {
namespace {

constexpr LogModule kStorage("storage");

struct StillClock final : LogClock {
  std::chrono::nanoseconds since_epoch() override { return std::chrono::seconds(1'795'262'400); }
};
struct NoSink final : LogSink {
  void write(std::string_view lines) override { bytes += lines.size(); }
  std::size_t bytes = 0;
};

struct Shard {
  explicit Shard(LogRateLimit limit = {}) : source(buffer, levels, clock, 0, limit) {}

  LogBuffer buffer{std::size_t{1} << 20};
  LogLevels levels;
  StillClock clock;
  LogSource source;
  Logger log = source.logger(kStorage);
};

void empty(LogBuffer& buffer) {
  while (buffer.front().data() != nullptr) buffer.pop();
}

void BM_LogDisabled(benchmark::State& state) {
  Shard shard;
  Offset offset(42);
  for (auto _ : state) {
    benchmark::DoNotOptimize(offset);
    shard.log.debug("rolled segment", field("base_offset", offset), field("path", "/data/topic-0"));
  }
}
BENCHMARK(BM_LogDisabled);

void BM_LogEnabled(benchmark::State& state) {
  Shard shard({.lines = state.range(0) != 0 ? 1'000'000'000U : 0U});
  Offset offset(42);
  std::size_t lines = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(offset);
    shard.log.info("rolled segment", field("base_offset", offset), field("path", "/data/topic-0"));
    if (++lines % 1'024 == 0) empty(shard.buffer);  // a pointer's move a line, as the drain would
  }
}
BENCHMARK(BM_LogEnabled)->ArgName("limited")->Arg(0)->Arg(1);

void BM_LogSuppressed(benchmark::State& state) {
  Shard shard({.lines = 1});
  for (auto _ : state) shard.log.info("busy", field("i", 1));
}
BENCHMARK(BM_LogSuppressed);

void BM_LogFormat(benchmark::State& state) {
  Shard shard;
  NoSink sink;
  LogDrain drain(sink, state.range(0) == 0 ? LogFormat::text : LogFormat::json);
  drain.add(shard.buffer, 0);
  const Error error(Errc::io_error, "append /data/topic-0/0.log: Input/output error");
  for (auto _ : state) {
    for (int i = 0; i < 100; ++i) {
      shard.log.warn("append failed", field("base_offset", Offset(i)), field("error", error));
    }
    drain.drain();
  }
  state.SetItemsProcessed(state.iterations() * 100);
  state.SetBytesProcessed(static_cast<std::int64_t>(sink.bytes));
}
BENCHMARK(BM_LogFormat)->ArgName("json")->Arg(0)->Arg(1);

}  // namespace
}  // namespace ottla
