// TLS 1.3 in bulk over loopback TCP, ours beside the plain OpenSSL loop: SSL_write and SSL_read on blocking sockets.
// Each end has a thread; compare the processor's time too, since both ends share the machine.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "base/invariant.h"
#include "runtime/testing/manual_world.h"
#include "runtime/tls/testing/certificate_maker.h"
#include "runtime/tls/tls_client.h"
#include "runtime/tls/tls_server.h"

namespace ottla {
namespace {

constexpr std::size_t kBytes = std::size_t{256} * 1024 * 1024;
constexpr std::size_t kChunk = std::size_t{1024} * 1024;

// Completes every call in place, by waiting in the kernel.
class BlockingStream final : public Stream {
 public:
  explicit BlockingStream(int fd) : fd_(fd) {}
  using Stream::read;
  Task<Result<void>> wait_readable(Cancel) override { co_return Result<void>(); }
  Task<Result<std::size_t>> read(ReadVector into, Cancel) override {
    const ssize_t got = ::read(fd_, into[0].data(), into[0].size());
    if (got <= 0) co_return Errc::end_of_stream;
    co_return static_cast<std::size_t>(got);
  }
  Task<Result<void>> write(Chain chain, Cancel) override {
    while (!chain.empty()) {
      std::array<iovec, 16> vectors;
      const auto gathered = chain.gather(std::span(vectors));
      const ssize_t put = ::writev(fd_, vectors.data(), static_cast<int>(gathered.count));
      if (put <= 0) co_return Errc::connection_reset;
      chain.consume(static_cast<std::uint64_t>(put));
    }
    co_return Result<void>();
  }
  Task<Result<void>> finish_writing() override {
    ::shutdown(fd_, SHUT_WR);
    co_return Result<void>();
  }
  Task<void> close() override {
    ::close(fd_);
    co_return;
  }
  Task<void> abort() override { return close(); }
  Address local_address() const override { return {}; }
  Address peer_address() const override { return {}; }

 private:
  int fd_;
};

std::pair<int, int> connected_sockets() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  OTTLA_INVARIANT(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0, "no port");
  ::listen(listener, 1);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const int first = ::socket(AF_INET, SOCK_STREAM, 0);
  OTTLA_INVARIANT(::connect(first, reinterpret_cast<sockaddr*>(&address), size) == 0, "no connection");
  const int second = ::accept(listener, nullptr, nullptr);
  ::close(listener);
  return {first, second};
}

TestAuthority& authority() {
  static TestAuthority made;
  return made;
}

void our_sender(int fd, const TlsServer::Snapshot& snapshot) {
  ManualWorld world;
  TlsServer server(snapshot);
  const std::string chunk(kChunk, 'x');
  world.run([&]() -> Task<void> {
    auto stream = (co_await server.accept(std::make_unique<BlockingStream>(fd), {})).value();
    for (std::size_t sent = 0; sent < kBytes; sent += kChunk) {
      (co_await stream->write(Chain(Slice::from_static(chunk)))).value();
    }
    co_await stream->close();
  });
}

void our_receiver(int fd, const TlsClient::Snapshot& snapshot) {
  ManualWorld world;
  TlsClient client(snapshot);
  std::string buffer(128 * 1024, '\0');
  world.run([&]() -> Task<void> {
    auto stream =
        (co_await client.connect(std::make_unique<BlockingStream>(fd), TestAuthority::kServerName, {}))
            .value();
    std::size_t seen = 0;
    for (;;) {
      const auto got = co_await stream->read(std::as_writable_bytes(std::span(buffer)));
      if (!got.ok()) break;
      seen += *got;
    }
    OTTLA_INVARIANT(seen == kBytes, "bytes are missing", seen);
    co_await stream->close();
  });
}

void BM_TlsBulk(benchmark::State& state) {
  TlsServerOptions server_options;
  server_options.identities = {authority().issue()};
  TlsClientOptions client_options;
  client_options.trust = authority().trust();
  const auto server = TlsServer::make(server_options).value().snapshot();
  const auto client = TlsClient::make(client_options).value().snapshot();
  for (auto _ : state) {
    const auto [first, second] = connected_sockets();
    std::jthread sender([fd = second, &server] { our_sender(fd, server); });
    our_receiver(first, client);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK(BM_TlsBulk)->UseRealTime()->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

void bare_sender(int fd, SSL_CTX* context, std::size_t chunk_size) {
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  OTTLA_INVARIANT(SSL_accept(ssl) == 1, "no handshake");
  const std::string chunk(chunk_size, 'x');
  for (std::size_t sent = 0; sent < kBytes; sent += chunk_size) {
    OTTLA_INVARIANT(SSL_write(ssl, chunk.data(), static_cast<int>(chunk_size)) > 0, "no write");
  }
  SSL_shutdown(ssl);
  SSL_free(ssl);
  ::close(fd);
}

void bare_receiver(int fd, SSL_CTX* context) {
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  OTTLA_INVARIANT(SSL_connect(ssl) == 1, "no handshake");
  std::string buffer(128 * 1024, '\0');
  std::size_t seen = 0;
  for (int got = 0; (got = SSL_read(ssl, buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
    seen += static_cast<std::size_t>(got);
  }
  OTTLA_INVARIANT(seen == kBytes, "bytes are missing", seen);
  SSL_free(ssl);
  ::close(fd);
}

void BM_BareOpenSslBulk(benchmark::State& state) {
  const TlsIdentity identity = authority().issue();
  SSL_CTX* server = SSL_CTX_new(TLS_server_method());
  SSL_CTX* client = SSL_CTX_new(TLS_client_method());
  BIO* certificate = BIO_new_mem_buf(identity.certificate_chain.data(), -1);
  BIO* key = BIO_new_mem_buf(identity.private_key.data(), -1);
  SSL_CTX_use_certificate(server, PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr));
  SSL_CTX_use_PrivateKey(server, PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr));
  for (auto _ : state) {
    const auto [first, second] = connected_sockets();
    std::jthread sender(
        [fd = second, server, &state] { bare_sender(fd, server, static_cast<std::size_t>(state.range(0))); });
    bare_receiver(first, client);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
  BIO_free(certificate);
  BIO_free(key);
  SSL_CTX_free(server);
  SSL_CTX_free(client);
}
BENCHMARK(BM_BareOpenSslBulk)
    ->Arg(16 * 1024)
    ->Arg(1024 * 1024)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ottla
