#include "protocol/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/hex.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/consumer_group_records.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

namespace ottla::protocol {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Codec : public testing::Test {
 protected:
  // Bytes in hex; blanks between them are for the reader.
  static std::vector<std::byte> bytes(std::string_view hex) {
    std::string packed;
    for (const char each : hex) {
      if (each != ' ') packed += each;
    }
    const std::string decoded = *hex_decode(packed);
    const auto view = std::as_bytes(std::span(decoded));
    return {view.begin(), view.end()};
  }
  template <Message T>
  static std::string hex_of(const T& message, std::int16_t version) {
    const auto encoded = encode(message, version);
    return encoded.ok() ? hex_encode(encoded->clone().flatten().as_span())
                        : std::string(encoded.error().text());
  }
  template <Message T>
  T read(std::string_view hex, std::int16_t version) {
    kept_.push_back(bytes(hex));
    T message;
    const auto decoded = decode({.bytes = kept_.back(), .version = version}, arena_, message);
    EXPECT_TRUE(decoded.ok()) << decoded.error().to_string();
    return message;
  }
  template <Message T>
  std::string why_not(std::string_view hex, std::int16_t version) {
    kept_.push_back(bytes(hex));
    T message;
    const auto decoded = decode({.bytes = kept_.back(), .version = version}, arena_, message);
    return decoded.ok() ? "decoded" : std::string(decoded.error().text());
  }

