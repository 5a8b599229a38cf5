#include "server/observation/idle_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/metric_family.h"
#include "base/metric_registry.h"

namespace ottla::server {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr CounterFamily kSlept("ottla_shard_idle", "nanoseconds", "Sleep");
constexpr std::uint64_t kSecond = 1'000'000'000;

Instant at(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

TEST(IdleWindow, GoesBackToTheStartAtFirst) {
  IdleWindow window(at(100));
  EXPECT_THAT(window.look(std::vector<std::uint64_t>{2 * kSecond, 4 * kSecond}, at(104)),
              ElementsAre(0.5, 1.0));
}

TEST(IdleWindow, ForgetsWhatIsLongAgo) {
  IdleWindow window(at(0));
  (void)window.look(std::vector<std::uint64_t>{10 * kSecond}, at(10));
  (void)window.look(std::vector<std::uint64_t>{20 * kSecond}, at(20));
  // It has not slept since 20; the last look that is old enough was at 10.
  EXPECT_THAT(window.look(std::vector<std::uint64_t>{20 * kSecond}, at(40)),
              ElementsAre(DoubleNear(10.0 / 30, 0.001)));
  EXPECT_THAT(window.look(std::vector<std::uint64_t>{20 * kSecond}, at(50)), ElementsAre(0.0));
}

TEST(IdleWindow, TellsTheSameToThoseWhoAskAtOnce) {
  IdleWindow window(at(0));
  const std::vector<std::uint64_t> slept{kSecond};
  EXPECT_THAT(window.look(slept, at(2)), ElementsAre(0.5));
  EXPECT_THAT(window.look(slept, at(2)), ElementsAre(0.5));
}

TEST(IdleWindow, AsksNothingOfNoTime) {
  IdleWindow window(at(5));
  EXPECT_THAT(window.look(std::vector<std::uint64_t>{0}, at(5)), ElementsAre(1.0));
}

TEST(IdleWindow, TellsUnderTheNamesOfTheReference) {
  MetricRegistry registry;
  const auto first = registry.counter(kSlept, {{"shard", "0"}});
  const auto second = registry.counter(kSlept, {{"shard", "1"}});
  first->add(kSecond);
  second->add(3 * kSecond);
  IdleWindow window(at(0));
  PrometheusText text;
  window.tell(registry.snapshot(), at(4), {.broker = true, .controller = true}, text);
  const std::string told = text.take();
  EXPECT_THAT(told, HasSubstr("\nkafka_network_processor_idle_percent{networkProcessor=\"0\"} 0.25\n"));
  EXPECT_THAT(told, HasSubstr("\nkafka_network_processor_idle_percent{networkProcessor=\"1\"} 0.75\n"));
  EXPECT_THAT(told, HasSubstr("\nkafka_network_socketserver_networkprocessoravgidle_percent 0.5\n"));
  EXPECT_THAT(told, HasSubstr("_brokerrequesthandleravgidle_percent 0.5\n"));
  EXPECT_THAT(told, HasSubstr("_controllerrequesthandleravgidle_percent 0.25\n"));
}

TEST(IdleWindow, IsSilentWhereNoSleepIsCounted) {
  IdleWindow window(at(0));
  PrometheusText text;
  window.tell({}, at(4), {.broker = true, .controller = true}, text);
  EXPECT_THAT(text.take(), IsEmpty());
}

}  // namespace
}  // namespace ottla::server
