// Every frame comes back as it went; none that is cut, too long or strange is taken.
#include "test/kv/message.h"

#include <gtest/gtest.h>

#include <vector>

namespace ottla::kv {
namespace {

const Command kCommand{Operation::compare_and_set, ClientId(3), 17, 5, 8, 0x0102030405060708ULL};

std::vector<std::byte> body_of(const Chain& chain) {
  const Slice slice = chain.flatten();
  const auto bytes = slice.as_span().subspan(kFrameHeader);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::vector<std::byte>> all_frames() {
  const auto message = [](MessageBody body) {
    return body_of(encode(Message{NodeId(2), Term(9), std::move(body)}));
  };
  const std::vector<Answered> answers = {{17, {true, 4, 5}}, {18, {false, 6, 7}}};
  return {message(VoteRequest{7, Term(3)}),
          message(VoteReply{true}),
          message(Append{7, Term(3), 6, {{Term(3), kCommand}, {Term(4), Command{}}}}),
          message(AppendReply{true, false, 11}),
          message(Rejoin{99, Term(4)}),
          message(RejoinReply{99}),
          body_of(encode(Request{{kCommand, kCommand}})),
          body_of(encode(answers)),
          body_of(encode(Redirect{NodeId(1)}))};
}

TEST(Message, EntriesTravelWhole) {
  const auto frame = decode(all_frames()[2]);
  const auto& message = std::get<Message>(*frame);
  const auto& append = std::get<Append>(message.body);
  EXPECT_EQ(message.from, NodeId(2));
  EXPECT_EQ(message.term, Term(9));
  EXPECT_EQ(append.previous_index, 7U);
  EXPECT_EQ(append.entries, (std::vector<Entry>{{Term(3), kCommand}, {Term(4), Command{}}}));
}

TEST(Message, CommandsAndAnswersTravelWhole) {
  const auto request = decode(all_frames()[6]);
  EXPECT_EQ(std::get<Request>(*request).commands, (std::vector<Command>{kCommand, kCommand}));
  const auto reply = decode(all_frames()[7]);
  EXPECT_EQ(std::get<Reply>(*reply).answers[1].answer, (Answer{false, 6, 7}));
}

TEST(Message, AFloorMayBeMissing) {
  const auto frame = decode(body_of(encode(Message{NodeId(0), Term(1), Rejoin{5, {}}})));
  EXPECT_FALSE(std::get<Rejoin>(std::get<Message>(*frame).body).floor.has_value());
}

TEST(Message, EveryFrameIsRefusedWhenItIsCutOrTooLong) {
  for (std::vector<std::byte> frame : all_frames()) {
    EXPECT_TRUE(decode(frame).ok());
    for (std::size_t size = 0; size < frame.size(); ++size) {
      EXPECT_FALSE(decode(std::span(frame).first(size)).ok()) << size;
    }
    frame.push_back(std::byte{0});
    EXPECT_FALSE(decode(frame).ok());
  }
}

TEST(Message, ACountBeyondTheBytesAllocatesNothing) {
  std::vector<std::byte> frame = all_frames()[6];
  frame[1] = std::byte{0xFF};
  EXPECT_EQ(decode(frame).error(), Errc::truncated);
}

TEST(Message, UnknownKindsAndOperationsAreMalformed) {
  std::vector<std::byte> frame = all_frames()[6];
  frame[0] = std::byte{200};
  EXPECT_FALSE(decode(frame).ok());
  frame = all_frames()[6];
  frame[5] = std::byte{77};
  EXPECT_EQ(decode(frame).error(), Errc::malformed);
}

}  // namespace
}  // namespace ottla::kv
