// Two who meet at a table: a TLS server and a client over a line in memory, and what tests ask of them.
//
// Use:         TlsTable table; auto ends = table.meet(); table.say(ends.client, "hello");
// Concurrency: one shard of a manual world; every call runs until nothing is ready any more.
// Invariants:  1. at its end the shard has nothing left: no task, timer or stream; unless it was killed
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/testing/manual_world.h"
#include "runtime/testing/stream_pair.h"
#include "runtime/tls/testing/certificate_maker.h"
#include "runtime/tls/tls_client.h"
#include "runtime/tls/tls_server.h"
#include "runtime/when.h"

namespace ottla {

using TlsEnd = Result<std::unique_ptr<TlsStream>>;

struct TlsEnds {
  TlsEnd server = Errc::busy;
  TlsEnd client = Errc::busy;
};

class TlsTable {
 public:
  TlsTable() : TlsTable(TlsProtocol()) {}
  explicit TlsTable(const TlsProtocol& protocol) {
    server_options.identities = {authority.issue()};
    client_options.trust = authority.trust();
    server_options.protocol = client_options.protocol = protocol;
  }
  ~TlsTable() {
    if (!world.shard().killed()) EXPECT_EQ(world.shard().leaks(), "");
  }

  static constexpr Duration kDeadline = std::chrono::seconds(1);

  // Both handshakes, to their ends. Makes server and client from the options if there are none yet.
  TlsEnds meet(StreamPairOptions line = {}, std::string name = TestAuthority::kServerName) {
    if (!server) server.emplace(TlsServer::make(server_options).value());
    if (!client) client.emplace(TlsClient::make(client_options).value());
    TlsEnds ends;
    world.run([&, line]() -> Task<void> {
      StreamPair pair = make_stream_pair(line);
      auto accept = [&](Cancel cancel) { return server->accept(std::move(pair.second), cancel); };
      auto connect = [&](Cancel cancel) { return client->connect(std::move(pair.first), name, cancel); };
      auto [served, connected] =
          co_await when_all(with_timeout(kDeadline, {}, accept), with_timeout(kDeadline, {}, connect));
      ends.server = std::move(served);
      ends.client = std::move(connected);
    });
    // Who was refused may linger for the other's last word.
    for (int i = 0; i < 20 && !(finished(ends.server) && finished(ends.client)); ++i) {
      world.pass(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(finished(ends.server)) << "the server hangs";
    EXPECT_TRUE(finished(ends.client)) << "the client hangs";
    return ends;
  }
  static bool finished(const TlsEnd& end) { return end.ok() || end.error() != Errc::busy; }

  Result<void> say(TlsEnd& end, std::string text) {
    Result<void> said = Errc::busy;
    world.run([&]() -> Task<void> { said = co_await (*end)->write(Chain(Slice::copy_of(text))); });
    return said;
  }
  // One read; its error's name, when there is none to hear.
  std::string hear(TlsEnd& end) {
    std::string heard = "nothing";
    world.run([&]() -> Task<void> {
      std::string buffer(64 * 1024, '\0');
      auto got = co_await (*end)->read(std::as_writable_bytes(std::span(buffer)));
      heard = got.ok() ? buffer.substr(0, *got) : got.error().to_string();
    });
    return heard;
  }
  void finish(TlsEnd& end) {
    world.run([&]() -> Task<void> { EXPECT_TRUE((co_await (*end)->finish_writing()).ok()); });
  }
  void close(TlsEnd& end) {
    if (!end.ok()) return;
    world.run([&]() -> Task<void> { co_await (*end)->close(); });
    world.pass(std::chrono::seconds(2));
    end = Errc::closed;
  }
  void close(TlsEnds& ends) {
    close(ends.client);
    close(ends.server);
  }
  static std::string error_of(const TlsEnd& end) { return end.ok() ? "no error" : end.error().to_string(); }

  ManualWorld world;
  TestAuthority authority;
  TlsServerOptions server_options;
  TlsClientOptions client_options;
  std::optional<TlsServer> server;
  std::optional<TlsClient> client;
};

}  // namespace ottla
