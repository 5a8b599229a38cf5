#include "rpc/server_connection.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/metric.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/vote.h"
#include "protocol/request_header.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/testing/manual_world.h"
#include "runtime/testing/stream_pair.h"

namespace ottla::rpc {
namespace {

using protocol::Encodable;
using std::chrono::minutes;
using std::chrono::seconds;

// Begins what comes and answers when the test says so.
class Slow final : public Service {
 public:
  bool may_overlap(const protocol::RequestHead& head) const override {
    return head.api->key == protocol::ApiKey::produce;
  }
  Task<Answer> serve(Incoming request, Cancel cancel) override {
    const std::string name = std::to_string(request.head.correlation) + (request.unknown_version ? "?" : "");
    began_ += name + ' ';
    sizes_[request.head.correlation] = request.body().size();
    Event& let = let_[request.head.correlation];
    (void)co_await let.wait(cancel);
    Answer answer = std::exchange(answers_[request.head.correlation], {});
    if (answer.bytes.empty()) answer.bytes = Chain(Slice::copy_of(name + ' '));
    answer.passed.made = this_shard().exact_now();
    co_return answer;
  }
  void sent(const Passed& request, Instant turn, Instant end) override {
    const auto in_seconds = [](Duration time) {
      return std::to_string(std::chrono::duration_cast<seconds>(time).count());
    };
    sent_ += std::to_string(request.bytes) + " waited " + in_seconds(turn - request.made) + " sent " +
             in_seconds(end - turn) + '\n';
  }

  bool wants_away() const override { return wants_away_; }
  void must_stay() override {
    must_stay_ = true;
    wants_away_ = false;
  }

  bool wants_away_ = false;
  bool must_stay_ = false;
  std::string began_;
  std::map<std::int32_t, std::size_t> sizes_;
  std::map<std::int32_t, Event> let_;
  std::map<std::int32_t, Answer> answers_;
  std::string sent_;
};

// A client in the hands of the test.
class ServerConnections : public testing::Test {
 public:
  ServerConnections() { connect({}); }
  ~ServerConnections() override {
    in_world([&] {
      steps_.spawn(leave());
      connections_.request_cancel();
    });
    const Shard::Scope scope(world_.shard());
    connection_.reset();
    client_.reset();
  }
  void connect(ServerConnectionOptions options) {
    in_world([&] {
      if (client_) steps_.spawn(leave());
    });
    options_ = options;
    in_world([&] {
      StreamPair pair = make_stream_pair();
      client_ = std::move(pair.first);
      connection_ = std::make_unique<ServerConnection>(std::move(pair.second), service_, options_,
                                                       ByteMeters{.in = &bytes_in_, .out = &bytes_out_});
      connections_.spawn([this](Cancel cancel) { return connection_->run(cancel); });
      steps_.spawn(listen());
    });
  }
  template <typename F>
  void in_world(F work) {
    {
      const Shard::Scope scope(world_.shard());
      work();
    }
    world_.settle();
  }
  void send(std::string_view bytes) {
    in_world([&] {
      steps_.spawn([](Stream& stream, std::string text) -> Task<void> {
        (void)co_await stream.write(Chain(Slice::copy_of(text)));
      }(*client_, std::string(bytes)));
    });
  }
  // The answer to that request leaves the service.
  void answer(std::int32_t correlation) {
    in_world([&] { service_.let_[correlation].set(); });
  }
  void answer(std::int32_t correlation, Answer answer) {
    service_.answers_[correlation] = std::move(answer);
    this->answer(correlation);
  }
  std::string heard() { return std::exchange(heard_, {}); }
  std::string began() { return std::exchange(service_.began_, {}); }
  std::string_view ended() { return name_of(connection_->ended().code()); }

  static std::string bytes(const Encodable& request, std::int32_t correlation) {
    const Chain frame = *protocol::encode_request(request, {.correlation = correlation, .client_id = "me"});
    return std::string(frame.flatten().as_string_view());
  }
  static std::string heartbeat(std::int32_t correlation) {
    return bytes(Encodable(protocol::HeartbeatRequest{}, 4), correlation);
  }
  static std::string produce(std::int32_t correlation) {
    return bytes(Encodable(protocol::ProduceRequest{}, 9), correlation);
  }

