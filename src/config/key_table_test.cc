#include "config/key_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/key.h"
#include "config/node_key.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

TEST(Tables, KnowEveryKeyOfTheReferenceOnce) {
  for (const Scope scope : kScopes) {
    std::set<std::string_view> names;
    for (const Key& key : keys_of(scope)) EXPECT_TRUE(names.insert(key.name).second) << key.name;
  }
  EXPECT_EQ(keys_of(Scope::node).size(), 379 + 8);
  EXPECT_EQ(keys_of(Scope::topic).size(), 38);
  EXPECT_EQ(keys_of(Scope::group).size(), 27);
}

TEST(Tables, HoldDefaultsThatTheirOwnRulesAccept) {
  for (const Scope scope : kScopes) {
    for (const Key& key : keys_of(scope)) {
      if (key.otherwise.kind == Default::Kind::required) continue;
      const auto value = default_value(key);
      ASSERT_TRUE(value.ok()) << value.error().text();
      EXPECT_TRUE(check_value(key, *value).ok()) << key.name;
      if (!key.sensitive()) EXPECT_EQ(text_of(*value), key.otherwise.value()) << key.name;
    }
  }
}

TEST(Tables, SayOneSentenceOfEachKey) {
  for (const Scope scope : kScopes) {
    for (const Key& key : keys_of(scope)) {
      EXPECT_GE(key.description.size(), 16) << key.name;
      EXPECT_TRUE(key.description.ends_with('.')) << key.name;
    }
  }
}

TEST(Lookups, FindWhatIsThereAndNothingElse) {
  for (const Scope scope : kScopes) {
    for (const Key& key : keys_of(scope)) EXPECT_EQ(find_key(scope, key.name), &key);
    for (const std::string_view name : {"", "x", "retention.m", "retention.ms.", "num.partitions "}) {
      EXPECT_EQ(find_key(scope, name), nullptr) << name;
    }
  }
}

TEST(Areas, HoldEachKeyOfANodeOnce) {
  std::size_t all = 0;
  for (const KeyArea& area : key_areas()) {
    if (area.scope == Scope::node) all += area.keys.size();
  }
  EXPECT_EQ(all, keys_of(Scope::node).size());
}

TEST(NearestNames, ForgiveSlipsOfTheHand) {
  EXPECT_EQ(nearest_name(Scope::node, "num.partition"), "num.partitions");
  EXPECT_EQ(nearest_name(Scope::node, "log_retention_ms"), "log.retention.ms");
  EXPECT_EQ(nearest_name(Scope::node, "listners"), "listeners");
  EXPECT_EQ(nearest_name(Scope::topic, "cleanup-policy"), "cleanup.policy");
  EXPECT_EQ(nearest_name(Scope::node, "my.plugin.colour"), std::nullopt);
  EXPECT_EQ(nearest_name(Scope::node, ""), std::nullopt);
  EXPECT_EQ(nearest_name(Scope::node, std::string(100000, 'a')), std::nullopt);
}

TEST(Handles, HaveTheTypesOfTheirKeys) {
  static_assert(std::is_same_v<decltype(node_key<"num.partitions">)::value_type, std::int32_t>);
  static_assert(
      std::is_same_v<decltype(node_key<"log.retention.ms">)::value_type, std::optional<std::int64_t>>);
  static_assert(std::is_same_v<decltype(node_key<"log.dirs">)::value_type, std::optional<List>>);
  static_assert(std::is_same_v<decltype(node_key<"ssl.key.password">)::value_type, std::optional<Password>>);
  EXPECT_EQ(node_key<"num.partitions">.row().name, "num.partitions");
}

}  // namespace
}  // namespace ottla::config
