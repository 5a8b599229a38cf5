// What runs on every request must not allocate once it is warm. The sanitizer counts for us, so this test exists only
// where AddressSanitizer does.
#include <gtest/gtest.h>

#if __has_feature(address_sanitizer)

  #include <sanitizer/allocator_interface.h>

  #include <atomic>
  #include <chrono>
  #include <cstddef>

  #include "base/arena.h"
  #include "base/budget.h"
  #include "base/error.h"
  #include "base/log.h"
  #include "base/metric_registry.h"
  #include "base/offset.h"
  #include "base/ring_buffer.h"

namespace ottla {
namespace {

std::atomic<std::size_t> g_allocations{0};

template <typename Body>
std::size_t allocations_of(Body body) {
  static const int kInstalled = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t) { ++g_allocations; }, [](const volatile void*) {});
  EXPECT_NE(kInstalled, 0);
  body();  // warm up
  const std::size_t before = g_allocations;
  for (int i = 0; i < 100; ++i) body();
  return g_allocations - before;
}

struct StillClock final : LogClock {
  std::chrono::nanoseconds since_epoch() override { return std::chrono::nanoseconds(0); }
};

TEST(SteadyState, TheCountWorks) {
  EXPECT_EQ(allocations_of([] { delete new volatile int(1); }), 100U);
}

TEST(SteadyState, LogLines) {
  LogBuffer buffer(1 << 12);
  LogLevels levels;
  StillClock clock;
  LogSource source(buffer, levels, clock, 0, {.lines = 50});
  const Logger log = source.logger(LogModule("storage"));
  const Error error(Errc::io_error, "append: Input/output error", Error(Errc::busy));
  EXPECT_EQ(allocations_of([&] {
              log.debug("off", field("offset", Offset(1)));
              log.info("on", field("offset", Offset(1)), field("error", error),
                       field("lazy", [] { return 1; }));
              log.info("limited", field("path", "/data"));
            }),
            0U);
  EXPECT_GT(source.suppressed() * source.dropped(), 0U);
}

TEST(SteadyState, Metrics) {
  static constexpr CounterFamily kBytes("bytes", "bytes", "Bytes");
  static constexpr HistogramFamily kWait("wait", "nanoseconds", "Time", 1'000'000'000);
  MetricRegistry registry;
  const auto bytes = registry.counter(kBytes);
  const auto wait = registry.histogram(kWait);
  EXPECT_EQ(allocations_of([&] {
              bytes->add(5);
              wait->record(12'345);
            }),
            0U);
}

TEST(SteadyState, ArenasAndRings) {
  Budget budget("test", 1 << 20);
  Arena arena(budget);
  RingBuffer<Offset> ring(4);
  EXPECT_EQ(allocations_of([&] {
              static_cast<void>(arena.make_span<Offset>(100));
              arena.reset();
              ring.push_back(Offset(1));
              ring.pop_front();
            }),
            0U);
}

}  // namespace
}  // namespace ottla

#endif
