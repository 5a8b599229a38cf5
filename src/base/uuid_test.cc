#include "base/uuid.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_set>
#include <vector>

namespace ottla {
namespace {

constexpr std::uint64_t kMinusOne = UINT64_MAX;

TEST(Uuid, TextIsTheReferences) {
  EXPECT_EQ(Uuid(0x0123456789abcdef, 0xfedcba9876543210).to_string(), "ASNFZ4mrze_-3LqYdlQyEA");
  EXPECT_EQ(kZeroUuid.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(kMetadataTopicId.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
}

TEST(Uuid, ParsesItsOwnText) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t high = random();
    const Uuid uuid(high, random());
    ASSERT_EQ(uuid.to_string().size(), Uuid::kTextSize);
    ASSERT_EQ(Uuid::parse(uuid.to_string()).value(), uuid);
  }
}

// What the reference's 4.4.0 accepts and refuses, asked of it.
TEST(Uuid, ParsesWhatTheReferenceParses) {
  EXPECT_EQ(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAA==").value(), kZeroUuid);
  EXPECT_EQ(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAB").value(), kZeroUuid);
  EXPECT_EQ(Uuid::parse("AAAAAAAAAAAAAAAAAAAAA-").value(), Uuid(0, 3));
  EXPECT_EQ(Uuid::parse("_AAAAAAAAAAAAAAAAAAAAA").value(), Uuid(0xfc00000000000000, 0));
}

TEST(Uuid, RefusesWhatTheReferenceRefuses) {
  for (const std::string_view text :
       {"", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA=A", "===", "AAAAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAAAA/", "AAAAA AAAAAAAAAAAAAAAA"}) {
    EXPECT_EQ(Uuid::parse(text).ok(), false) << text;
  }
}

TEST(Uuid, FaultsSayWhatIsWrong) {
  EXPECT_EQ(Uuid::parse("AAAA").error().text(), "\"AAAA\" holds 3 bytes; a base64 UUID has 16");
  EXPECT_EQ(Uuid::parse(std::string(30, 'A')).error().text(),
            "\"AAAAAAAAAAAAAAAAAAAAAAAA…\" is too long for a base64 UUID");
}

TEST(Uuid, HalvesCompareAsSignedNumbers) {
  EXPECT_LT(Uuid(kMinusOne, 0), Uuid(1, 0));
  EXPECT_LT(Uuid(1, kMinusOne), Uuid(1, 0));
  EXPECT_LT(Uuid(1, 5), Uuid(2, 4));
  EXPECT_EQ(Uuid(7, 7) <=> Uuid(7, 7), std::strong_ordering::equal);
}

TEST(Uuid, RandomOnesAreVersionFour) {
  EXPECT_EQ(Uuid::from_random(kMinusOne, kMinusOne), Uuid(0xffffffffffff4fff, 0xbfffffffffffffff));
  EXPECT_EQ(Uuid::from_random(0, 0), Uuid(0x4000, 0x8000000000000000));
}

TEST(Uuid, RandomOnesNeverLookLikeAFlag) {
  std::vector<std::uint64_t> draws = {2, 1, 0xfbffffffffffffff, 0};  // from the back; 0xf8 to 0xfb give '-'
  const Uuid uuid = random_uuid([&draws] {
    const std::uint64_t draw = draws.back();
    draws.pop_back();
    return draw;
  });
  EXPECT_EQ(uuid, Uuid::from_random(0, 0xfbffffffffffffff));
  draws = {2, 1, 0, 0xfbffffffffffffff};
  const Uuid second = random_uuid([&draws] {
    const std::uint64_t draw = draws.back();
    draws.pop_back();
    return draw;
  });
  EXPECT_EQ(second, Uuid::from_random(1, 2));
  std::mt19937_64 random(4);
  for (int i = 0; i < 2000; ++i) ASSERT_NE(random_uuid(random).to_string().front(), '-');
}

TEST(Uuid, ReservedOnes) {
  EXPECT_TRUE(kZeroUuid.reserved());
  EXPECT_TRUE(kMetadataTopicId.reserved());
  EXPECT_FALSE(Uuid(1, 0).reserved());
  EXPECT_FALSE(Uuid(0, 2).reserved());
}

TEST(Uuid, HashSpreads) {
  std::unordered_set<std::size_t> hashes;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    hashes.insert(std::hash<Uuid>()(Uuid(i, 0)));
    hashes.insert(std::hash<Uuid>()(Uuid(0, i)));
    hashes.insert(std::hash<Uuid>()(Uuid(i, i)));
  }
  EXPECT_EQ(hashes.size(), 2998U);
}

}  // namespace
}  // namespace ottla
