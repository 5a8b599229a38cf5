#include "http/server.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/chain.h"
#include "base/slice.h"
#include "runtime/linux/linux_process.h"
#include "runtime/process.h"
#include "runtime/shard.h"

namespace ottla::http {
namespace {

constexpr const char* kAsk = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

// All that the server sends until it closes, or why nothing came.
Task<std::string> ask(Address address) {
  auto connected = co_await this_shard().network().connect(std::move(address), {}, {});
  if (!connected.ok()) co_return std::string(name_of(connected.error().code()));
  const std::unique_ptr<Stream> stream = std::move(*connected);
  (void)co_await stream->write(Chain(Slice::from_static(kAsk)));
  std::string heard;
  std::array<std::byte, 1024> room;
  for (;;) {
    const Result<std::size_t> count = co_await stream->read(std::span(room));
    if (!count.ok()) {
      if (heard.empty()) heard = name_of(count.error().code());
      break;
    }
    heard += std::string_view(reinterpret_cast<const char*>(room.data()), *count);
  }
  co_await stream->close();
  co_return heard;
}

Task<void> serve_and_ask(std::size_t connections, std::string& heard) {
  const Handler handler = [](Request request, Cancel) -> Task<Response> {
    co_return Response::text(200, request.target);
  };
  auto server = (co_await Server::listen(this_shard().network(), Address::loopback(0), handler,
                                         {.connections = connections}))
                    .value();
  heard = co_await ask(server->address());
  co_await server->stop();
}

std::string heard_from(std::size_t connections) {
  std::string heard;
  run_linux_process({.shards = 1, .catch_signals = false}, [&](Process&, Cancel) -> Task<int> {
    co_await serve_and_ask(connections, heard);
    co_return 0;
  });
  return heard;
}

TEST(HttpServer, ServesOverASocket) {
  EXPECT_TRUE(heard_from(1).ends_with("\r\n\r\n/x"));
}

TEST(HttpServer, RefusesConnectionsBeyondItsLimit) {
  EXPECT_EQ(heard_from(0), "connection_reset");
}

}  // namespace
}  // namespace ottla::http
