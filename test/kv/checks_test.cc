// The checkers find what they are there for: each rule of History and of Judge is broken once.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/kv/history.h"
#include "test/kv/judge.h"

namespace ottla::kv {
namespace {

class HistoryTest : public ::testing::Test {
 protected:
  // Client and key are 0 unless told; gives the sequence.
  std::uint32_t ask(Operation operation, std::uint64_t expected = 0, std::uint32_t client = 0) {
    const std::uint32_t sequence = ++sequences_[client];
    history_.asked({operation, ClientId(client), sequence, 0, expected, value(sequence, client)});
    return sequence;
  }
  static std::uint64_t value(std::uint32_t sequence, std::uint32_t client = 0) {
    return History::value_of(ClientId(client), sequence);
  }
  void answer(std::uint32_t sequence, Answer answer, std::uint32_t client = 0) {
    history_.answered(ClientId(client), sequence, answer);
  }
  // Asks and is answered.
  std::uint32_t write(std::uint64_t version) {
    const std::uint32_t sequence = ask(Operation::write);
    answer(sequence, {true, version, value(sequence)});
    return sequence;
  }
  void found(const std::string& what) {
    ASSERT_FALSE(violations_.empty());
    EXPECT_NE(violations_.front().find(what), std::string::npos) << violations_.front();
  }

  std::vector<std::string> violations_;
  std::uint32_t sequences_[2] = {};
  History history_{2, 2, [this](std::string what) { violations_.push_back(std::move(what)); }};
};

TEST_F(HistoryTest, AGoodStoryPasses) {
  const std::uint32_t first = write(1);
  const std::uint32_t read = ask(Operation::read);
  const std::uint32_t lost = ask(Operation::write);  // never answered, seen by the next
  answer(read, {true, 1, value(first)});
  const std::uint32_t refused = ask(Operation::compare_and_set, 1);
  answer(refused, {false, 2, value(lost)});
  const std::uint32_t taken = ask(Operation::compare_and_set, 2);
  answer(taken, {true, 3, value(taken)});
  EXPECT_TRUE(violations_.empty()) << violations_.front();
  EXPECT_EQ(history_.answered_count(), 4U);
}
TEST_F(HistoryTest, ALostWriteIsFound) {
  const std::uint32_t first = write(1);
  write(2);
  answer(ask(Operation::read), {true, 1, value(first)});
  found("saw less than was known");
}
TEST_F(HistoryTest, AWriteThatVanishesUnderAnotherIsFound) {
  write(1);
  write(1);
  found("wrote below what was known");
}
TEST_F(HistoryTest, TwoWritesOfOneVersionAreFound) {
  const std::uint32_t first = ask(Operation::write);
  const std::uint32_t second = ask(Operation::write);
  answer(first, {true, 1, value(first)});
  answer(second, {true, 1, value(second)});
  found("second value of one version");
}
TEST_F(HistoryTest, AWriteThatRanTwiceIsFound) {
  const std::uint32_t first = ask(Operation::write);
  answer(ask(Operation::read), {true, 1, value(first)});
  answer(first, {true, 2, value(first)});
  found("second version");
}
TEST_F(HistoryTest, AnInventedValueIsFound) {
  answer(ask(Operation::read), {true, 1, value(40)});
  found("nobody wrote");
}
TEST_F(HistoryTest, AValueOfARefusedPastIsFound) {
  write(1);
  write(2);
  const std::uint32_t late = ask(Operation::write);
  const std::uint32_t read = ask(Operation::read);
  violations_.clear();
  answer(read, {true, 2, value(late)});
  found("in the past of its asking");
}
TEST_F(HistoryTest, AConditionThatDidNotCountIsFound) {
  write(1);
  const std::uint32_t wrong = ask(Operation::compare_and_set, 5);
  answer(wrong, {true, 2, value(wrong)});
  found("another version than expected");
}
TEST_F(HistoryTest, ARefusalWithoutReasonIsFound) {
  const std::uint32_t first = write(1);
  answer(ask(Operation::compare_and_set, 1), {false, 1, value(first)});
  found("although its condition held");
}
TEST_F(HistoryTest, ASecondAnswerIsFound) {
  const std::uint32_t first = write(1);
  answer(first, {true, 1, value(first)});
  found("answered twice");
}

class JudgeTest : public ::testing::Test {
 protected:
  void applied(int node, Index index, std::uint32_t sequence, bool repetition = false) {
    const Entry entry{Term(1), {Operation::write, ClientId(0), sequence, 0, 0, 1}};
    judge_.applied(NodeId(node), index, entry, {{true, 1, 1}, repetition});
  }
  void found(const std::string& what) {
    ASSERT_FALSE(violations_.empty());
    EXPECT_NE(violations_.front().find(what), std::string::npos) << violations_.front();
  }
  std::vector<std::string> violations_;
  Judge judge_{3, [this](std::string what) { violations_.push_back(std::move(what)); }};
};

TEST_F(JudgeTest, TwoLeadersOfATermAreFound) {
  judge_.leads(NodeId(0), Term(1));
  judge_.leads(NodeId(1), Term(2));
  EXPECT_TRUE(violations_.empty());
  judge_.leads(NodeId(1), Term(1));
  found("two leaders");
}
TEST_F(JudgeTest, DifferentEntriesAreFound) {
  applied(0, 1, 1);
  applied(1, 1, 1);
  EXPECT_TRUE(violations_.empty());
  applied(2, 1, 2);
  found("something else than others");
}
TEST_F(JudgeTest, ASecondExecutionIsFound) {
  applied(0, 1, 1);
  applied(0, 2, 1, true);
  EXPECT_TRUE(violations_.empty());
  applied(0, 3, 1);
  found("executed again");
}
TEST_F(JudgeTest, AForgottenTermIsFound) {
  judge_.promised(NodeId(0), {Term(3), NodeId(1)});
  judge_.started(NodeId(0), Ballot{Term(3), NodeId(1)}, 0);
  EXPECT_TRUE(violations_.empty());
  judge_.started(NodeId(0), Ballot{Term(2), NodeId(1)}, 0);
  found("came back");
}
TEST_F(JudgeTest, AForgottenVoteIsFound) {
  judge_.promised(NodeId(0), {Term(3), NodeId(1)});
  judge_.started(NodeId(0), Ballot{Term(3), kNoNode}, 0);
  found("came back");
}
TEST_F(JudgeTest, AChangedVoteIsFound) {
  judge_.promised(NodeId(0), {Term(3), NodeId(1)});
  judge_.promised(NodeId(0), {Term(3), NodeId(2)});
  found("and now");
}
TEST_F(JudgeTest, MemoryIsLostOnlyWithTheDisk) {
  judge_.expect_lost_disk(NodeId(0));
  judge_.started(NodeId(0), std::nullopt, 0);
  EXPECT_TRUE(violations_.empty());
  judge_.rejoined(NodeId(0), Term(4));
  judge_.started(NodeId(0), std::nullopt, 0);
  found("lost its memory");
}

}  // namespace
}  // namespace ottla::kv
