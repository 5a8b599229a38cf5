// Snapshots: their names, what is written, and what is believed of what is read.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/endian.h"
#include "base/slice.h"
#include "quorum/snapshot_name.h"
#include "quorum/snapshot_parser.h"
#include "quorum/snapshot_writer.h"
#include "record/batch_builder.h"
#include "record/control_record.h"

namespace ottla::quorum {
namespace {

raft::LogPosition at(std::int64_t offset, std::int32_t epoch) {
  return {LeaderEpoch(epoch), Offset(offset)};
}

TEST(SnapshotNames, AreReadAsTheyAreWritten) {
  const SnapshotName name{at(1234, 7), SnapshotStage::whole};
  EXPECT_EQ(to_string(name), "00000000000000001234-0000000007.checkpoint");
  for (const SnapshotStage stage : {SnapshotStage::whole, SnapshotStage::part, SnapshotStage::deleted}) {
    EXPECT_EQ(*parse_snapshot_name(to_string(SnapshotName{at(5, 2), stage})),
              (SnapshotName{at(5, 2), stage}));
  }
  EXPECT_EQ(*parse_snapshot_name("00000000000000000005-0000000002-8374837.checkpoint.part"),
            (SnapshotName{at(5, 2), SnapshotStage::part}));
}

TEST(SnapshotNames, OthersAreNone) {
  for (const char* name : {"00000000000000000005.log", "quorum-state", "bootstrap.checkpoint", ""}) {
    EXPECT_EQ(parse_snapshot_name(name).error(), Errc::not_found) << name;
  }
  for (const char* name :
       {"5-2.checkpoint", "00000000000000000005-000000000x.checkpoint",
        "99999999999999999999-0000000002.checkpoint", "00000000000000000005-9999999999.checkpoint",
        "00000000000000000005-0000000002-1.checkpoint", ".checkpoint.deleted"}) {
    EXPECT_EQ(parse_snapshot_name(name).error(), Errc::malformed) << name;
  }
}

std::vector<Slice> written(SnapshotHead head, const std::vector<std::string>& records,
                           std::int32_t largest = kLargestBatch) {
  std::vector<Slice> batches;
  SnapshotWriter writer(
      std::move(head),
      [&](Slice batch) -> Result<> {
        batches.push_back(std::move(batch));
        return {};
      },
      largest);
  for (const std::string& record : records) EXPECT_TRUE(writer.add(std::as_bytes(std::span(record))).ok());
  EXPECT_TRUE(writer.finish().ok());
  return batches;
}

// What a parser says of these batches: its records, or the first error.
struct Read {
  std::vector<std::string> records;
  SnapshotFacts facts;
  Result<> end;
};
Read read(const std::vector<Slice>& batches) {
  record::CodecPool codecs;
  SnapshotParser parser(codecs);
  Read read;
  for (const Slice& bytes : batches) {
    const auto records = parser.take(record::BatchView::whole(bytes.as_span()));
    if (!records.ok()) {
      read.end = records.error();
      return read;
    }
    for (const auto& record : *records) {
      read.records.emplace_back(reinterpret_cast<const char*>(record.data()), record.size());
    }
  }
  read.facts = parser.facts();
  read.end = parser.finish();
  return read;
}

raft::VoterSet voters() {
  return raft::VoterSet({{{NodeId(1), Uuid(1, 2)}, raft::Endpoints({{"C", "host", 9093}}), {0, 1}}});
}

TEST(Snapshots, SayWhatWasWritten) {
  const std::vector<Slice> batches =
      written({at(10, 3), 99, 77, raft::kDynamicVoters, voters()}, {"a", "bb", "ccc"});
  EXPECT_EQ(batches.size(), 3U) << "header, records, footer";
  const Read got = read(batches);
  EXPECT_TRUE(got.end.ok());
  EXPECT_EQ(got.records, (std::vector<std::string>{"a", "bb", "ccc"}));
  EXPECT_EQ(got.facts.last_append_ms, 77);
  EXPECT_EQ(got.facts.kraft_version, raft::kDynamicVoters);
  EXPECT_EQ(got.facts.voters, voters());
  for (const raft::ControlEntry& entry : control_of(got.facts, at(10, 3))) EXPECT_EQ(entry.offset, Offset(9));
}

TEST(Snapshots, OfConfiguredVotersSayNothingOfThem) {
  const Read got = read(written({at(10, 3), 99, 77}, {}));
  EXPECT_TRUE(got.end.ok());
  EXPECT_FALSE(got.facts.kraft_version);
  EXPECT_FALSE(got.facts.voters);
  EXPECT_TRUE(control_of(got.facts, at(10, 3)).empty());
}

TEST(Snapshots, KeepEachBatchWithinItsSize) {
  const std::vector<std::string> records(100, std::string(90, 'r'));
  const std::vector<Slice> batches = written({at(10, 3), 99, 77}, records, 1000);
  EXPECT_GT(batches.size(), 10U);
  for (const Slice& batch : batches) EXPECT_LE(batch.size(), 1000U);
  EXPECT_EQ(read(batches).records, records);
}

TEST(Snapshots, ARecordThatFitsIntoNoBatchIsRefused) {
  SnapshotWriter writer({at(1, 1)}, [](Slice) -> Result<> { return {}; }, 100);
  const std::string record(50, 'x');
  EXPECT_EQ(writer.add(std::as_bytes(std::span(record))).error(), Errc::too_large);
}

TEST(Snapshots, AreNotBelievedWithoutTheirEnds) {
  std::vector<Slice> batches = written({at(10, 3), 99, 77}, {"a"});
  EXPECT_EQ(read({}).end.error(), Errc::truncated);
  EXPECT_EQ(read({batches[0], batches[1]}).end.error(), Errc::truncated) << "no footer";
  EXPECT_EQ(read({batches[1], batches[2]}).end.error(), Errc::malformed) << "no header";
  EXPECT_EQ(read({batches[0], batches[2]}).end.error(), Errc::malformed) << "a hole";
  EXPECT_EQ(read({batches[0], batches[1], batches[2], batches[0]}).end.error(), Errc::malformed);
}

TEST(Snapshots, ABatchThatFailsItsChecksumIsCorrupt) {
  std::vector<Slice> batches = written({at(10, 3), 99, 77}, {"abc"});
  std::string bytes(batches[1].as_string_view());
  bytes.back() ^= 1;
  batches[1] = Slice::copy_of(bytes);
  EXPECT_EQ(read(batches).end.error(), Errc::corrupt);
}

TEST(Snapshots, ALaterVersionOfTheHeaderIsNotGuessed) {
  record::BatchBuilder batch({.control = true});
  const auto key = record::control_key(record::ControlType::snapshot_header);
  const std::string value("\0\1\0\0\0\0\0\0\0\7\0", 11);
  batch.append({.timestamp = 1, .key = key, .value = std::as_bytes(std::span(value))});
  EXPECT_EQ(read({std::move(batch).finish()}).end.error(), Errc::unsupported);
}

TEST(Snapshots, ARecordWithoutAValueIsNone) {
  const std::vector<Slice> batches = written({at(10, 3), 99, 77}, {"a"});
  record::BatchBuilder batch({.base_offset = Offset(1)});
  batch.append({.timestamp = 1});
  EXPECT_EQ(read({batches[0], std::move(batch).finish()}).end.error(), Errc::malformed);
}

}  // namespace
}  // namespace ottla::quorum
