#include "runtime/linux/patience.h"

#include <gtest/gtest.h>

namespace ottla {
namespace {

TEST(Patience, AShardWithoutMessagesSleepsAtOnce) {
  Patience patience;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(patience.worthwhile(0));
}

TEST(Patience, WhoIsAnsweredLooksAgain) {
  Patience patience;
  patience.note(true);
  EXPECT_TRUE(patience.worthwhile(1));
  EXPECT_TRUE(patience.worthwhile(2));
  EXPECT_FALSE(patience.worthwhile(2));  // nothing was taken in since
}

TEST(Patience, WhoIsNotAnsweredTriesNowAndThen) {
  Patience patience;
  patience.note(false);
  int tries = 0;
  for (std::uint64_t taken = 1; taken <= 10 * Patience::kTriesOneIn; ++taken)
    tries += patience.worthwhile(taken);
  EXPECT_EQ(tries, 10);
}

}  // namespace
}  // namespace ottla
