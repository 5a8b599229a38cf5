#include "protocol/record_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/messages/classic_group_records.h"
#include "protocol/messages/cluster_metadata.h"
#include "protocol/messages/principal.h"

namespace ottla::protocol {
namespace {

class InternalRecords : public testing::Test {
 protected:
  static std::string hex(const Result<Chain>& encoded) {
    return hex_encode(encoded->clone().flatten().as_span());
  }
  std::span<const std::byte> bytes(std::string_view text) {
    kept_.push_back(*hex_decode(text));
    return std::as_bytes(std::span(kept_.back()));
  }

  std::vector<std::string> kept_;
  Budget budget_{"test", 1 << 16};
  Arena arena_{budget_};
};

TEST_F(InternalRecords, ACoordinatorsKeyBeginsWithItsType) {
  const OffsetCommitKey key = {.group = "g", .topic = "t", .partition = 3};
  const std::string encoded = hex(encode_coordinator_key(key));
  EXPECT_EQ(encoded,
            "0001"
            "000167"
            "000174"
            "00000003");
  const auto opened = open_coordinator_key("__consumer_offsets", bytes(encoded));
  OffsetCommitKey again;
  ASSERT_TRUE(decode(*opened, arena_, again).ok());
  EXPECT_EQ(again, key);
}

TEST_F(InternalRecords, ItsValueBeginsWithTheVersion) {
  const OffsetCommitValue value = {.offset = 5, .leader_epoch = 2, .metadata = "", .commit_timestamp = 9};
  const std::string encoded = hex(encode_versioned(value, 3));
  EXPECT_EQ(encoded,
            "0003"
            "0000000000000005"
            "00000002"
            "0000"
            "0000000000000009");
  const auto opened = open_coordinator_value("__consumer_offsets", 1, bytes(encoded));
  OffsetCommitValue again;
  ASSERT_TRUE(decode(*opened, arena_, again).ok());
  EXPECT_EQ(again, value);
}

TEST_F(InternalRecords, AMetadataRecordBeginsWithThreeVarints) {
  const TopicRecord record = {.name = "a", .topic_id = kOneUuid};
  const std::string encoded = hex(encode_metadata_record(record, 0));
  EXPECT_EQ(encoded,
            "010200"
            "0261"
            "00000000000000000000000000000001"
            "00");
  const auto opened = open_metadata_record("__cluster_metadata", bytes(encoded));
  TopicRecord again;
  ASSERT_TRUE(decode(*opened, arena_, again).ok());
  EXPECT_EQ(again, record);
}

TEST_F(InternalRecords, APrincipalBeginsWithItsVersion) {
  const DefaultPrincipalData principal = {.type = "User", .name = "a", .token_authenticated = true};
  const std::string encoded = hex(encode_versioned(principal, 0));
  EXPECT_EQ(open_versioned(DefaultPrincipalData::message(), bytes(encoded))->version, 0);
}

TEST_F(InternalRecords, WhatANewerBrokerWroteIsUnsupported) {
  EXPECT_EQ(open_coordinator_key("__consumer_offsets", bytes("0fff")).error().code(), Errc::unsupported);
  EXPECT_EQ(open_coordinator_value("__consumer_offsets", 1, bytes("0009")).error().code(), Errc::unsupported);
  EXPECT_EQ(open_coordinator_value("__consumer_offsets", 1, bytes("ffff")).error().code(), Errc::unsupported);
  EXPECT_EQ(open_metadata_record("__cluster_metadata", bytes("020200")).error().code(), Errc::unsupported);
  EXPECT_EQ(open_metadata_record("__cluster_metadata", bytes("017f00")).error().code(), Errc::unsupported);
  EXPECT_EQ(open_metadata_record("__cluster_metadata", bytes("010207")).error().code(), Errc::unsupported);
}

TEST_F(InternalRecords, CutOnesAreTruncated) {
  EXPECT_EQ(open_coordinator_key("__consumer_offsets", bytes("00")).error().code(), Errc::truncated);
  EXPECT_EQ(open_coordinator_value("__consumer_offsets", 1, bytes("")).error().code(), Errc::truncated);
  EXPECT_EQ(open_metadata_record("__cluster_metadata", bytes("01")).error().code(), Errc::truncated);
}

TEST_F(InternalRecords, TypesAreCountedPerTopic) {
  EXPECT_STREQ(open_coordinator_key("__transaction_state", bytes("0000"))->message->name,
               "TransactionLogKey");
  EXPECT_STREQ(open_coordinator_key("__share_group_state", bytes("0000"))->message->name, "ShareSnapshotKey");
}

}  // namespace
}  // namespace ottla::protocol
