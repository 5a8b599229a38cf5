// fuzz: base runtime
//
// A stranger against a server and a client: raw bytes instead of a handshake, or a real handshake whose bytes are
// changed on their way. Nothing may crash, hang past its deadline, or leave anything behind.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/invariant.h"
#include "runtime/testing/manual_world.h"
#include "runtime/testing/stream_pair.h"
#include "runtime/tls/testing/certificate_maker.h"
#include "runtime/tls/tls_client.h"
#include "runtime/tls/tls_server.h"
#include "runtime/when.h"

namespace ottla {
namespace {

constexpr Duration kDeadline = std::chrono::seconds(1);

struct Snapshots {
  TlsServer::Snapshot server;
  TlsClient::Snapshot client;
};

const Snapshots& snapshots() {
  static const Snapshots made = [] {
    TestAuthority authority;
    TlsServerOptions server;
    server.identities = {authority.issue()};
    server.client_auth = TlsClientAuth::requested;
    server.client_trust = authority.trust();
    TlsClientOptions client;
    client.trust = authority.trust();
    client.identity = authority.issue();
    return Snapshots{TlsServer::make(server).value().snapshot(), TlsClient::make(client).value().snapshot()};
  }();
  return made;
}

using Ended = Result<std::unique_ptr<TlsStream>>;

// One message, the peer's answer or end, and a goodbye.
Task<void> talk(Ended end, Cancel cancel) {
  if (!end.ok()) co_return;
  (void)co_await (*end)->write(Chain(Slice::from_static("hello")), cancel);
  std::byte buffer[64];
  (void)co_await (*end)->read(std::span<std::byte>(buffer), cancel);
  co_await (*end)->close();
}

Task<void> raw_stranger(std::unique_ptr<Stream> stream, Slice bytes, Cancel cancel) {
  (void)co_await stream->write(Chain(std::move(bytes)), cancel);
  (void)co_await stream->finish_writing();
  std::byte buffer[1024];
  while ((co_await stream->read(std::span<std::byte>(buffer), cancel)).ok()) {
  }
  co_await stream->close();
}

// Pairs of (distance to the next change, what to flip).
LineOptions changed_line(std::span<const std::uint8_t> script) {
  LineOptions line;
  line.tamper = [script, next = std::uint64_t{0}](std::uint64_t offset, std::span<std::byte> bytes) mutable {
    while (script.size() >= 2) {
      const std::uint64_t place = next + script[0] * std::uint64_t{4};
      if (place >= offset + bytes.size()) return;
      if (place >= offset) bytes[place - offset] ^= std::byte{script[1]};
      next = place;
      script = script.subspan(2);
    }
  };
  return line;
}

Task<void> serve(TlsServer& server, std::unique_ptr<Stream> stream, Cancel cancel) {
  co_await talk(co_await server.accept(std::move(stream), cancel), cancel);
}

Task<void> visit(TlsClient& client, std::unique_ptr<Stream> stream, Cancel cancel) {
  co_await talk(co_await client.connect(std::move(stream), TestAuthority::kServerName, cancel), cancel);
}

Task<void> play(std::span<const std::uint8_t> input, bool& done) {
  TlsServer server(snapshots().server);
  TlsClient client(snapshots().client);
  const unsigned mode = input[0] % 4;
  input = input.subspan(1);
  const Slice raw = Slice::copy_of(std::as_bytes(input));
  (void)co_await with_timeout(kDeadline, {}, [&](Cancel cancel) -> Task<Result<void>> {
    StreamPairOptions lines;
    if (mode == 2) lines.to_second = changed_line(input);
    if (mode == 3) lines.to_first = changed_line(input);
    StreamPair pair = make_stream_pair(std::move(lines));
    if (mode == 0) {
      co_await when_all(serve(server, std::move(pair.second), cancel),
                        raw_stranger(std::move(pair.first), raw, cancel));
    } else if (mode == 1) {
      co_await when_all(raw_stranger(std::move(pair.second), raw, cancel),
                        visit(client, std::move(pair.first), cancel));
    } else {
      co_await when_all(serve(server, std::move(pair.second), cancel),
                        visit(client, std::move(pair.first), cancel));
    }
    co_return Result<void>();
  });
  done = true;
}

}  // namespace
}  // namespace ottla

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 128 * 1024) return 0;
  ottla::ManualWorld world;
  bool done = false;
  world.run([&]() -> ottla::Task<void> { co_await ottla::play({data, size}, done); });
  for (int i = 0; i < 100 && !done; ++i) world.pass(std::chrono::milliseconds(100));
  OTTLA_INVARIANT(done, "a handshake hangs past its deadline");
  OTTLA_INVARIANT(world.shard().leaks().empty(), "something was left behind", world.shard().leaks());
  return 0;
}
