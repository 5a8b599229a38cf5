#include "server/connection_limits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "config/node_config.h"
#include "runtime/address.h"
#include "server/connection_caps.h"
#include "server/quotas/rate.h"

namespace ottla::server {
namespace {

using Verdict = ConnectionLimits::Verdict;

Address host(std::uint8_t last, std::uint16_t port = 1000) {
  return Address::ipv4({10, 0, 0, last}, port);
}

ConnectionLimits limits(ConnectionCaps caps) {
  ConnectionLimits made(std::move(caps), RateWindows(), "INTERNAL");
  made.add_listener("CLIENTS");
  made.add_listener("INTERNAL");
  return made;
}

TEST(ConnectionLimits, OnesOfAnAddressAreCounted) {
  ConnectionLimits made = limits({.most_per_ip = 2, .most_of_ip = {{ip_key(host(7)), 1}}, .listeners = {}});
  EXPECT_EQ(made.take("CLIENTS", host(1, 1), 0).verdict, Verdict::taken);
  EXPECT_EQ(made.take("INTERNAL", host(1, 2), 0).verdict, Verdict::taken);
  EXPECT_EQ(made.take("CLIENTS", host(1, 3), 0).verdict, Verdict::too_many_of_ip);
  EXPECT_EQ(made.take("CLIENTS", host(7), 0).verdict, Verdict::taken);
  EXPECT_EQ(made.take("CLIENTS", host(7), 0).limit, 1);
  made.release("CLIENTS", host(1, 1));
  EXPECT_EQ(made.take("CLIENTS", host(1, 4), 0).verdict, Verdict::taken);
  EXPECT_EQ(made.count(), 3u);
}

TEST(ConnectionLimits, AListenerHasSlotsOfItsOwn) {
  ConnectionLimits made = limits({.most_of_ip = {}, .listeners = {{"CLIENTS", {.most = 1}}}});
  EXPECT_TRUE(made.has_slot("CLIENTS"));
  (void)made.take("CLIENTS", host(1), 0);
  EXPECT_FALSE(made.has_slot("CLIENTS"));
  EXPECT_TRUE(made.has_slot("INTERNAL"));
}

TEST(ConnectionLimits, TheListenerBetweenBrokersIsNotShutOut) {
  ConnectionLimits made = limits({.most = 1, .most_of_ip = {}, .listeners = {}});
  (void)made.take("CLIENTS", host(1), 0);
  EXPECT_FALSE(made.has_slot("CLIENTS"));
  EXPECT_TRUE(made.has_slot("INTERNAL"));
  (void)made.take("INTERNAL", host(2), 0);
  EXPECT_TRUE(made.exceeded());
  EXPECT_EQ(made.spared(), "INTERNAL");
}

TEST(ConnectionLimits, AListenerThatIsGoneCanComeAgain) {
  ConnectionLimits made = limits({.most_of_ip = {}, .listeners = {{"CLIENTS", {.most = 1}}}});
  (void)made.take("CLIENTS", host(1), 0);
  made.release("CLIENTS", host(1));
  made.remove_listener("CLIENTS");
  made.remove_listener("CLIENTS");
  made.add_listener("CLIENTS");
  EXPECT_TRUE(made.has_slot("CLIENTS"));
  (void)made.take("CLIENTS", host(1), 0);
  EXPECT_FALSE(made.has_slot("CLIENTS"));
}

TEST(QuotaWindows, OfTheControllerHaveKeysOfTheirOwn) {
  std::vector<config::Problem> problems;
  const auto config = config::NodeConfig::read({{"quota.window.num", "3"},
                                                {"quota.window.size.seconds", "2"},
                                                {"controller.quota.window.num", "5"},
                                                {"controller.quota.window.size.seconds", "7"}},
                                               problems);
  EXPECT_EQ(quota_windows(config), (RateWindows{.count = 3, .length_ms = 2000}));
  EXPECT_EQ(controller_quota_windows(config), (RateWindows{.count = 5, .length_ms = 7000}));
}

TEST(ConnectionLimits, TheOnlyListenerHasNoPrivilege) {
  ConnectionLimits made({.most = 1, .most_of_ip = {}, .listeners = {}}, RateWindows(), "INTERNAL");
  made.add_listener("INTERNAL");
  (void)made.take("INTERNAL", host(1), 0);
  EXPECT_FALSE(made.has_slot("INTERNAL"));
  EXPECT_EQ(made.spared(), "");
}

TEST(ConnectionLimits, WhoComesTooFastWaits) {
  ConnectionLimits made = limits({.rate_per_second = 1, .most_of_ip = {}, .listeners = {}});
  for (int each = 0; each < 10; ++each) EXPECT_EQ(made.arrived("CLIENTS", 0), 0);
  EXPECT_EQ(made.arrived("CLIENTS", 0), 1000);  // no more than a window
  EXPECT_EQ(made.arrived("INTERNAL", 0), 0);
  EXPECT_EQ(made.arrived("CLIENTS", 100'000), 0);
}

TEST(ConnectionLimits, AnAddressWithAQuotaIsSentAwayAndNotCounted) {
  ConnectionLimits made = limits({.rate_per_second = 1, .most_of_ip = {}, .listeners = {}});
  made.set_ip_rates([](const Address& address) -> std::optional<double> {
    return ip_key(address) == ip_key(host(1)) ? std::optional<double>(0.1) : std::nullopt;
  });
  EXPECT_EQ(made.arrived("CLIENTS", 0), 0);
  EXPECT_EQ(made.take("CLIENTS", host(1), 0).verdict, Verdict::taken);
  for (int each = 0; each < 20; ++each) {
    EXPECT_EQ(made.arrived("CLIENTS", 0), 0) << each;
    EXPECT_EQ(made.take("CLIENTS", host(1), 0).verdict, Verdict::too_fast);
  }
  EXPECT_EQ(made.count(), 1u);
  EXPECT_EQ(made.take("CLIENTS", host(2), 0).verdict, Verdict::taken);
}

}  // namespace
}  // namespace ottla::server
