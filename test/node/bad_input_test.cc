// What no well-meaning client sends, against a running node: it answers as it should or ends that connection alone, and
// stays as it was.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/chain.h"
#include "protocol/api_key.h"
#include "protocol/codec.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/metadata.h"
#include "protocol/request_header.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/stream.h"
#include "test/node/node_world.h"

namespace ottla::server {
namespace {

constexpr std::string_view kClosed = "<end_of_stream>";

void put(std::string& out, std::int64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// A frame: its size and what is in it.
std::string frame(std::string_view content) {
  std::string out;
  put(out, static_cast<std::int64_t>(content.size()), 4);
  return out.append(content);
}

// A header of version 1, and a body.
std::string request(std::int16_t key, std::int16_t version, std::string_view body,
                    std::string_view client = "bad") {
  std::string out;
  put(out, key, 2);
  put(out, version, 2);
  put(out, 7, 4);
  put(out, static_cast<std::int64_t>(client.size()), 2);
  out.append(client).append(body);
  return frame(out);
}

// The same with tags, as flexible versions have them.
std::string flexible(std::int16_t key, std::int16_t version, std::string_view tags, std::string_view body) {
  return request(key, version, std::string(tags) + std::string(body));
}

std::string well_formed(std::int32_t correlation) {
  const protocol::ApiVersionsRequest asked = {.client_software_name = "good", .client_software_version = "1"};
  const Chain bytes = *protocol::encode_request(protocol::Encodable(asked, 3), {.correlation = correlation});
  return std::string(bytes.flatten().as_string_view());
}

class BadInput : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(world_.start()) << world_.failure(); }
  // Nothing came of it: others are served, and the metadata are what they were.
  void TearDown() override {
    const auto reply = world_.ask(
        protocol::MetadataRequest{
            .topics = protocol::Array<protocol::MetadataRequest::MetadataRequestTopic>::null()},
        12);
    ASSERT_TRUE(reply.ok());
    EXPECT_TRUE(world_.read<protocol::MetadataResponse>(reply).topics.empty());
    EXPECT_TRUE(world_.stop());
    EXPECT_EQ(world_.world().violations(), std::vector<std::string>());
  }
  void expect_closed(std::string_view bytes, std::string_view what) {
    EXPECT_EQ(world_.send_raw(bytes), kClosed) << what;
    EXPECT_EQ(world_.send_raw(bytes, NodeWorld::kControllerPort), kClosed) << what << ", to a controller";
  }

  NodeWorld world_{11};
};

TEST_F(BadInput, SizesThatNoFrameHas) {
  expect_closed(std::string("\xff\xff\xff\xff", 4), "negative");
  expect_closed(std::string("\x80\0\0\0", 4), "the smallest number");
  expect_closed(std::string("\x7f\xff\xff\xff", 4), "the largest number");
  expect_closed(std::string("\x06\x40\0\1", 4), "one more than socket.request.max.bytes");
  expect_closed(std::string("\0\0\0\0", 4), "zero");
  expect_closed(std::string("\0\0\0\1\0", 5), "one byte");
}

TEST_F(BadInput, OtherProtocols) {
  expect_closed("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP");
  expect_closed(std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11), "TLS");
  expect_closed("SSH-2.0-OpenSSH_9.2p1\r\n", "SSH");
}

TEST_F(BadInput, HeadersThatNobodyUnderstands) {
  expect_closed(request(999, 0, ""), "unknown key");
  expect_closed(request(-1, 0, ""), "negative key");
  expect_closed(request(4, 0, ""), "an API that was removed");
  expect_closed(request(3, 99, ""), "a version too new");
  expect_closed(request(3, -1, ""), "a negative version");
  expect_closed(frame(std::string("\0\x12\0\0\0\0\0\7\x7f\xff", 10)), "a client id longer than its frame");
  expect_closed(frame(std::string("\0\x12\0\0\0\0\0\7\xff\xfe", 10)), "a client id of negative length");
  expect_closed(flexible(18, 3, std::string("\xff\xff\xff\xff\x0f", 5), ""), "more tags than bytes");
  expect_closed(flexible(18, 3, std::string("\xff\xff\xff\xff\xff\xff", 6), ""), "a varint too long");
  expect_closed(flexible(18, 3, std::string("\2\1\0\0\0", 5), ""), "tags out of order");
}

