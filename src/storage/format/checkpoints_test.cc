#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/partition_id.h"
#include "base/text_lines.h"
#include "base/uuid.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/format/offset_checkpoint.h"
#include "storage/format/partition_metadata.h"

namespace ottla::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr OffsetCheckpoint kRecovery = OffsetCheckpoint::recovery_point;

PartitionOffset at(std::string topic, int partition, std::int64_t offset) {
  return {{std::move(topic), PartitionId(partition)}, Offset(offset)};
}
EpochEntry epoch(int epoch, std::int64_t start) {
  return {LeaderEpoch(epoch), Offset(start)};
}

// What is wrong with a recovery point checkpoint; empty when nothing is.
std::string wrong(std::string_view text) {
  const auto parsed = parse_offset_checkpoint(kRecovery, text, "dir/file");
  return parsed.ok() ? "" : parsed.error().to_string();
}

TEST(OffsetCheckpoints, AreWrittenAsTheReferenceDoes) {
  const PartitionOffset offsets[] = {at("a", 0, 17), at("b-c", 12, 0)};
  EXPECT_EQ(encode_offset_checkpoint(offsets), "0\n2\na 0 17\nb-c 12 0\n");
  EXPECT_EQ(encode_offset_checkpoint({}), "0\n0\n");
}

TEST(OffsetCheckpoints, AreReadAsTheyWereWritten) {
  const auto offsets = parse_offset_checkpoint(kRecovery, "0\n2\na 0 17\nb-c 12 9223372036854775807\n", "f");
  ASSERT_TRUE(offsets.ok());
  EXPECT_THAT(*offsets, ElementsAre(at("a", 0, 17), at("b-c", 12, 9223372036854775807)));
}

TEST(OffsetCheckpoints, MayHaveOtherBlanksAndEndsOfLines) {
  const auto offsets = parse_offset_checkpoint(kRecovery, "0\r\n+2\ra\t 0  +5 \r\nb 1 -1", "f");
  ASSERT_TRUE(offsets.ok());
  EXPECT_THAT(*offsets, ElementsAre(at("a", 0, 5), at("b", 1, -1)));
}

TEST(OffsetCheckpoints, AreEmptyUntilTheyWereWritten) {
  for (const std::string_view text : {"", "0", "0\n", "0\n0", "0\n0\n"}) {
    const auto offsets = parse_offset_checkpoint(kRecovery, text, "f");
    ASSERT_TRUE(offsets.ok()) << text;
    EXPECT_THAT(*offsets, IsEmpty());
  }
}

TEST(OffsetCheckpoints, ThatAreBrokenNameTheLineAndTheCure) {
  EXPECT_THAT(wrong("0\n1\na 0 x\n"), HasSubstr("dir/file line 3 \"a 0 x\": not topic, partition, offset"));
  EXPECT_THAT(wrong("0\n1\na 0 x\n"), HasSubstr("recovered from their start"));
  EXPECT_THAT(wrong("1\n0\n"), HasSubstr("unsupported: dir/file line 1"));
  EXPECT_THAT(wrong("0\n2\na 0 1\n"), HasSubstr("1 entries follow"));
  EXPECT_THAT(wrong("0\n0\na 0 1\n"), HasSubstr("1 entries follow"));
}

TEST(OffsetCheckpoints, AreRefusedWhenAnythingIsAmiss) {
  for (const std::string_view text :
       {"x", " 0\n", "0 \n0\n", "0\nx\n", "0\n-1\n", "0\n99999999999\n", "0\n1\n\n", "0\n1\na 0\n",
        "0\n1\na 0 1 2\n", "0\n1\n a 0 1\n", "0\n1\na 2147483648 1\n", "0\n1\na 0 9223372036854775808\n",
        "0\n1\na +-1 1\n", "0\n1\n\xc3\xa4 0 1\n", "0\n1\na 0 1\x01\n"}) {
    EXPECT_NE(wrong(text), "") << text;
  }
}

TEST(OffsetCheckpoints, DoNotAllocateWhatTheyClaim) {
  EXPECT_NE(wrong("0\n2147483647\n"), "");
}

