// TLS over what it is for: real sockets, real helper threads, several shards with one snapshot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "runtime/cross_shard.h"
#include "runtime/linux/linux_process.h"
#include "runtime/network.h"
#include "runtime/tls/testing/certificate_maker.h"
#include "runtime/tls/tls_client.h"
#include "runtime/tls/tls_server.h"
#include "runtime/when.h"

namespace ottla {
namespace {

constexpr std::size_t kBulk = 10'000'000;

// Runs a story on the first of two shards of a real process.
void run(std::function<Task<void>(Process&)> story) {
  LinuxProcessOptions options;
  options.shards = 2;
  options.catch_signals = false;
  run_linux_process(options, [&](Process& process, Cancel) -> Task<int> {
    co_await story(process);
    co_return 0;
  });
}

// Certificates that are valid whatever the real date is.
CertificateWish lasting() {
  CertificateWish wish;
  wish.valid_until = std::chrono::hours(24 * 365 * 200);
  return wish;
}

struct Snapshots {
  TlsServer::Snapshot server;
  TlsClient::Snapshot client;
};

Snapshots make_snapshots(TlsClientAuth auth) {
  TestAuthority authority("Test Authority", lasting().valid_until);
  TlsServerOptions server;
  server.identities = {authority.issue(lasting())};
  server.client_auth = auth;
  server.client_trust = authority.trust();
  TlsClientOptions client;
  client.trust = authority.trust();
  return {TlsServer::make(server).value().snapshot(), TlsClient::make(client).value().snapshot()};
}

Task<std::size_t> count_to_end(Stream& stream) {
  std::string buffer(100'000, '\0');
  std::size_t seen = 0;
  for (;;) {
    const auto got = co_await stream.read(std::as_writable_bytes(std::span(buffer)));
    if (!got.ok()) {
      EXPECT_EQ(got.error().code(), Errc::end_of_stream) << got.error().to_string();
      co_return seen;
    }
    seen += *got;
  }
}

Task<void> send_bulk(Stream& stream) {
  const std::string text(kBulk, 'x');
  const auto written = co_await stream.write(Chain(Slice::from_static(text)));
  EXPECT_TRUE(written.ok());
  EXPECT_TRUE((co_await stream.finish_writing()).ok());
}

// Both directions at once, then the end.
Task<void> exchange_bulk(std::unique_ptr<TlsStream> stream) {
  const auto [sent, seen] = co_await when_all(send_bulk(*stream), count_to_end(*stream));
  EXPECT_EQ(seen, kBulk);
  co_await stream->close();
}

Task<void> serve(Listener& listener, TlsServer::Snapshot snapshot, int connections, std::string& errors) {
  TlsServer server(std::move(snapshot));
  TaskGroup group;
  for (int i = 0; i < connections; ++i) {
    std::unique_ptr<Stream> stream = (co_await listener.accept({})).value()->adopt().value();
    group.spawn([&server, &errors, accepted = std::move(stream)](Cancel cancel) mutable -> Task<void> {
      auto made = co_await server.accept(std::move(accepted), cancel);
      if (made.ok()) {
        co_await exchange_bulk(std::move(*made));
      } else {
        errors += made.error().to_string();
      }
    });
  }
  co_await group.wait();
}

Task<void> visit(Address address, TlsClient::Snapshot snapshot, int connections) {
  TlsClient client(std::move(snapshot));
  for (int i = 0; i < connections; ++i) {
    auto stream = (co_await this_shard().network().connect(address, {}, {})).value();
    auto made = co_await client.connect(std::move(stream), TestAuthority::kServerName, {});
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().to_string());
    if (!made.ok()) co_return;
    EXPECT_EQ((*made)->facts().resumed, i > 0);
    co_await exchange_bulk(std::move(*made));
  }
}

TEST(TlsSocket, TwoShardsTalkInBulkAndResume) {
  const Snapshots snapshots = make_snapshots(TlsClientAuth::none);
  run([&](Process& process) -> Task<void> {
    auto listener = (co_await this_shard().network().listen(Address::loopback(0))).value();
    const auto visitor = [&process, &snapshots](Address address) -> Task<void> {
      co_await on(process.shard(ShardId(1)),
                  [address, snapshot = snapshots.client] { return visit(address, snapshot, 3); });
    };
    std::string errors;
    co_await when_all(serve(*listener, snapshots.server, 3, errors), visitor(listener->address()));
    EXPECT_EQ(errors, "");
    co_await listener->close();
  });
}

TEST(TlsSocket, WhoIsRefusedLateHearsTheAlertAndNoReset) {
  const Snapshots snapshots = make_snapshots(TlsClientAuth::required);
  run([&](Process&) -> Task<void> {
    auto listener = (co_await this_shard().network().listen(Address::loopback(0))).value();
    std::string heard;
    // With TLS 1.3 a client has sent its first request before it learns that its certificate is missed.
    const auto refused = [&](Address address) -> Task<void> {
      TlsClient client(snapshots.client);
      auto stream = (co_await this_shard().network().connect(address, {}, {})).value();
      auto made = co_await client.connect(std::move(stream), TestAuthority::kServerName, {});
      EXPECT_TRUE(made.ok());
      if (!made.ok()) co_return;
      (void)co_await (*made)->write(Chain(Slice::copy_of("a request")));
      std::byte buffer[10];
      heard = (co_await (*made)->read(std::span<std::byte>(buffer))).error().to_string();
      co_await (*made)->close();
    };
    std::string errors;
    co_await when_all(serve(*listener, snapshots.server, 1, errors), refused(listener->address()));
    EXPECT_THAT(errors, testing::HasSubstr("the peer showed no certificate, and one is required"));
    EXPECT_THAT(heard, testing::HasSubstr("(alert certificate_required)"));
    co_await listener->close();
  });
}

}  // namespace
}  // namespace ottla
