#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace ottla {
namespace {

struct ByAge;

struct Waiter : ListHook<>, ListHook<ByAge> {
  explicit Waiter(char id) : name(id) {}
  char name;
};

using List = IntrusiveList<Waiter>;

template <typename AnyList>
std::string names(AnyList& list) {
  std::string out;
  if (list.empty()) return out;
  for (Waiter* waiter = &list.front(); waiter != nullptr; waiter = list.next(*waiter)) out += waiter->name;
  return out;
}

class IntrusiveListTest : public testing::Test {
 protected:
  Waiter a{'a'};
  Waiter b{'b'};
  Waiter c{'c'};
  List list;
};

TEST_F(IntrusiveListTest, PushesAtBothEnds) {
  list.push_back(b);
  list.push_back(c);
  list.push_front(a);
  EXPECT_EQ(names(list), "abc");
  EXPECT_EQ(list.count(), 3U);
  EXPECT_EQ(list.front().name, 'a');
  EXPECT_EQ(list.back().name, 'c');
}

TEST_F(IntrusiveListTest, InsertsBeforeAnElement) {
  list.push_back(a);
  list.push_back(c);
  list.insert_before_element(c, b);
  EXPECT_EQ(names(list), "abc");
}

TEST_F(IntrusiveListTest, PopsInOrder) {
  list.push_back(a);
  list.push_back(b);
  EXPECT_EQ(&list.pop_front(), &a);
  EXPECT_FALSE(a.ListHook<>::linked());
  EXPECT_EQ(&list.pop_front(), &b);
  EXPECT_TRUE(list.empty());
}

TEST_F(IntrusiveListTest, UnlinksFromTheMiddleAndTwice) {
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  b.ListHook<>::unlink();
  b.ListHook<>::unlink();
  EXPECT_EQ(names(list), "ac");
}

TEST_F(IntrusiveListTest, ElementLeavesWhenItDies) {
  auto short_lived = std::make_unique<Waiter>('x');
  list.push_back(a);
  list.push_back(*short_lived);
  short_lived.reset();
  EXPECT_EQ(names(list), "a");
}

TEST_F(IntrusiveListTest, ListUnlinksWhatIsLeftWhenItDies) {
  {
    List short_lived;
    short_lived.push_back(a);
    short_lived.push_back(b);
  }
  EXPECT_FALSE(a.ListHook<>::linked());
  list.push_back(a);
  EXPECT_EQ(names(list), "a");
}

TEST_F(IntrusiveListTest, TwoHooksTwoLists) {
  IntrusiveList<Waiter, ByAge> by_age;
  list.push_back(a);
  list.push_back(b);
  by_age.push_back(b);
  by_age.push_back(a);
  EXPECT_EQ(names(list), "ab");
  EXPECT_EQ(names(by_age), "ba");
  list.pop_front();
  EXPECT_EQ(names(by_age), "ba");
}

TEST_F(IntrusiveListTest, SplicesAWholeList) {
  List other;
  list.push_back(a);
  other.push_back(b);
  other.push_back(c);
  list.splice_back(other);
  EXPECT_EQ(names(list), "abc");
  EXPECT_TRUE(other.empty());
  list.splice_back(other);
  EXPECT_EQ(list.count(), 3U);
}

TEST_F(IntrusiveListTest, SpliceIntoAnEmptyList) {
  List other;
  other.push_back(a);
  list.splice_back(other);
  EXPECT_EQ(names(list), "a");
  EXPECT_EQ(&list.back(), &a);
}

using IntrusiveListDeathTest = IntrusiveListTest;

TEST_F(IntrusiveListDeathTest, Misuse) {
  list.push_back(a);
  EXPECT_DEATH(list.push_back(a), "in a list already");
  EXPECT_DEATH(list.splice_back(list), "spliced into itself");
  list.pop_front();
  EXPECT_DEATH(list.pop_front(), "front\\(\\) of an empty list");
  EXPECT_DEATH(static_cast<void>(list.back()), "back\\(\\) of an empty list");
}

// Random pushes, removals and splices beside std::list.
TEST(IntrusiveList, BehavesLikeAList) {
  std::mt19937_64 random(12);
  std::vector<std::unique_ptr<Waiter>> waiters;
  for (char name = 'A'; name <= 'Z'; ++name) waiters.push_back(std::make_unique<Waiter>(name));
  List list;
  std::string model;
  for (int i = 0; i < 5000; ++i) {
    Waiter& waiter = *waiters[random() % waiters.size()];
    if (waiter.ListHook<>::linked()) {
      waiter.ListHook<>::unlink();
      std::erase(model, waiter.name);
    } else if (random() % 2 == 0) {
      list.push_front(waiter);
      model.insert(0, 1, waiter.name);
    } else {
      list.push_back(waiter);
      model += waiter.name;
    }
    ASSERT_EQ(names(list), model);
  }
}

}  // namespace
}  // namespace ottla