TEST(OffsetCheckpoints, HaveTheNamesOfTheReference) {
  EXPECT_EQ(file_name(OffsetCheckpoint::high_watermark), "replication-offset-checkpoint");
  EXPECT_EQ(file_name(OffsetCheckpoint::recovery_point), "recovery-point-offset-checkpoint");
  EXPECT_EQ(file_name(OffsetCheckpoint::log_start), "log-start-offset-checkpoint");
  EXPECT_EQ(file_name(OffsetCheckpoint::cleaner), "cleaner-offset-checkpoint");
}

TEST(LeaderEpochCheckpoints, GoToTextAndBack) {
  const EpochEntry entries[] = {epoch(0, 0), epoch(7, 120)};
  EXPECT_EQ(encode_leader_epochs(entries), "0\n2\n0 0\n7 120\n");
  const auto read = parse_leader_epochs("0\n2\n0 0\n7 120\n", "f");
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(*read, ElementsAre(epoch(0, 0), epoch(7, 120)));
}

TEST(LeaderEpochCheckpoints, HaveNoNegativeNumbers) {
  for (const std::string_view line : {"-1 0", "0 -1", "0", "0 1 2", "x 1", "1 x"}) {
    const auto read = parse_leader_epochs("0\n1\n" + std::string(line) + "\n", "p/f");
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_THAT(read.error().to_string(), HasSubstr("p/f line 3"));
  }
}

constexpr Uuid kTopic(0x0123456789abcdef, 0xfedcba9876543210);

TEST(PartitionMetadataFiles, GoToTextAndBack) {
  const std::string text = encode_partition_metadata(kTopic);
  EXPECT_EQ(text, "version: 0\ntopic_id: ASNFZ4mrze_-3LqYdlQyEA");
  EXPECT_EQ(parse_partition_metadata(text, "f").value(), kTopic);
}

TEST(PartitionMetadataFiles, MayBeOfLaterVersions) {
  for (const std::string_view text :
       {"version: 9\ntopic_id: ASNFZ4mrze_-3LqYdlQyEA\nmore: 1\n", "v:\t 0\r\nt: ASNFZ4mrze_-3LqYdlQyEA: \n",
        ": 0\n: ASNFZ4mrze_-3LqYdlQyEA"}) {
    const auto id = parse_partition_metadata(text, "f");
    EXPECT_TRUE(id.ok() && *id == kTopic) << text;
  }
}

TEST(PartitionMetadataFiles, ThatAreBrokenNameTheLineAndTheCure) {
  const auto wrong_with = [](std::string_view text) {
    const auto id = parse_partition_metadata(text, "p/f");
    return id.ok() ? "" : id.error().to_string();
  };
  EXPECT_THAT(wrong_with(""), HasSubstr("p/f line 1"));
  EXPECT_THAT(wrong_with("version: 0"), HasSubstr("line 1 \"\": not \"topic_id"));
  EXPECT_THAT(wrong_with("version:0\n"), HasSubstr("line 1"));
  EXPECT_THAT(wrong_with("version: -1\n"), HasSubstr("unsupported"));
  EXPECT_THAT(wrong_with("version: 0: 1\n"), HasSubstr("line 1"));
  EXPECT_THAT(wrong_with("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA"), HasSubstr("no topic has this id"));
  EXPECT_THAT(wrong_with("version: 0\ntopic_id: short"), HasSubstr("line 2 \"topic_id: short\""));
  EXPECT_THAT(wrong_with("version: 0\ntopic_id: short"), HasSubstr("Copy the file"));
}

TEST(TextLines, EndAsJavaEndsThem) {
  LineReader lines("a\n\nb\r\nc\rd");
  std::vector<std::string> all;
  while (const auto line = lines.next()) all.emplace_back(*line);
  EXPECT_THAT(all, ElementsAre("a", "", "b", "c", "d"));
  EXPECT_EQ(lines.number(), 5u);
}

}  // namespace
}  // namespace ottla::storage
