#include "metadata/topic_name.h"

#include <gtest/gtest.h>

#include <string>

namespace ottla::metadata {
namespace {

TEST(TopicName, GoodNames) {
  for (const std::string_view name : {"a", "A-9", "a.b_c", "...", "__consumer_offsets"}) {
    EXPECT_TRUE(is_valid_topic_name(name)) << name;
    EXPECT_EQ(topic_name_fault(name), std::nullopt) << name;
  }
  EXPECT_TRUE(is_valid_topic_name(std::string(249, 'x')));
}

TEST(TopicName, BadNames) {
  EXPECT_EQ(topic_name_fault(""), "the empty string is not allowed");
  EXPECT_EQ(topic_name_fault("."), "'.' is not allowed");
  EXPECT_EQ(topic_name_fault(".."), "'..' is not allowed");
  EXPECT_EQ(topic_name_fault("a b"),
            "'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'");
  const std::string longest(250, 'x');
  EXPECT_EQ(topic_name_fault(longest),
            "the length of '" + longest + "' is longer than the max allowed length 249");
}

TEST(TopicName, LengthIsCountedAsTheReferenceDoes) {
  std::string accents;
  for (int each = 0; each < 200; ++each) accents += "\xc3\xa9";
  EXPECT_TRUE(topic_name_fault(accents)->starts_with("'"));  // 400 bytes, 200 characters
  std::string faces;
  for (int each = 0; each < 125; ++each) faces += "\xf0\x9f\x98\x80";
  EXPECT_TRUE(topic_name_fault(faces)->starts_with("the length"));  // 125 of them count as 250
}

TEST(TopicName, Internal) {
  EXPECT_TRUE(is_internal_topic("__share_group_state"));
  EXPECT_TRUE(is_internal_topic("__transaction_state"));
  EXPECT_TRUE(is_internal_topic("__consumer_offsets"));
  EXPECT_FALSE(is_internal_topic("__remote_log_metadata"));
  EXPECT_FALSE(is_internal_topic("orders"));
}

}  // namespace
}  // namespace ottla::metadata
