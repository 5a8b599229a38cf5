#include "http/connection.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/testing/manual_world.h"
#include "runtime/testing/stream_pair.h"

namespace ottla::http {
namespace {

using std::chrono::seconds;

// A client in the hands of the test, and a server that echoes bodies, waits at /wait for ever and knows /empty.
class HttpConnections : public testing::Test {
 public:
  HttpConnections() {
    const Shard::Scope scope(world_.shard());
    StreamPair pair = make_stream_pair();
    client_ = std::move(pair.first);
    served_.spawn([this, stream = std::move(pair.second)](Cancel cancel) mutable -> Task<void> {
      return serve_one(std::move(stream), cancel);
    });
    served_.spawn([this](Cancel) { return listen(); });
    world_.settle();
  }
  ~HttpConnections() override {
    run([](HttpConnections& test) -> Task<void> {
      co_await test.client_->close();
      co_await test.served_.stop();
    });
    const Shard::Scope scope(world_.shard());
    client_.reset();
  }
  void run(Task<void> (*make)(HttpConnections&)) {
    {
      const Shard::Scope scope(world_.shard());
      steps_.spawn(make(*this));
    }
    world_.settle();
  }
  // What came back since the last time.
  std::string say(std::string_view bytes) {
    {
      const Shard::Scope scope(world_.shard());
      steps_.spawn([](HttpConnections& test, std::string text) -> Task<void> {
        (void)co_await test.client_->write(Chain(Slice::copy_of(text)));
      }(*this, std::string(bytes)));
    }
    return heard();
  }
  std::string heard() {
    world_.settle();
    return std::exchange(heard_, {});
  }
  std::string later(Duration duration) {
    world_.pass(duration + std::chrono::milliseconds(10));  // timers ring just after their time
    return heard();
  }

 private:
  Task<void> serve_one(std::unique_ptr<Stream> stream, Cancel cancel) {
    const Handler handler = [this](Request request, Cancel inner) {
      return handle(std::move(request), inner);
    };
    co_await serve(
        std::move(stream), handler,
        {.limits = {.body = 100}, .idle = seconds(10), .request = seconds(5), .response = seconds(20)},
        cancel);
  }
  Task<Response> handle(Request request, Cancel cancel) {
    if (request.path() == "/wait") (void)co_await never_.wait(cancel);
    if (request.path() == "/empty") co_return Response{.status = 204};
    if (request.path() == "/large") co_return Response::text(200, std::string(1'000'000, 'x'));
    co_return Response::text(200, request.body.as_string_view());
  }
  Task<void> listen() {
    std::array<std::byte, 4096> room;
    for (;;) {
      while (deaf_) (void)co_await hears_.wait();
      const Result<std::size_t> count = co_await client_->read(std::span(room));
      if (!count.ok()) {
        heard_ += "<" + std::string(name_of(count.error().code())) + ">";
        co_return;
      }
      heard_ += std::string_view(reinterpret_cast<const char*>(room.data()), *count);
    }
  }

 public:
  ManualWorld world_;
  std::unique_ptr<Stream> client_;
  std::string heard_;
  bool deaf_ = false;
  Event hears_;
  Event never_;
  TaskGroup steps_;
  TaskGroup served_;
};

std::string post(std::string_view path, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

constexpr std::string_view kHello =
    "HTTP/1.1 200 OK\r\n"
    "Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 5\r\n"
    "\r\n"
    "hello";

TEST_F(HttpConnections, AnswersOneRequestAfterTheOther) {
  EXPECT_EQ(say(post("/", "hello")), kHello);
  EXPECT_EQ(say(post("/", "hello") + post("/", "hello")), std::string(kHello) + std::string(kHello));
}

TEST_F(HttpConnections, ClosesWhenTheClientAsksForIt) {
  const std::string said = say(post("/", "hello", "Connection: close\r\n"));
  EXPECT_TRUE(said.contains("\r\nConnection: close\r\n")) << said;
  EXPECT_TRUE(said.ends_with("hello<end_of_stream>")) << said;
}

TEST_F(HttpConnections, SendsNoBodyWhereThereIsNone) {
  EXPECT_EQ(say(post("/empty", "")),
            "HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:01 GMT\r\n\r\n");
  const std::string said = say("HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(said.ends_with("\r\nContent-Length: 1000000\r\n\r\n")) << said;
}

TEST_F(HttpConnections, LetsAClientGoOnThatAsks) {
  EXPECT_EQ(say("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(say("hello"), kHello);
}

TEST_F(HttpConnections, TellsWhoBreaksTheProtocolAndReadsOnForAMoment) {
  const std::string said = say("nonsense\r\n");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 400 Bad Request\r\n")) << said;
  EXPECT_TRUE(said.ends_with("<end_of_stream>")) << said;
  EXPECT_EQ(say("and more"), "");
  later(seconds(3));
  EXPECT_EQ(served_.count(), 0u);
}

TEST_F(HttpConnections, ForgetsAClientThatSaysNothing) {
  EXPECT_EQ(later(seconds(9)), "");
  EXPECT_EQ(later(seconds(1)), "<end_of_stream>");
}

TEST_F(HttpConnections, TellsAClientThatIsTooSlow) {
  EXPECT_EQ(say("POST / HT"), "");
  EXPECT_EQ(later(seconds(4)), "");
  say("TP/1.1\r\n");  // a byte now and then does not help
  EXPECT_TRUE(later(seconds(1)).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpConnections, TellsAClientThatSendsTooMuch) {
  EXPECT_TRUE(say(post("/", std::string(101, 'x'))).starts_with("HTTP/1.1 413 Content Too Large\r\n"));
}

TEST_F(HttpConnections, LeavesAClientThatDoesNotRead) {
  deaf_ = true;
  say(post("/", "hello"));  // is heard, since the reader waited for bytes already
  say(post("/large", ""));
  EXPECT_EQ(served_.count(), 2u);
  later(seconds(20));
  EXPECT_EQ(served_.count(), 1u);
  deaf_ = false;
  const Shard::Scope scope(world_.shard());
  hears_.set();
}

TEST_F(HttpConnections, StopsWhileARequestIsInWork) {
  EXPECT_EQ(say(post("/wait", "")), "");
  {
    const Shard::Scope scope(world_.shard());
    served_.request_cancel();
  }
  EXPECT_EQ(heard(), "<end_of_stream>");
}

}  // namespace
}  // namespace ottla::http
