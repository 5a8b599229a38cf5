#include "protocol/request_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/api_key.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"

namespace ottla::protocol {
namespace {

constexpr Served kBroker = {.listener = Listener::kBroker};
constexpr Served kController = {.listener = Listener::kController};

class RequestHeaders : public testing::Test {
 protected:
  // Key, version, correlation 7, and whatever else.
  static std::vector<std::byte> header(std::int16_t key, std::int16_t version,
                                       std::span<const std::byte> rest) {
    std::vector<std::byte> bytes(8);
    store_big_endian(bytes.data(), key);
    store_big_endian(bytes.data() + 2, version);
    store_big_endian(bytes.data() + 4, std::int32_t{7});
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
  }
  Result<RequestHead> read(std::int16_t key, std::int16_t version, std::span<const std::byte> rest) {
    kept_ = header(key, version, rest);
    return read_request_head(kept_, arena_);
  }
  static Admission ask(ApiKey key, std::int16_t version, const Served& served) {
    return admit({.api = find_api(static_cast<std::int16_t>(key)), .version = version}, served);
  }

  static constexpr std::array kNoName = {std::byte{0xff}, std::byte{0xff}};
  static constexpr std::array kNameAndNoTags = {std::byte{0}, std::byte{1}, std::byte{'x'}, std::byte{0}};

  std::vector<std::byte> kept_;
  Budget budget_{"test", 1 << 16};
  Arena arena_{budget_};
};

TEST_F(RequestHeaders, OldOnesEndBehindTheClientId) {
  const auto head = read(1, 11, kNameAndNoTags);
  EXPECT_EQ(head->size, 11u);
  EXPECT_EQ(head->client_id, "x");
  EXPECT_EQ(head->correlation, 7);
}

TEST_F(RequestHeaders, FlexibleOnesHaveTags) {
  EXPECT_EQ(read(1, 12, kNameAndNoTags)->size, 12u);
}

TEST_F(RequestHeaders, NoNameIsAnEmptyName) {
  EXPECT_EQ(read(1, 11, kNoName)->client_id, "");
}

TEST_F(RequestHeaders, UnknownAndRemovedApisAreRefused) {
  EXPECT_EQ(read(95, 0, kNoName).error().code(), Errc::malformed);
  EXPECT_EQ(read(-1, 0, kNoName).error().code(), Errc::malformed);
  EXPECT_EQ(read(4, 0, kNoName).error().code(), Errc::malformed);
}

TEST_F(RequestHeaders, AVersionFromTheFutureStillHasAHeader) {
  const auto head = read(18, 99, kNameAndNoTags);
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(admit(*head, kBroker), Admission::answer_unsupported);
  EXPECT_EQ(ask(ApiKey::api_versions, -1, kBroker), Admission::answer_unsupported);
}

TEST_F(RequestHeaders, ACutHeaderIsTruncated) {
  kept_ = header(1, 12, kNameAndNoTags);
  for (std::size_t size = 0; size < kept_.size(); ++size) {
    const auto head = read_request_head(std::span(kept_).first(size), arena_);
    EXPECT_FALSE(head.ok()) << size;
  }
}

TEST_F(RequestHeaders, EachListenerHasItsApis) {
  EXPECT_EQ(ask(ApiKey::metadata, 12, kBroker), Admission::admitted);
  EXPECT_EQ(ask(ApiKey::metadata, 12, kController), Admission::close);
  EXPECT_EQ(ask(ApiKey::vote, 0, kBroker), Admission::close);
  EXPECT_EQ(ask(ApiKey::vote, 0, kController), Admission::admitted);
}

TEST_F(RequestHeaders, VersionsThatWereRemovedCloseTheConnection) {
  EXPECT_EQ(ask(ApiKey::fetch, 3, kBroker), Admission::close);
  EXPECT_EQ(ask(ApiKey::fetch, 19, kBroker), Admission::close);
}

TEST_F(RequestHeaders, AnUnstableVersionIsServedOnDemand) {
  EXPECT_EQ(ask(ApiKey::init_producer_id, 6, kBroker), Admission::close);
  EXPECT_EQ(ask(ApiKey::init_producer_id, 6, {.unstable = true}), Admission::admitted);
}

TEST_F(RequestHeaders, TelemetryNeedsAReceiver) {
  EXPECT_EQ(ask(ApiKey::push_telemetry, 0, kBroker), Admission::close);
  EXPECT_EQ(ask(ApiKey::push_telemetry, 0, {.telemetry = true}), Admission::admitted);
}

TEST_F(RequestHeaders, ProduceIsAdvertisedFromZeroAndServedFromThree) {
  const ApiInfo& produce = *find_api(0);
  EXPECT_EQ(advertised_versions(produce, kBroker), (Versions{0, 13}));
  EXPECT_EQ(served_versions(produce, kBroker), (Versions{3, 13}));
  EXPECT_TRUE(advertised_versions(produce, kController).empty());
  EXPECT_EQ(ask(ApiKey::produce, 2, kBroker), Admission::close);
}

TEST_F(RequestHeaders, FortyTwoApisLiveOnTheController) {
  std::size_t served = 0;
  for (const ApiInfo& api : all_apis()) {
    if (api.request != nullptr && !served_versions(api, kController).empty()) ++served;
  }
  EXPECT_EQ(served, 42u);
}

TEST_F(RequestHeaders, AResponseToApiVersionsHasTheOldHeader) {
  EXPECT_EQ(response_header_version(*find_api(18), 4), 0);
  EXPECT_EQ(response_header_version(*find_api(1), 12), 1);
  EXPECT_EQ(response_header_version(*find_api(1), 11), 0);
}

TEST_F(RequestHeaders, ARequestIsOneFrameWithItsSizeFirst) {
  const auto frame = encode_request(Encodable(MetadataRequest{}, 0), {.correlation = 9, .client_id = "me"});
  EXPECT_EQ(hex_encode(frame->clone().flatten().as_span()),
            "00000010"
            "0003"
            "0000"
            "00000009"
            "00026d65"
            "00000000");
}

TEST_F(RequestHeaders, AResponseIsOneFrameWithItsSizeFirst) {
  const auto frame = encode_response(Encodable(FetchResponse{}, 12), 9);
  EXPECT_EQ(hex_encode(frame->clone().flatten().as_span()),
            "00000011"
            "00000009"
            "00"
            "00000000"
            "0000"
            "00000000"
            "01"
            "00");
  const Slice bytes = frame->clone().flatten();
  std::int32_t correlation = 0;
  const auto size = read_response_head(bytes.as_span().subspan(4), *find_api(1), 12, arena_, correlation);
  EXPECT_EQ(*size, 5u);
  EXPECT_EQ(correlation, 9);
}

}  // namespace
}  // namespace ottla::protocol
