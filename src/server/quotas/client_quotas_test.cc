#include "server/quotas/client_quotas.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metadata/image.h"
#include "metadata/testing/story.h"
#include "server/quotas/rate.h"
#include "server/quotas/token_bucket.h"

namespace ottla::server {
namespace {

using Strictness = ClientQuotas::Strictness;

// 11 windows of one second, as a node has them.
class Quotas : public testing::Test {
 protected:
  void set(std::string_view entity, std::string_view value) {
    EXPECT_EQ(story_.tell("quota " + std::string(entity) + ' ' + std::string(value)), "");
    quotas_.set_quotas(story_.image.client_quotas);
  }
  double limit(std::string_view user, std::string_view client) {
    return quotas_.limit(QuotaKind::produce, {.user = user, .client_id = client}).value_or(-1);
  }

  metadata::Story story_;
  ClientQuotas quotas_{RateWindows()};
};

TEST(Rates, AFewEventsAreSpreadOverAllWindowsButTheLast) {
  Rate rate{RateWindows()};
  rate.record(1000, 0);
  EXPECT_DOUBLE_EQ(rate.per_second(0), 100);
  EXPECT_DOUBLE_EQ(rate.per_second(500), 1000 / 10.5);
}

TEST(Rates, WhatIsTooMuchMustBeWaitedFor) {
  Rate rate{RateWindows()};
  rate.record(2000, 0);
  EXPECT_EQ(rate.throttle_ms(100, 0), 10'000);
  EXPECT_EQ(rate.throttle_ms(200, 0), 0);
  EXPECT_EQ(rate.throttle_ms(100, 10'999), 9001);  // nothing has left the windows yet
  EXPECT_EQ(rate.throttle_ms(100, 11'000), 0);
}

TEST(Rates, OldWindowsAreForgotten) {
  Rate rate{RateWindows()};
  for (std::int64_t now = 0; now < 30'000; now += 1000) rate.record(100, now);
  EXPECT_NEAR(rate.per_second(29'000), 100, 10);
  EXPECT_DOUBLE_EQ(rate.per_second(29'000 + 11'000), 0);
}

TEST(TokenBuckets, AreFullAtFirstAndFillUpAgain) {
  TokenBucket tokens{RateWindows()};
  EXPECT_DOUBLE_EQ(tokens.tokens(2, 1000), 22);
  tokens.take(30, 2, 1000);
  EXPECT_EQ(tokens.throttle_ms(2, 1000), 4000);
  EXPECT_EQ(tokens.throttle_ms(2, 5000), 0);
  EXPECT_DOUBLE_EQ(tokens.tokens(2, 1'000'000), 22);
}

TEST_F(Quotas, TheMostParticularOneCounts) {
  EXPECT_EQ(limit("alice", "app"), -1);
  set("client-id=", "producer_byte_rate=1");
  EXPECT_EQ(limit("alice", "app"), 1);
  set("client-id=app", "producer_byte_rate=2");
  EXPECT_EQ(limit("alice", "app"), 2);
  set("user=", "producer_byte_rate=3");
  EXPECT_EQ(limit("alice", "app"), 3);
  set("user=,client-id=", "producer_byte_rate=4");
  EXPECT_EQ(limit("alice", "app"), 4);
  set("user=,client-id=app", "producer_byte_rate=5");
  EXPECT_EQ(limit("alice", "app"), 5);
  set("user=alice", "producer_byte_rate=6");
  EXPECT_EQ(limit("alice", "app"), 6);
  set("user=alice,client-id=", "producer_byte_rate=7");
  EXPECT_EQ(limit("alice", "app"), 7);
  set("user=alice,client-id=app", "producer_byte_rate=8");
  EXPECT_EQ(limit("alice", "app"), 8);
  EXPECT_EQ(limit("bob", "other"), 4);
}

TEST_F(Quotas, AnotherKeyOfTheSameEntityDoesNotCount) {
  set("user=alice", "consumer_byte_rate=6");
  set("client-id=", "producer_byte_rate=1");
  EXPECT_EQ(limit("alice", "app"), 1);
  EXPECT_FALSE(quotas_.any(QuotaKind::request));
}

TEST_F(Quotas, ClientsOfOneUserShareTheUsersQuota) {
  set("user=alice", "producer_byte_rate=100");
  EXPECT_EQ(quotas_.record(QuotaKind::produce, {.user = "alice", .client_id = "a"}, 1000, 0), 0);
  EXPECT_EQ(quotas_.record(QuotaKind::produce, {.user = "alice", .client_id = "b"}, 1000, 0), 10'000);
  EXPECT_EQ(quotas_.record(QuotaKind::produce, {.user = "bob", .client_id = "b"}, 1000, 0), 0);
  quotas_.take_back(QuotaKind::produce, {.user = "alice", .client_id = "b"}, 1000, 0);
  EXPECT_EQ(quotas_.record(QuotaKind::produce, {.user = "alice", .client_id = "c"}, 0, 0), 0);
}

TEST_F(Quotas, RequestsWaitForAWindowAtMost) {
  set("user=alice", "request_percentage=1");
  EXPECT_EQ(quotas_.record(QuotaKind::request, {.user = "alice", .client_id = "a"}, 1000, 0), 1000);
}

TEST_F(Quotas, ChangesToTheClusterAreRefusedOrWaitedFor) {
  set("user=alice", "controller_mutation_rate=1");
  const QuotaClient alice{.user = "alice", .client_id = "a"};
  const auto first = quotas_.mutate(alice, 20, Strictness::strict, 0);
  EXPECT_TRUE(first.allowed);  // below zero only afterwards
  EXPECT_EQ(first.throttle_ms, 0);
  const auto second = quotas_.mutate(alice, 1, Strictness::strict, 0);
  EXPECT_FALSE(second.allowed);
  EXPECT_EQ(second.throttle_ms, 9000);
  const auto third = quotas_.mutate(alice, 1, Strictness::permissive, 0);
  EXPECT_TRUE(third.allowed);
  EXPECT_EQ(third.throttle_ms, 10'000);
  EXPECT_TRUE(quotas_.mutate(alice, 1, Strictness::strict, 10'000).allowed);
}

TEST_F(Quotas, TheSilentAreForgotten) {
  set("user=", "producer_byte_rate=100");
  quotas_.record(QuotaKind::produce, {.user = "alice", .client_id = "a"}, 1, 0);
  quotas_.record(QuotaKind::produce, {.user = "bob", .client_id = "a"}, 1, 3'000'000);
  EXPECT_EQ(quotas_.remembered(), 2u);
  quotas_.forget_idle(3'600'000);
  EXPECT_EQ(quotas_.remembered(), 1u);
}

}  // namespace
}  // namespace ottla::server