  std::vector<std::vector<std::byte>> kept_;
  Budget budget_{"test", 1 << 20};
  Arena arena_{budget_};
};

TEST_F(Codec, WritesOldAndFlexibleForms) {
  const ApiVersionsRequest request{.client_software_name = "ab", .client_software_version = "1"};
  EXPECT_EQ(hex_of(request, 3),
            "03"
            "6162"
            "02"
            "31"
            "00");
  const ApiVersionsResponse::ApiVersion fetch{.api_key = 1, .min_version = 4, .max_version = 18};
  const ApiVersionsResponse response{.api_keys = Array(&fetch, 1), .throttle_time_ms = 5};
  EXPECT_EQ(hex_of(response, 0),
            "0000"
            "00000001"
            "000100040012");
  EXPECT_EQ(hex_of(response, 3),
            "0000"
            "02"
            "00010004001200"
            "00000005"
            "00");
}

TEST_F(Codec, ReadsWhatItWrote) {
  const auto response = read<ApiVersionsResponse>("0000 02 00010004001200 00000005 00", 3);
  ASSERT_EQ(response.api_keys.size(), 1u);
  EXPECT_EQ(response.api_keys[0].max_version, 18);
  EXPECT_EQ(response.throttle_time_ms, 5);
  EXPECT_EQ(response.finalized_features_epoch, -1);
}

TEST_F(Codec, TagsAreWrittenOnlyWhenTheyDifferFromTheDefault) {
  ApiVersionsResponse response{.finalized_features_epoch = 7};
  EXPECT_EQ(hex_of(response, 3),
            "0000"
            "01"
            "00000000"
            "01"
            "01"
            "08"
            "0000000000000007");
  response.finalized_features_epoch = -1;
  EXPECT_EQ(hex_of(response, 3),
            "0000"
            "01"
            "00000000"
            "00");
}

TEST_F(Codec, UnknownTagsAreKeptAndWrittenBack) {
  const std::string_view hex = "0000 01 00000000 02 01080000000000000007 1903010203";
  const auto response = read<ApiVersionsResponse>(hex, 3);
  ASSERT_EQ(response.unknown_tags.size(), 1u);
  EXPECT_EQ(response.unknown_tags[0].tag, 25u);
  EXPECT_EQ(hex_of(response, 3), hex_encode(bytes(hex)));
  EXPECT_THAT(hex_of(response, 2), HasSubstr("version 2 cannot carry it"));
}

TEST_F(Codec, ATagOfAnotherVersionIsRefused) {
  // Tag 1 is the state of a replica, which version 15 brought.
  EXPECT_THAT(
      why_not<FetchRequest>("ffffffff 00000000 00000000 00000000 00 00000000 00000000 01 01 01 01 01 00", 13),
      HasSubstr("tag 1 stands for a field that version 13 has not"));
}

TEST_F(Codec, AMissingStructureIsNullAndNotEmpty) {
  const ConsumerGroupHeartbeatResponse none{.member_id = nullptr};
  const auto read_back = read<ConsumerGroupHeartbeatResponse>(hex_of(none, 0), 0);
  EXPECT_TRUE(read_back.assignment.is_null());
  const ConsumerGroupHeartbeatResponse::Assignment empty;
  const ConsumerGroupHeartbeatResponse some{.assignment = &empty};
  const auto with_assignment = read<ConsumerGroupHeartbeatResponse>(hex_of(some, 0), 0);
  ASSERT_FALSE(with_assignment.assignment.is_null());
  EXPECT_NE(none, some);
  EXPECT_EQ(with_assignment, some);
}

TEST_F(Codec, ATaggedStructureIsMissingWhenItsVarintIsZero) {
  const std::string head = "01 01 01 01 01 01 ffffffff 01 ";
  EXPECT_TRUE(
      read<ConsumerGroupMemberMetadataValue>(head + "01 00 01 00", 0).classic_member_metadata.is_null());
  const auto there = read<ConsumerGroupMemberMetadataValue>(head + "01 00 07 01 00000005 01 00", 0);
  EXPECT_EQ(there.classic_member_metadata->session_timeout_ms, 5);
  // Nothing at all stands for a structure with its defaults: the reference names no default for this one.
  EXPECT_FALSE(read<ConsumerGroupMemberMetadataValue>(head + "00", 0).classic_member_metadata.is_null());
  ConsumerGroupMemberMetadataValue value;
  EXPECT_EQ(hex_of(value, 0).substr(22), "00");
  value.classic_member_metadata = nullptr;
  EXPECT_EQ(hex_of(value, 0).substr(22), "01000100");
}

TEST_F(Codec, AValueThatTheVersionCannotCarryIsRefusedUnlessItMayBeDropped) {
  EXPECT_THAT(hex_of(FetchRequest{.replica_id = 3}, 15),
              HasSubstr("FetchRequest.replicaId: set, but version 15"));
  const FetchRequest with_rack{.rack_id = "a"};
  EXPECT_EQ(hex_of(with_rack, 4), hex_of(FetchRequest{}, 4));
}

TEST_F(Codec, AFaultNamesItsPlace) {
  const std::string topic = "02 00000000000000000000000000000001 02";
  EXPECT_THAT(
      why_not<FetchRequest>(
          "00000000 00000000 00000000 00000000 00 00000000 00000000" + topic + "00000001 00000001 0102", 13),
      HasSubstr("FetchRequest.topics[0].partitions[0].fetchOffset: 2 bytes left, 8 needed"));
}

TEST_F(Codec, CountsAreBelievedOnlyUpToTheBytesLeft) {
  EXPECT_THAT(why_not<MetadataRequest>("7fffffff 0001 61", 1),
              HasSubstr("MetadataRequest.topics: 2147483647 elements cannot lie in 3 bytes"));
  EXPECT_EQ(arena_.held(), 0u);
}

TEST_F(Codec, NullIsRefusedWhereTheVersionHasNone) {
  EXPECT_THAT(why_not<ApiVersionsRequest>("00 02 31 00", 3), HasSubstr("clientSoftwareName: null"));
  EXPECT_THAT(hex_of(MetadataRequest{.topics = Array<MetadataRequest::MetadataRequestTopic>::null()}, 0),
              HasSubstr("topics: null"));
}

TEST_F(Codec, BytesBehindTheEndAreRefusedWhereNothingMayFollow) {
  EXPECT_THAT(why_not<ApiVersionsRequest>("03 6162 02 31 00 ff", 3), HasSubstr("1 bytes behind its end"));
}

TEST_F(Codec, AVersionThatDoesNotExistIsRefused) {
  EXPECT_THAT(why_not<FetchRequest>("", 3), HasSubstr("there is no version 3"));
  EXPECT_THAT(hex_of(FetchRequest{}, 19), HasSubstr("there is no version 19"));
}

TEST_F(Codec, ASpentBudgetIsAnError) {
  Budget small("small", 100);
  Arena arena(small, {.first_chunk = 64, .kept = 0});
  const auto input = bytes("00000003 0001 61 0001 62 0001 63 00");
  MetadataRequest request;
  const auto decoded = decode({.bytes = input, .version = 4}, arena, request);
  EXPECT_EQ(decoded.error().code(), Errc::out_of_budget);
}

TEST_F(Codec, RecordsAreSharedAndNotCopied) {
  const Slice batch = Slice::copy_of(std::string_view("a record batch"));
  const Chain chain(batch);
  const FetchResponse::PartitionData partition{.high_watermark = 9, .records = Records(chain)};
  const FetchResponse::FetchableTopicResponse topic{.topic_id = kOneUuid, .partitions = Array(&partition, 1)};
  const FetchResponse response{.responses = Array(&topic, 1)};
  const auto encoded = encode(response, 13);
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->piece_count(), 3u);
  EXPECT_EQ(encoded->piece(1).slice()->data(), batch.data());

