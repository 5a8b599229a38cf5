#include "config/value_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "config/java_numbers.h"
#include "config/key_table.h"
#include "config/value.h"

namespace ottla::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Key& node(std::string_view name) {
  return *find_key(Scope::node, name);
}

// What becomes of a text: the value as it shows, or the message.
std::string made(const Key& key, std::string_view text) {
  const auto value = parse_value(key, text);
  return value.ok() ? text_of(*value).value_or("null") : std::string(value.error().text());
}

TEST(Values, AreTrimmedAndRead) {
  EXPECT_EQ(made(node("num.partitions"), " +7\t"), "7");
  EXPECT_EQ(made(node("auto.create.topics.enable"), "TRUE "), "true");
  EXPECT_EQ(made(node("broker.rack"), "  a b "), "a b");
  EXPECT_EQ(made(node("log.dirs"), " /a , /b,/a"), "/a,/b");
  EXPECT_EQ(made(node("log.cleaner.min.cleanable.ratio"), "1e-4"), "1.0E-4");
}

TEST(Values, OfTheWrongTypeSayWhatWasExpected) {
  EXPECT_EQ(made(node("num.partitions"), " x "),
            "Invalid value  x  for configuration num.partitions: Not a number of type INT");
  EXPECT_EQ(made(node("num.partitions"), "2147483648"),
            "Invalid value 2147483648 for configuration num.partitions: Not a number of type INT");
  EXPECT_EQ(
      made(node("offsets.topic.replication.factor"), "32768"),
      "Invalid value 32768 for configuration offsets.topic.replication.factor: Not a number of type SHORT");
  EXPECT_THAT(made(node("auto.create.topics.enable"), "yes"), HasSubstr("either true or false"));
  EXPECT_THAT(made(node("principal.builder.class"), "com.example.Mine"), HasSubstr("could not be found."));
}

TEST(Values, StayWithinTheirRange) {
  EXPECT_EQ(made(node("num.partitions"), "0"),
            "Invalid value 0 for configuration num.partitions: Value must be at least 1");
  EXPECT_THAT(made(node("log.cleaner.min.cleanable.ratio"), "1.5"), HasSubstr("no more than 1"));
  EXPECT_THAT(made(node("remote.log.manager.task.retry.jitter"), ".6"), HasSubstr("no more than 0.5"));
  EXPECT_THAT(made(node("compression.gzip.level"), "0"), HasSubstr("between 1 and 9 or equal to -1"));
}

TEST(Values, AreAmongTheWordsOfTheirKey) {
  EXPECT_EQ(
      made(node("compression.type"), "ZSTD"),
      "Invalid value ZSTD for configuration compression.type: String must be one of: uncompressed, zstd, "
      "lz4, snappy, gzip, producer");
  EXPECT_EQ(made(node("group.consumer.migration.policy"), "upgrade"), "upgrade");
  EXPECT_EQ(made(node("process.roles"), "broker,x"),
            "Invalid value x for configuration process.roles: String must be one of: broker, controller");
  EXPECT_EQ(made(node("process.roles"), ""),
            "Configuration 'process.roles' must not be empty. Valid values include: [broker, controller]");
  EXPECT_THAT(made(node("log.cleanup.policy"), "delete,,"), HasSubstr("values must not be empty."));
}

TEST(Values, OfSpecialFormsAreChecked) {
  const Key& throttled = *find_key(Scope::topic, "leader.replication.throttled.replicas");
  EXPECT_EQ(made(throttled, "1:2, 3:4"), "1:2,3:4");
  EXPECT_THAT(made(throttled, "*,1:2"), HasSubstr("[*, 1:2]"));
  const Key& reset = *find_key(Scope::group, "share.auto.offset.reset");
  EXPECT_EQ(made(reset, "by_duration:PT1H"), "by_duration:PT1H");
  EXPECT_THAT(made(reset, "by_duration:-PT1H"), HasSubstr("must be either"));
}

TEST(Values, OfSecretsNeverShow) {
  const auto value = parse_value(node("ssl.key.password"), "s3cret");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(text_of(*value), "[hidden]");
  EXPECT_EQ(shown_in_message(*value), "[hidden]");
  EXPECT_EQ(std::get<Password>(*value).plain(), "s3cret");
}

TEST(Defaults, MayBeMissing) {
  EXPECT_TRUE(is_null(*default_value(node("broker.rack"))));
  EXPECT_EQ(default_value(node("node.id")).error().text(),
            "Missing required configuration \"node.id\" which has no default value.");
}

TEST(JavaLists, LoseWhiteSpaceAroundCommas) {
  EXPECT_THAT(java_list(" a b , c\t,\nd"), ElementsAre("a b", "c", "d"));
  EXPECT_THAT(java_list(","), ElementsAre("", ""));
  EXPECT_THAT(java_list(" , a"), ElementsAre("", "a"));
  EXPECT_THAT(java_list("  "), ElementsAre());
}

TEST(JavaDoubles, HaveManyForms) {
  for (const std::string_view text : {"1.5", "+1.5", "15e-1", "1.5d", "1.5F", "0x1.8p0", ".15e1", " 1.5 "}) {
    EXPECT_EQ(java_double(text), 1.5) << text;
  }
  EXPECT_EQ(java_double("1e999"), java_double("Infinity"));
  for (const std::string_view text :
       {"", ".", "e1", "1e", "0x1", "1.5x", "inf", "nan", "--1", "1 2", "1dd"}) {
    EXPECT_EQ(java_double(text), std::nullopt) << text;
  }
}

TEST(JavaDurations, AreWhatIso8601Says) {
  EXPECT_EQ(java_duration_ms("P1DT2H3M4.5S"), 93784500);
  EXPECT_EQ(java_duration_ms("pt-1s"), -1000);
  EXPECT_EQ(java_duration_ms("-PT0.001S"), -1);
  for (const std::string_view text :
       {"", "P", "PT", "P1DT", "1D", "P1H", "PT1S1M", "PT.5S", "P99999999999999999D"}) {
    EXPECT_EQ(java_duration_ms(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ottla::config