 private:
  Task<void> leave() { co_await client_->close(); }
  Task<void> listen() {
    std::array<std::byte, 1024> room;
    for (;;) {
      const Result<std::size_t> count = co_await client_->read(std::span(room));
      if (!count.ok()) {
        heard_ += '<' + std::string(name_of(count.error().code())) + '>';
        co_return;
      }
      heard_ += std::string_view(reinterpret_cast<const char*>(room.data()), *count);
    }
  }

 public:
  ManualWorld world_;
  Slow service_;
  ServerConnectionOptions options_;
  Counter bytes_in_;
  Counter bytes_out_;
  std::unique_ptr<Stream> client_;
  std::unique_ptr<ServerConnection> connection_;
  std::string heard_;
  TaskGroup steps_;
  TaskGroup connections_;
};

TEST_F(ServerConnections, OneRequestIsInWorkAtATime) {
  send(heartbeat(1) + heartbeat(2));
  EXPECT_EQ(began(), "1 ");
  answer(1);
  EXPECT_EQ(heard(), "1 ");
  EXPECT_EQ(began(), "2 ");
  answer(2);
  EXPECT_EQ(heard(), "2 ");
}

TEST_F(ServerConnections, SomeOverlapAndAreAnsweredInOrder) {
  send(produce(1) + produce(2) + produce(3));
  EXPECT_EQ(began(), "1 2 3 ");
  answer(2);
  answer(3);
  EXPECT_EQ(heard(), "");
  answer(1);
  EXPECT_EQ(heard(), "1 2 3 ");
}

TEST_F(ServerConnections, WhatMayNotOverlapWaitsAndHoldsBack) {
  send(produce(1) + heartbeat(2) + produce(3));
  EXPECT_EQ(began(), "1 ");
  answer(1);
  EXPECT_EQ(began(), "2 ");
  answer(2);
  EXPECT_EQ(began(), "3 ");
  EXPECT_EQ(heard(), "1 2 ");
}

TEST_F(ServerConnections, FewAreReadAhead) {
  connect({.most_overlapping = 2});
  send(produce(1) + produce(2) + produce(3));
  EXPECT_EQ(began(), "1 2 ");
  answer(1);
  EXPECT_EQ(began(), "3 ");
}

TEST_F(ServerConnections, SomeRequestsHaveNoReply) {
  send(produce(1) + produce(2));
  answer(1, {.kind = Answer::Kind::silence});
  answer(2);
  EXPECT_EQ(heard(), "2 ");
}

// Of a request that is counted; its bytes tell it from others.
Answer counted(std::size_t bytes, Answer::Kind kind = Answer::Kind::reply) {
  return {.kind = kind, .passed = {.api = protocol::find_api(0), .bytes = bytes}};
}

TEST_F(ServerConnections, AnAnswerWaitsForThoseInFrontOfIt) {
  send(produce(1) + produce(2) + produce(3));
  answer(2, counted(22));
  world_.pass(seconds(3));
  answer(1, counted(11));
  world_.pass(seconds(4));
  answer(3, counted(33));
  EXPECT_EQ(service_.sent_, "11 waited 0 sent 0\n22 waited 3 sent 0\n33 waited 0 sent 0\n");
}

TEST_F(ServerConnections, WhatIsNotCountedIsNotTold) {
  send(heartbeat(1) + heartbeat(2));
  answer(1);
  answer(2, counted(22));
  EXPECT_EQ(service_.sent_, "22 waited 0 sent 0\n");
}

TEST_F(ServerConnections, RequestsWithoutAReplyAreCountedToo) {
  send(produce(1) + produce(2));
  answer(1, counted(11, Answer::Kind::silence));
  answer(2, counted(22, Answer::Kind::hang_up));
  EXPECT_EQ(service_.sent_, "11 waited 0 sent 0\n22 waited 0 sent 0\n");
}

TEST_F(ServerConnections, BytesOfBothDirectionsAreCounted) {
  const std::string request = heartbeat(1);
  send(request);
  EXPECT_EQ(bytes_in_.value(), request.size());
  EXPECT_EQ(bytes_out_.value(), 0U);
  answer(1, {.bytes = Chain(Slice::from_static("so many"))});
  EXPECT_EQ(bytes_out_.value(), 7U);
}

TEST_F(ServerConnections, AMutedClientIsReadLater) {
  send(heartbeat(1) + heartbeat(2));
  answer(1, {.mute = seconds(2)});
  EXPECT_EQ(heard(), "1 ");
  world_.pass(seconds(1));
  EXPECT_EQ(began(), "1 ");
  world_.pass(seconds(2));
  EXPECT_EQ(began(), "2 ");
}

TEST_F(ServerConnections, WhatAMutedClientAskedAheadBeginsLater) {
  send(produce(1) + heartbeat(2));
  answer(1, {.mute = seconds(2)});
  EXPECT_EQ(heard(), "1 ");
  EXPECT_EQ(began(), "1 ");
  world_.pass(seconds(1));
  EXPECT_EQ(began(), "");
  world_.pass(seconds(2));
  EXPECT_EQ(began(), "2 ");
}

TEST_F(ServerConnections, WhatAMutedClientAsksNextBeginsLater) {
  send(produce(1));
  answer(1, {.mute = seconds(2)});  // it is being waited for bytes already
  send(produce(2));
  world_.pass(seconds(1));
  EXPECT_EQ(began(), "1 ");
  world_.pass(seconds(2));
  EXPECT_EQ(began(), "2 ");
}

class Countdown final : public ReplyRest {
 public:
  bool done() const override { return left_ == 0; }
  Chain next() override { return Chain(Slice::copy_of(std::to_string(left_--))); }

