#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/runtime/rows.h"
#include "bench/sockets.h"
#include "runtime/tls/tls_server.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kTotal = std::size_t{512} << 20;
constexpr std::size_t kStep = 256 * 1024;
constexpr double kGigabytes = static_cast<double>(kTotal) / 1e9;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

// A certificate that signs itself, for an hour.
TlsIdentity make_identity() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, key);
  check(X509_sign(certificate, key, EVP_sha256()) > 0, "X509_sign");
  TlsIdentity identity;
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  identity.certificate_chain = text_of(bio);
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  identity.private_key = text_of(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

Context server_context(const TlsIdentity& identity) {
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  BIO* bio = BIO_new_mem_buf(identity.certificate_chain.data(), -1);
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  bio = BIO_new_mem_buf(identity.private_key.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  check(SSL_CTX_use_certificate(context.get(), certificate) == 1, "certificate");
  check(SSL_CTX_use_PrivateKey(context.get(), key) == 1, "key");
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

// The driver of both: a blocking client that trusts anyone, and sends or takes all.
void drive(std::uint16_t port, bool client_sends) {
  const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const Session session(SSL_new(context.get()), SSL_free);
  const int fd = connect_to(port);
  SSL_set_fd(session.get(), fd);
  check(SSL_connect(session.get()) == 1, "SSL_connect");
  std::vector<char> bytes(kStep, 'x');
  if (client_sends) {
    for (std::size_t sent = 0; sent < kTotal; sent += kStep) {
      check(SSL_write(session.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(kStep),
            "SSL_write");
    }
    SSL_shutdown(session.get());
  } else {
    check(SSL_write(session.get(), bytes.data(), 1) == 1, "SSL_write");
    while (SSL_read(session.get(), bytes.data(), static_cast<int>(bytes.size())) > 0) {
    }
  }
  ::close(fd);
}

// thread_cpu_ns or now_ns.
using Clock = double (*)();

double our_bulk(const TlsIdentity& identity, bool client_sends, Clock clock) {
  double spent = 0;
  Server server(1, [&](std::unique_ptr<Stream> plain) -> Task<void> {
    TlsServerOptions options;
    options.identities.push_back(identity);
    options.protocol.min_version = TlsVersion::tls1_3;
    TlsServer tls = TlsServer::make(options).value();
    auto stream = (co_await tls.accept(std::move(plain), {})).value();
    std::vector<std::byte> bytes(kStep);
    (co_await stream->read(client_sends ? std::span(bytes) : std::span(bytes).first(1))).value();
    const double start = clock();
    if (client_sends) {
      while ((co_await stream->read(bytes)).ok()) {
      }
    } else {
      const Slice block = Slice::copy_of(bytes);
      for (std::size_t sent = 0; sent < kTotal; sent += kStep) (co_await stream->write(Chain(block))).value();
      (co_await stream->finish_writing()).value();
    }
    spent = clock() - start;
    co_await stream->close();
  });
  drive(server.port(), client_sends);
  (void)server.cpu_ns();
  return kGigabytes / (spent / 1e9);
}

double bare_bulk(const TlsIdentity& identity, bool client_sends, Clock clock) {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port, 1);
  double spent = 0;
  std::thread server([&] {
    const Context context = server_context(identity);
    const Session session(SSL_new(context.get()), SSL_free);
    const int fd = accept_from(listener, true);
    SSL_set_fd(session.get(), fd);
    check(SSL_accept(session.get()) == 1, "SSL_accept");
    std::vector<char> bytes(kStep);
    check(SSL_read(session.get(), bytes.data(), client_sends ? static_cast<int>(kStep) : 1) > 0, "SSL_read");
    const double start = clock();
    if (client_sends) {
      while (SSL_read(session.get(), bytes.data(), static_cast<int>(bytes.size())) > 0) {
      }
    } else {
      for (std::size_t sent = 0; sent < kTotal; sent += kStep) {
        check(SSL_write(session.get(), bytes.data(), static_cast<int>(kStep)) == static_cast<int>(kStep),
              "SSL_write");
      }
      SSL_shutdown(session.get());
      ::shutdown(fd, SHUT_WR);
    }
    spent = clock() - start;
    ::close(fd);
  });
  drive(port, client_sends);
  server.join();
  ::close(listener);
  return kGigabytes / (spent / 1e9);
}

}  // namespace

void tls_rows(Report& report, int pairs) {
  const TlsIdentity identity = make_identity();
  for (const bool client_sends : {false, true}) {
    const std::string name =
        client_sends ? "TLS 1.3 bulk receive / SSL_read" : "TLS 1.3 bulk send / SSL_write";
    for (const Clock clock : {thread_cpu_ns, now_ns}) {
      const bool wall = clock == now_ns;
      report.add(measure_pairs(
          wall ? name + ", wall" : name, wall ? "GB/s" : "GB/CPU-s", pairs,
          [&] { return our_bulk(identity, client_sends, clock); },
          [&] { return bare_bulk(identity, client_sends, clock); }, Goal::ratio_at_least(0.9)));
    }
  }
}

}  // namespace ottla::bench
