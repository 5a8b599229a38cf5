#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/offset.h"
#include "base/partition_id.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "storage/format/directory_name.h"
#include "storage/format/file_name.h"

namespace ottla::storage {
namespace {

TEST(FileNames, GoToTextAndBack) {
  const FileName names[] = {
      {Offset(0), FileKind::log, FileStage::in_use},
      {Offset(170), FileKind::offset_index, FileStage::deleted},
      {Offset::max(), FileKind::time_index, FileStage::cleaned},
      {Offset(5), FileKind::transaction_index, FileStage::swap},
      {Offset(6), FileKind::producer_snapshot, FileStage::deleted},
  };
  for (const FileName& name : names) EXPECT_EQ(parse_file_name(to_string(name)).value(), name);
  EXPECT_EQ(to_string(names[1]), "00000000000000000170.index.deleted");
  EXPECT_EQ(to_string(names[2]), "09223372036854775807.timeindex.cleaned");
}

TEST(FileNames, MayHaveFewerDigitsAndSeveralStages) {
  EXPECT_EQ(parse_file_name("7.log").value(), (FileName{Offset(7), FileKind::log, FileStage::in_use}));
  EXPECT_EQ(parse_file_name("7.log.cleaned.deleted").value(),
            (FileName{Offset(7), FileKind::log, FileStage::deleted}));
}

TEST(FileNames, OfOthersAreNotFound) {
  for (const std::string_view name : {"", "log", "leader-epoch-checkpoint", "partition.metadata",
                                      "7.checkpoint", ".lock", "7.log.bak", ".deleted"}) {
    EXPECT_EQ(parse_file_name(name).error(), Errc::not_found) << name;
  }
}

TEST(FileNames, WithoutAnOffsetAreRefused) {
  for (const std::string_view name : {"x.log", ".log", "7.8.log", "-1.log", "9223372036854775808.index",
                                      "7a.snapshot", "x.log.deleted", "7.log.index"}) {
    EXPECT_EQ(parse_file_name(name).error(), Errc::malformed) << name;
  }
}

constexpr Uuid kId(0x0123456789abcdef, 0x00000000000000ff);
const TopicPartition kPartition{"a-b.c", PartitionId(12)};

TEST(DirectoryNames, GoToTextAndBack) {
  for (const DirectoryRole role :
       {DirectoryRole::log, DirectoryRole::deleted, DirectoryRole::future, DirectoryRole::stray}) {
    const auto read = parse_directory_name(directory_name(kPartition, role, kId));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->partition, kPartition);
    EXPECT_EQ(read->role, role);
  }
  EXPECT_EQ(directory_name(kPartition), "a-b.c-12");
  EXPECT_EQ(directory_name(kPartition, DirectoryRole::deleted, kId),
            "a-b.c-12.0123456789abcdef00000000000000ff-delete");
}

TEST(DirectoryNames, AreCutToFitIntoAFileSystem) {
  const TopicPartition partition{std::string(249, 't'), PartitionId(7)};
  const std::string name = directory_name(partition, DirectoryRole::deleted, kId);
  EXPECT_EQ(name.size(), 255u);
  EXPECT_EQ(parse_directory_name(name)->partition.topic, std::string(213, 't'));
  EXPECT_EQ(parse_directory_name(directory_name(partition, DirectoryRole::future, kId))->partition,
            partition);
}

TEST(DirectoryNames, OfNoPartitionAreRefused) {
  for (const std::string_view name :
       {"", "a", "-", "-0", "a-", "a-x", "a-0-delete", "a-0.-delete", "-0.x-delete", "a.0-delete",
        "a-0.x y-delete", "a-.x-stray", "a-b.x-future", "remote-log-index-cache", "a-2147483648", "-delete",
        "a-0.x.-delete"}) {
    EXPECT_FALSE(parse_directory_name(name).ok()) << name;
  }
}

TEST(DirectoryNames, WithOddPartsAreReadAsTheReferenceReadsThem) {
  EXPECT_EQ(parse_directory_name("a--1")->partition, (TopicPartition{"a-", PartitionId(1)}));
  EXPECT_EQ(parse_directory_name("a-0.b.c-delete").ok(), false);
  EXPECT_EQ(parse_directory_name("a-1.b-2.c-stray").value(),
            (DirectoryName{{"a-1.b", PartitionId(2)}, DirectoryRole::stray}));
}

}  // namespace
}  // namespace ottla::storage
