#include "metadata/persistent_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/testing/random_message.h"

namespace ottla::metadata {
namespace {

using testing::ElementsAre;
using Map = PersistentMap<int, int>;
using Names = PersistentMap<std::string, int>;
using Pairs = std::vector<std::pair<int, int>>;

Map filled(int count) {
  Map map;
  for (int key = 0; key < count; ++key) map.set(key, key);
  return map;
}

Pairs contents(const Map& map) {
  return Pairs(map.begin(), map.end());
}

// What changed, as "+5 -7 =3".
std::string changes(const Map& before, const Map& after) {
  std::string text;
  diff(before, after, [&](int key, const int* was, const int* is) {
    text += was == nullptr ? '+' : is == nullptr ? '-' : '=';
    text += std::to_string(key) + ' ';
  });
  return text;
}

TEST(PersistentMapTest, FindsWhatWasSet) {
  Names names;
  names.set("b", 2);
  names.set("a", 1);
  names.set("b", 3);
  EXPECT_EQ(names.size(), 2U);
  EXPECT_EQ(*names.find(std::string_view("b")), 3);
  EXPECT_EQ(names.find("c"), nullptr);
}

TEST(PersistentMapTest, ComesInTheOrderOfKeys) {
  Names names;
  for (const char* each : {"m", "z", "a", "q"}) names.set(each, 0);
  std::vector<std::string> keys;
  for (const auto& [key, value] : names) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("a", "m", "q", "z"));
}

TEST(PersistentMapTest, ACopyKeepsWhatItWas) {
  const Map before = filled(1000);
  Map after = before;
  after.set(500, -1);
  after.erase(3);
  after.set(1000, 1000);
  EXPECT_EQ(*before.find(500), 500);
  EXPECT_TRUE(before.contains(3));
  EXPECT_EQ(before.size(), 1000U);
  EXPECT_EQ(changes(before, after), "-3 =500 +1000 ");
}

TEST(PersistentMapTest, ErasesOnlyWhatIsThere) {
  Map map = filled(3);
  EXPECT_TRUE(map.erase(1));
  EXPECT_FALSE(map.erase(1));
  EXPECT_TRUE(map.erase(0));
  EXPECT_TRUE(map.erase(2));
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.begin(), map.end());
}

TEST(PersistentMapTest, EditsInPlaceAndAlone) {
  const Map before = filled(100);
  Map after = before;
  *after.edit(7) += 1;
  EXPECT_EQ(*before.find(7), 7);
  EXPECT_EQ(*after.find(7), 8);
  EXPECT_EQ(after.edit(100), nullptr);
  EXPECT_EQ(after.at_or_new(100), 0);
}

TEST(PersistentMapTest, BeginsAtAKey) {
  Map map;
  for (int key = 0; key < 200; key += 2) map.set(key, key);
  EXPECT_EQ(map.lower_bound(33)->first, 34);
  EXPECT_EQ(map.lower_bound(34)->first, 34);
  EXPECT_EQ(map.lower_bound(199), map.end());
}

// Of the second inner node the first leaf goes, and a key that belongs there comes back: it is below the bound of
// what is the first leaf now. Then that inner node is merged into its neighbour, where bounds count.
TEST(PersistentMapTest, FindsWhatLiesBelowABoundThatMoves) {
  Map map = filled(1024);
  for (int key = 256; key < 272; ++key) map.erase(key);
  map.set(256, -1);
  for (int key = 0; key < 200; ++key) map.erase(key);
  for (int key = 290; key < 512; ++key) map.erase(key);
  ASSERT_TRUE(map.contains(256));
  EXPECT_EQ(*map.find(256), -1);
}

TEST(PersistentMapTest, EqualByContent) {
  Map up = filled(300);
  Map down;
  for (int key = 299; key >= 0; --key) down.set(key, key);
  EXPECT_TRUE(up == down);
  down.set(7, 0);
  EXPECT_FALSE(up == down);
}

// A map of the standard library says what must be there.
class PersistentMapModelTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  void step(int range) {
    // On both sides of zero, which is the key that inner nodes begin with.
    const int key = static_cast<int>(random_.below(static_cast<std::uint64_t>(range))) - range / 2;
    if (random_.below(5) < erases_) {
      EXPECT_EQ(map_.erase(key), model_.erase(key) > 0);
    } else {
      map_.set(key, ++value_);
      model_[key] = value_;
    }
  }
  void check() {
    EXPECT_EQ(contents(map_), Pairs(model_.begin(), model_.end()));
    EXPECT_EQ(map_.size(), model_.size());
  }

  protocol::RandomBits random_{GetParam()};
  std::uint64_t erases_ = 2;
  Map map_;
  std::map<int, int> model_;
  int value_ = 0;
};

TEST_P(PersistentMapModelTest, IsWhatAnOrdinaryMapIs) {
  for (const int range : {20, 300, 5000}) {
    for (int phase = 0; phase < 6; ++phase) {
      erases_ = phase % 2 == 0 ? 1 : 4;
      for (int each = 0; each < 2000; ++each) step(range);
      check();
    }
  }
}

TEST_P(PersistentMapModelTest, OldCopiesStayAndDifferencesAreExact) {
  std::vector<std::pair<Map, std::map<int, int>>> kept;
  for (int version = 0; version < 40; ++version) {
    for (std::uint64_t each = 0; each < random_.below(200); ++each) step(2000);
    kept.emplace_back(map_, model_);
  }
  for (const auto& [map, model] : kept) EXPECT_EQ(contents(map), Pairs(model.begin(), model.end()));
  for (std::size_t each = 0; each + 3 < kept.size(); ++each) {
    std::map<int, int> folded = kept[each].second;
    diff(kept[each].first, kept[each + 3].first, [&](int key, const int* was, const int* is) {
      ASSERT_EQ(was == nullptr, !folded.contains(key));
      if (is == nullptr) {
        folded.erase(key);
      } else {
        ASSERT_TRUE(was == nullptr || *was != *is);
        folded[key] = *is;
      }
    });
    EXPECT_EQ(folded, kept[each + 3].second);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PersistentMapModelTest, testing::Range<std::uint64_t>(1, 4));

TEST(PersistentMapTest, LooksOnlyAtWhatChanged) {
  const Map before = filled(10'000);
  Map after = before;
  after.set(7'000, 0);
  int compared = 0;
  diff_by(
      before, after,
      [&](int a, int b) {
        ++compared;
        return a == b;
      },
      [](int, const int*, const int*) {});
  EXPECT_LE(compared, 16);
}

}  // namespace
}  // namespace ottla::metadata
