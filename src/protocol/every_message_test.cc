// What holds for every message in every version, of random and boundary values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/hex.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/equal.h"
#include "protocol/json.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/registry.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/message_checker.h"
#include "protocol/testing/random_message.h"

namespace ottla::protocol {
namespace {

constexpr int kRounds = 4;

class EveryMessage : public testing::Test {
 protected:
  // Calls with random messages of every version, several each.
  template <typename Check>
  void for_random_messages(RandomShape shape, Check&& check) {
    for_every_version([&](const MessageInfo& message, std::int16_t version) {
      SCOPED_TRACE(std::string(message.name) + " version " + std::to_string(version));
      for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        arena_.reset();
        RandomMessages random(static_cast<std::uint64_t>(round), arena_, shape);
        std::byte* data = new_message(message, arena_);
        random.fill(message, version, data);
        check(message, version, data);
      }
    });
  }
  static std::string encoded(const MessageInfo& message, std::int16_t version, const std::byte* data) {
    const Encodable part(message, data, version);
    const auto chain = encode(std::span(&part, 1), Prefix::none);
    EXPECT_TRUE(chain.ok()) << chain.error().to_string();
    const auto size = encoded_size(std::span(&part, 1));
    EXPECT_EQ(chain->size(), *size);
    return std::string(chain->clone().flatten().as_string_view());
  }
  std::byte* decoded(const MessageInfo& message, std::int16_t version, std::string_view bytes) {
    std::byte* out = new_message(message, arena_);
    const auto taken =
        decode(message, {.bytes = std::as_bytes(std::span(bytes)), .version = version}, &arena_, out);
    EXPECT_TRUE(taken.ok()) << taken.error().to_string();
    return out;
  }

  static std::vector<std::byte> copy(std::span<const std::byte> bytes) {
    return {bytes.begin(), bytes.end()};
  }

  MessageChecker checker_;
  Budget budget_{"test", std::size_t{64} << 20U};
  Arena arena_{budget_, {.kept = std::size_t{1} << 20U}};
};

TEST_F(EveryMessage, IsEncodedWithItsDefaults) {
  int count = 0;
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    arena_.reset();
    const std::byte* data = new_message(message, arena_);
    const std::string bytes = encoded(message, version, data);
    EXPECT_TRUE(equal(*message.root, data, decoded(message, version, bytes))) << message.name << version;
    ++count;
  });
  EXPECT_GT(count, 700);
}

TEST_F(EveryMessage, IsDecodedAsItWasEncoded) {
  for_random_messages({}, [&](const MessageInfo& message, std::int16_t version, const std::byte* data) {
    const std::string bytes = encoded(message, version, data);
    const std::byte* again = decoded(message, version, bytes);
    EXPECT_TRUE(equal(*message.root, data, again));
    EXPECT_EQ(encoded(message, version, again), bytes);
  });
}

TEST_F(EveryMessage, IsTheSameToAllCodecs) {
  for_random_messages({}, [&](const MessageInfo& message, std::int16_t version, const std::byte* data) {
    EXPECT_EQ(checker_.check_message(message, version, data), "");
    const auto bytes = copy(checker_.encoded());
    EXPECT_EQ(checker_.check_bytes_at_length(message, version, bytes), "");
  });
}

// Cut off at each byte, and with each byte changed: hot messages in every version, of the others the newest.
TEST_F(EveryMessage, HasTheSameFaultsToAllCodecs) {
  int faults = 0;
  for_random_messages(
      {.large_values = false, .most_elements = 2},
      [&](const MessageInfo& message, std::int16_t version, const std::byte* data) {
        if (message.hot == nullptr && version != message.versions.last) return;
        const std::string whole = encoded(message, version, data);
        auto bytes = copy(std::as_bytes(std::span(whole)));
        bytes.resize(std::min<std::size_t>(bytes.size(), 200));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
          EXPECT_EQ(checker_.check_bytes_at_length(message, version, std::span(bytes).first(i)), "") << i;
          const std::byte before = std::exchange(bytes[i], static_cast<std::byte>(i * 37));
          EXPECT_EQ(checker_.check_bytes(message, version, bytes), "") << i;
          bytes[i] = before;
          ++faults;
        }
      });
  EXPECT_GT(faults, 10'000);
}

TEST_F(EveryMessage, IsReadBackFromJson) {
  for_random_messages({.unknown_tags = false},
                      [&](const MessageInfo& message, std::int16_t version, const std::byte* data) {
                        for (const JsonLayout layout : {JsonLayout::compact, JsonLayout::pretty}) {
                          JsonStyle style = kWholeJson;
                          style.layout = layout;
                          std::string text;
                          append_json(text, message, version, data, style);
                          std::byte* again = new_message(message, arena_);
                          const auto read = from_json(message, text, version, arena_, again);
                          EXPECT_TRUE(read.ok()) << read.error().to_string() << "\n" << text;
                          EXPECT_TRUE(equal(*message.root, data, again)) << text;
                        }
                      });
}

TEST_F(EveryMessage, IsTheSameFromTheSameSeedEverywhere) {
  std::string seen;
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto request = RandomMessages(seed, arena_).make<HeartbeatRequest>(4);
    seen += to_json(request, 4) + "\n";
  }
  EXPECT_EQ(seen,
            R"({"groupId":"a_aaaaa","generationId":-2147483648,"memberId":"","groupInstanceId":null}
{"groupId":"","generationId":-1575324,"memberId":"aaaaa","groupInstanceId":""}
{"groupId":"aaaa-aa","generationId":-728516107,"memberId":"aaaa","groupInstanceId":"aaaaaa\""}
)");
}

TEST(RandomMessage, VisitsNullsEmptiesEdgesAndUnknownTags) {
  Budget budget("test", std::size_t{64} << 20U);
  Arena arena(budget);
  const MessageInfo& message = *find_message("FetchRequest");
  std::string all;
  RandomMessages random(1, arena);
  for (int i = 0; i < 2000; ++i) {
    std::byte* data = new_message(message, arena);
    random.fill(message, 18, data);
    append_json(all, message, 18, data);
    if (i % 100 == 0) arena.reset();
  }
  for (const std::string_view seen :
       {"\"topics\":[]", "2147483647", "-2147483648", "-9223372036854775808",
        "\"clusterId\":", "\"rackId\":\"\"", "AAAAAAAAAAAAAAAAAAAAAA", "\\u0000"}) {
    EXPECT_NE(all.find(seen), std::string::npos) << seen;
  }
}

}  // namespace
}  // namespace ottla::protocol