  const Slice frame = encoded->clone().flatten();
  FetchResponse again;
  ASSERT_TRUE(decode({.bytes = frame.as_span(), .version = 13}, arena_, again).ok());
  const Slice records = again.responses[0].partitions[0].records.slice_of(frame);
  EXPECT_EQ(records.as_string_view(), "a record batch");
  EXPECT_EQ(records.owner(), frame.owner());
}

TEST_F(Codec, ArraysCanBeWalkedInPlace) {
  const FetchRequest::FetchPartition partitions[] = {{.partition = 4, .fetch_offset = 40},
                                                     {.partition = 5, .high_watermark = 3}};
  const FetchRequest::FetchTopic topics[] = {{.topic = "a", .partitions = partitions}, {.topic = "b"}};
  const std::int32_t forgotten[] = {7, 8};
  const FetchRequest::ForgottenTopic forget[] = {{.topic = "c", .partitions = forgotten}};
  const FetchRequest request{.topics = topics, .forgotten_topics_data = forget, .rack_id = "r"};
  const auto encoded = bytes(hex_of(request, 12));
  FetchRequest::View view;
  ASSERT_TRUE(decode_view({.bytes = encoded, .version = 12}, view).ok());
  std::vector<std::string> seen;
  for (const auto& topic : view.topics) {
    for (const auto& partition : topic.partitions) {
      seen.push_back(std::string(topic.topic) + std::to_string(partition.partition) + ":" +
                     std::to_string(partition.fetch_offset));
    }
  }
  for (const std::int32_t each : (*view.forgotten_topics_data.begin()).partitions)
    seen.push_back(std::to_string(each));
  EXPECT_THAT(seen, ElementsAre("a4:40", "a5:0", "7", "8"));
  EXPECT_EQ(view.rack_id, "r");
}

// Each of the two ends with an unknown tag; the second stands for the first.
constexpr std::string_view kTwoReplicaStates =
    "00000000 00000000 00000000 00 00000000 00000000 01 01 01"
    "02 01 10 00000007 0000000000000001 01 0501aa 01 10 ffffffff 0000000000000002 01 0501bb";

TEST_F(Codec, ATagThatComesTwiceHasItsLastValue) {
  const auto request = read<FetchRequest>(kTwoReplicaStates, 15);
  EXPECT_EQ(request.replica_state.replica_id, -1);
  EXPECT_EQ(request.replica_state.replica_epoch, 2);
  ASSERT_EQ(request.replica_state.unknown_tags.size(), 1u);
  EXPECT_EQ(request.replica_state.unknown_tags[0].value[0], std::byte{0xbb});
}

TEST_F(Codec, AFaultBehindUnknownTagsIsExplained) {
  EXPECT_THAT(
      why_not<FetchRequest>("00000000 00000000 00000000 00 00000000 00000000 01 01 01 03 0500 0600 0705", 15),
      HasSubstr("FetchRequest: 0 bytes left, 5 needed"));
}

TEST_F(Codec, AFaultInAViewIsExplainedBehindUnknownTagsOfAnElement) {
  const auto input = bytes("00000000 02 00000001 0261 00000001 00 01 0501aa");
  MetadataResponse::View view;
  const auto seen = decode_view({.bytes = input, .version = 9}, view);
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code(), Errc::malformed);
}

}  // namespace
}  // namespace ottla::protocol