TEST_F(BadInput, VersionsOfApiVersionsThatNobodyKnowsAreAnswered) {
  std::string expected;
  put(expected, 7, 4);   // correlation
  put(expected, 35, 2);  // UNSUPPORTED_VERSION
  put(expected, 1, 4);
  put(expected, 18, 2);
  put(expected, 0, 2);
  put(expected, 5, 2);
  for (const std::int16_t version : std::initializer_list<std::int16_t>{6, 99, 32767}) {
    EXPECT_EQ(world_.send_raw(flexible(18, version, std::string("\0", 1), "anything")),
              frame(expected) + "<timed_out>")
        << version;
  }
  EXPECT_EQ(world_.send_raw(request(18, -1, "anything")), frame(expected) + "<timed_out>");
}

TEST_F(BadInput, CountsThatCannotBe) {
  expect_closed(request(3, 0, std::string("\x7f\xff\xff\xff", 4)), "more topics than bytes");
  expect_closed(request(3, 0, std::string("\xff\xff\xff\xfe", 4)), "fewer than none");
  expect_closed(request(3, 1, std::string("\0\0\0\2\0\1a", 7)), "fewer topics than it says");
  expect_closed(request(3, 1, std::string("\0\0\0\1\x7f\xff", 6)), "a name longer than its frame");
  expect_closed(flexible(3, 9, std::string("\0", 1), std::string("\xff\xff\xff\xff\x07", 5)), "compact");
}

TEST_F(BadInput, ElementsThatAreLargeInMemoryAndSmallOnTheWire) {
  // 4 million names without a letter: two bytes each on the wire, 48 in memory.
  std::string body;
  put(body, 4'000'000, 4);
  body.append(std::size_t{2} * 4'000'000, '\0');
  const std::string heard = world_.send_raw(request(3, 1, body), NodeWorld::kPort, std::chrono::seconds(60));
  EXPECT_TRUE(heard.ends_with(kClosed) || heard.ends_with("<timed_out>")) << heard.size();
}

TEST_F(BadInput, MillionsOfTags) {
  std::string tags("\xc0\x84\x3d", 3);  // a million
  for (std::uint32_t tag = 0; tag < 1'000'000; ++tag) {
    for (std::uint32_t left = tag;; left >>= 7U) {
      tags += static_cast<char>(left > 0x7f ? (left & 0x7fU) | 0x80U : left);
      if (left <= 0x7f) break;
    }
    tags += '\0';
  }
  expect_closed(flexible(18, 3, tags, std::string("\2a\2a\0", 5)), "tags of a header");
}

TEST_F(BadInput, ByteAfterByteIsARequestToo) {
  std::string heard;
  world_.run_client([&]() -> Task<void> {
    auto stream = co_await this_shard().network().connect(world_.address(), {}, {});
    if (!stream.ok()) co_return;
    for (const char byte : well_formed(1)) {
      (void)co_await (*stream)->write(Chain(Slice::copy_of(std::string_view(&byte, 1))));
      (void)co_await sleep_for(std::chrono::seconds(1));
    }
    std::array<std::byte, 4096> room;
    const auto count = co_await (*stream)->read(std::span(room));
    heard = count.ok() ? "answered" : std::string(name_of(count.error().code()));
    co_await (*stream)->close();
  });
  EXPECT_EQ(heard, "answered");
}

TEST_F(BadInput, ManyRequestsAtOnceAreAnsweredInTheirOrder) {
  std::string many;
  for (std::int32_t each = 0; each < 500; ++each) many += well_formed(each);
  const std::string heard = world_.send_raw(many);
  std::size_t at = 0;
  for (std::int32_t each = 0; each < 500; ++each) {
    ASSERT_LE(at + 8, heard.size()) << each;
    const auto number = [&heard](std::size_t from) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(heard[from + i]);
      return value;
    };
    ASSERT_EQ(number(at + 4), static_cast<std::uint32_t>(each));
    at += 4 + number(at);
  }
}

TEST_F(BadInput, RequestsOfControllersAreNotForClients) {
  const std::string vote = flexible(52, 0, std::string("\0", 1), std::string("\1\1\0", 3));
  EXPECT_EQ(world_.send_raw(vote), kClosed);
}

TEST_F(BadInput, WhoLeavesInTheMiddleLeavesNothingBehind) {
  for (std::size_t cut = 1; cut < well_formed(1).size(); cut += 5) {
    world_.run_client([&]() -> Task<void> {
      auto stream = co_await this_shard().network().connect(world_.address(), {}, {});
      if (!stream.ok()) co_return;
      (void)co_await (*stream)->write(Chain(Slice::copy_of(well_formed(1).substr(0, cut))));
      co_await (*stream)->abort();
    });
  }
}

}  // namespace
}  // namespace ottla::server