 private:
  int left_ = 3;
};

TEST_F(ServerConnections, ALargeReplyIsMadeInPieces) {
  send(heartbeat(1));
  Answer large{.bytes = Chain(Slice::from_static("go "))};
  large.rest = std::make_unique<Countdown>();
  answer(1, std::move(large));
  EXPECT_EQ(heard(), "go 321");
}

TEST_F(ServerConnections, TheServiceMayHangUp) {
  send(produce(1) + produce(2));
  answer(2, {.kind = Answer::Kind::hang_up});
  EXPECT_EQ(heard(), "");
  answer(1);
  EXPECT_EQ(heard(), "1 <end_of_stream>");
  EXPECT_EQ(ended(), "closed");
}

TEST_F(ServerConnections, WhatIsNoFrameEndsItAfterTheAnswersThatAreDue) {
  send(produce(1) + std::string("\xff\xff\xff\xff", 4));
  EXPECT_EQ(heard(), "");
  answer(1);
  EXPECT_EQ(heard(), "1 <end_of_stream>");
  EXPECT_EQ(ended(), "malformed");
}

TEST_F(ServerConnections, FramesBeyondTheLimitAreRefused) {
  connect({.largest_request = 10});
  heard();
  send(heartbeat(1));
  EXPECT_EQ(heard(), "<end_of_stream>");
  EXPECT_EQ(ended(), "too_large");
}

TEST_F(ServerConnections, ApisOfOtherListenersAreRefused) {
  send(bytes(Encodable(protocol::VoteRequest{}, 0), 1));
  EXPECT_EQ(heard(), "<end_of_stream>");
  EXPECT_EQ(ended(), "unsupported");
}

TEST_F(ServerConnections, HeadersThatEndTooEarlyAreRefused) {
  send(std::string("\0\0\0\5\0\x12\0\0\0", 9));
  EXPECT_EQ(heard(), "<end_of_stream>");
  EXPECT_EQ(ended(), "truncated");
}

TEST_F(ServerConnections, AskingForVersionsInAnUnknownVersionIsAnswered) {
  std::string request = bytes(Encodable(protocol::ApiVersionsRequest{}, 3), 1);
  request[7] = 99;  // the version, behind the frame's size and the key
  send(request);
  answer(1);
  EXPECT_EQ(heard(), "1? ");
}

TEST_F(ServerConnections, IdleClientsAreLeft) {
  send(heartbeat(1));
  answer(1);
  heard();
  world_.pass(minutes(9));
  EXPECT_EQ(heard(), "");
  world_.pass(minutes(2));
  EXPECT_EQ(heard(), "<end_of_stream>");
  EXPECT_EQ(ended(), "timed_out");
}

TEST_F(ServerConnections, AClientMayWaitLongerForItsAnswerThanItMayBeIdle) {
  send(heartbeat(1));
  world_.pass(minutes(20));
  answer(1);
  EXPECT_EQ(heard(), "1 ");
}

TEST_F(ServerConnections, LargeFramesWaitForMemory) {
  Semaphore memory(20'000);
  connect({.memory = &memory, .memory_size = 20'000});
  const std::string text(30'000, 'x');  // more than there is: such a one takes all of it
  const protocol::InitProducerIdRequest large = {.transactional_id = std::string_view(text)};
  Semaphore::Permit taken;
  in_world([&] {
    steps_.spawn([](Semaphore& from, Semaphore::Permit& into) -> Task<void> {
      into = (co_await from.acquire(1)).value();
    }(memory, taken));
  });
  send(bytes(Encodable(large, 4), 1));
  EXPECT_EQ(began(), "");
  in_world([&] { taken.give_back(); });
  EXPECT_EQ(began(), "1 ");
  EXPECT_EQ(memory.available(), 0);
  answer(1);
  EXPECT_EQ(memory.available(), 20'000);
}

TEST_F(ServerConnections, AFrameThatHasOnlyBeenAnnouncedTakesNoMemory) {
  Semaphore memory(20'000);
  connect({.memory = &memory, .memory_size = 20'000});
  const std::string text(30'000, 'x');
  const std::string frame =
      bytes(Encodable(protocol::InitProducerIdRequest{.transactional_id = std::string_view(text)}, 4), 1);
  send(frame.substr(0, 10'000));
  EXPECT_EQ(memory.available(), 20'000);
  send(frame.substr(10'000, 10'000));
  EXPECT_EQ(memory.available(), 0);
  send(frame.substr(20'000));
  EXPECT_EQ(began(), "1 ");
  answer(1);
  EXPECT_EQ(memory.available(), 20'000);
}

TEST_F(ServerConnections, WhoStandsStillGivesItsMemoryToOthers) {
  Semaphore memory(20'000);
  connect({.memory = &memory, .memory_size = 20'000});
  const std::string text(30'000, 'x');
  const std::string frame =
      bytes(Encodable(protocol::InitProducerIdRequest{.transactional_id = std::string_view(text)}, 4), 1);
  send(frame.substr(0, 20'000));
  (void)heard();
  for (int each = 0; each < 10; ++each) world_.pass(seconds(10));
  EXPECT_EQ(heard(), "");  // nobody needs it
  bool given = false;
  in_world([&] {
    steps_.spawn(
        [](Semaphore& from, bool& to) -> Task<void> { to = (co_await from.acquire(1)).ok(); }(memory, given));
  });
  EXPECT_FALSE(given);
  for (int each = 0; each < 2; ++each) world_.pass(seconds(10));
  EXPECT_TRUE(given);
  EXPECT_EQ(heard(), "<end_of_stream>");
  EXPECT_EQ(ended(), "timed_out");
}

TEST_F(ServerConnections, WhoseBytesComeMayTakeItsTime) {
  Semaphore memory(20'000);
  connect({.memory = &memory,
           .memory_size = 20'000,
           .memory_patience = seconds(2),
           .least_bytes_per_second = 1000});
  const std::string text(30'000, 'x');
  const std::string frame =
      bytes(Encodable(protocol::InitProducerIdRequest{.transactional_id = std::string_view(text)}, 4), 1);
  send(frame.substr(0, 20'000));
  bool given = false;
  in_world([&] {
    steps_.spawn(
        [](Semaphore& from, bool& to) -> Task<void> { to = (co_await from.acquire(1)).ok(); }(memory, given));
  });
  // Fast enough, for longer than one may stand still.
  for (std::size_t at = 20'000; at < frame.size(); at += 2'000) {
    world_.pass(seconds(1));
    send(frame.substr(at, 2'000));
  }
  EXPECT_EQ(began(), "1 ");
  answer(1);
  EXPECT_TRUE(given);
}

TEST_F(ServerConnections, StopsWithRequestsInWork) {
  send(produce(1) + produce(2));
  in_world([&] { connections_.request_cancel(); });
  EXPECT_EQ(connections_.count(), 0u);
}

TEST_F(ServerConnections, AClientThatIsGoneEndsWhatWaitsForIt) {
  send(produce(1) + produce(2));
  in_world([&] { steps_.spawn([](Stream& stream) -> Task<void> { co_await stream.abort(); }(*client_)); });
  answer(1);
  answer(2);
  EXPECT_EQ(connections_.count(), 0u);
}

// --- To another shard ----------------------------------------------------------------------------------------

class DepartingConnections : public ServerConnections {
 public:
  void want_away() { service_.wants_away_ = true; }
  bool has_departed() {
    if (auto left = connection_->take_departed()) departed_ = std::move(left);
    return departed_.has_value();
  }
  // It goes on with a new one.
  void arrive() {
    service_.wants_away_ = false;
    in_world([&] {
      connection_ = std::make_unique<ServerConnection>(departed_->stream->adopt().value(), service_, options_,
                                                       ByteMeters{}, departed_->unread);
      departed_.reset();
      connections_.spawn([this](Cancel cancel) { return connection_->run(cancel); });
    });
  }

  std::optional<ServerConnection::Departed> departed_;
};

TEST_F(DepartingConnections, LeaveWhenTheirRequestIsAnswered) {
  send(heartbeat(1));
  want_away();
  EXPECT_FALSE(has_departed());
  answer(1);
  EXPECT_EQ(heard(), "1 ");
  ASSERT_TRUE(has_departed());
  send(heartbeat(2));
  EXPECT_EQ(began(), "1 ");
  arrive();
  EXPECT_EQ(began(), "2 ");
  answer(2);
  EXPECT_EQ(heard(), "2 ");
}

TEST_F(DepartingConnections, LeaveWhenAllThatOverlapIsAnswered) {
  send(produce(1) + produce(2) + produce(3));
  want_away();
  send(produce(4));
  answer(3);
  answer(1);
  EXPECT_FALSE(has_departed());
  EXPECT_EQ(heard(), "1 ");
  answer(2);
  EXPECT_EQ(heard(), "2 3 ");
  // The fourth one was being waited for when the wish came up.
  EXPECT_EQ(began(), "1 2 3 4 ");
  answer(4);
  ASSERT_TRUE(has_departed());
  EXPECT_EQ(heard(), "4 ");
  arrive();
  send(produce(5));
  answer(5);
  EXPECT_EQ(heard(), "5 ");
}

TEST_F(DepartingConnections, TakeAlongWhatWasReadAlready) {
  const std::string third = heartbeat(3);
  want_away();
  send(heartbeat(1) + heartbeat(2) + third.substr(0, 7));
  answer(1);
  ASSERT_TRUE(has_departed());
  EXPECT_EQ(departed_->unread.size(), heartbeat(2).size() + 7);
  arrive();
  EXPECT_EQ(began(), "1 2 ");
  answer(2);
  send(third.substr(7));
  answer(3);
  EXPECT_EQ(heard(), "1 2 3 ");
}

TEST_F(DepartingConnections, DoNotLeaveWhileTheyAreMuted) {
  want_away();
  send(heartbeat(1));
  answer(1, {.mute = seconds(2)});
  EXPECT_FALSE(has_departed());
  world_.pass(seconds(1));
  EXPECT_FALSE(has_departed());
  world_.pass(seconds(2));
  ASSERT_TRUE(has_departed());
  arrive();
}

TEST_F(DepartingConnections, StayWhenTheyCannotLeave) {
  send(heartbeat(1));
  in_world([&] { steps_.spawn([](Stream& stream) -> Task<void> { co_await stream.close(); }(*client_)); });
  want_away();
  answer(1, {.kind = Answer::Kind::silence});
  EXPECT_FALSE(has_departed());
  EXPECT_TRUE(service_.must_stay_);
  EXPECT_EQ(ended(), "end_of_stream");
}

TEST_F(DepartingConnections, EndRatherThanLeaveWhenTheyAreStopped) {
  send(produce(1));
  want_away();
  in_world([&] { connections_.request_cancel(); });
  EXPECT_FALSE(has_departed());
  EXPECT_EQ(heard(), "<end_of_stream>");
}

}  // namespace
}  // namespace ottla::rpc
