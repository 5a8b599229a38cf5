#include "protocol/piece_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/slice.h"
#include "protocol/array.h"
#include "protocol/codec.h"
#include "protocol/fields.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/headers.h"
#include "protocol/messages/metadata.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/random_message.h"

namespace ottla::protocol {
namespace {

struct Pieces {
  std::string bytes;
  std::vector<std::size_t> sizes;
};

Pieces in_pieces(std::span<const Encodable> parts, Prefix prefix, std::size_t limit) {
  auto encoder = PieceEncoder::start(parts, prefix, limit);
  EXPECT_TRUE(encoder.ok());
  Pieces pieces;
  while (encoder.ok() && !encoder->done()) {
    const Chain piece = encoder->next();
    pieces.sizes.push_back(piece.size());
    pieces.bytes += piece.clone().flatten().as_string_view();
  }
  return pieces;
}

std::string at_once(std::span<const Encodable> parts, Prefix prefix) {
  return std::string(encode(parts, prefix)->clone().flatten().as_string_view());
}

TEST(PieceEncoders, GiveTheSameBytesForEveryMessage) {
  Budget budget("test", std::size_t{64} << 20U);
  Arena arena(budget);
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      arena.reset();
      RandomMessages random(seed, arena, {});
      std::byte* data = new_message(message, arena);
      random.fill(message, version, data);
      const Encodable part(message, data, version);
      for (const std::size_t limit : {std::size_t{1}, std::size_t{40}, std::size_t{4096}}) {
        EXPECT_EQ(in_pieces(std::span(&part, 1), Prefix::none, limit).bytes,
                  at_once(std::span(&part, 1), Prefix::none))
            << message.name << " " << version << " " << limit;
      }
    }
  });
}

TEST(PieceEncoders, KeepToTheLimit) {
  const std::vector<MetadataResponse::MetadataResponsePartition> partitions(100);
  const std::vector<MetadataResponse::MetadataResponseTopic> topics(
      100, {.name = "a-topic", .partitions = partitions});
  const MetadataResponse response = {.topics = topics};
  const ResponseHeader header = {.correlation_id = 7};
  const std::array<Encodable, 2> parts = {Encodable(header, 1), Encodable(response, 13)};
  const Pieces pieces = in_pieces(parts, Prefix::frame_size, 1000);
  EXPECT_EQ(pieces.bytes, at_once(parts, Prefix::frame_size));
  EXPECT_THAT(pieces.sizes, testing::Each(testing::Le(1004u)));
  EXPECT_LT(pieces.sizes.size(), 2 * pieces.bytes.size() / 1000);
}

TEST(PieceEncoders, ClaimRecordsAndDoNotCopyThem) {
  const Slice batch = Slice::copy_of(std::string(5000, 'r'));
  const Chain chain(batch);
  const std::vector<FetchResponse::PartitionData> partitions(10, {.records = Records(chain)});
  const FetchResponse::FetchableTopicResponse topic = {.partitions = partitions};
  const FetchResponse response = {.responses = Array(&topic, 1)};
  const Encodable part(response, 18);
  auto encoder = PieceEncoder::start(std::span(&part, 1), Prefix::none, 100);
  std::size_t claimed = 0;
  std::string bytes;
  while (!encoder->done()) {
    const Chain piece = encoder->next();
    for (std::size_t i = 0; i < piece.piece_count(); ++i)
      claimed += piece.piece(i).slice()->data() == batch.data() ? 1 : 0;
    bytes += piece.clone().flatten().as_string_view();
  }
  EXPECT_EQ(claimed, 10u);
  EXPECT_EQ(bytes, at_once(std::span(&part, 1), Prefix::none));
}

TEST(PieceEncoders, RefuseBeforeTheFirstByte) {
  const FetchRequest request = {.replica_id = 3};
  const Encodable part(request, 15);
  EXPECT_EQ(PieceEncoder::start(std::span(&part, 1), Prefix::none).error().code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace ottla::protocol
