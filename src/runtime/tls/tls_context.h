// Options turned into what handshakes are made from: OpenSSL's contexts, one for each identity.
//
// Lifetime:    counted; engines hold the one that they began with, so that a reload does not touch them.
// Concurrency: immutable, shared by shards and helper threads (OpenSSL locks what it keeps inside).
// Errors:      invalid_argument names the option that is wrong.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/tls/tls_options.h"

struct ssl_ctx_st;
struct ssl_st;

namespace ottla {

struct FreeSslContext {
  void operator()(ssl_ctx_st* context) const;
};
using SslContextPtr = std::unique_ptr<ssl_ctx_st, FreeSslContext>;

class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> for_server(const TlsServerOptions& options);
  static Result<std::shared_ptr<const TlsContext>> for_client(const TlsClientOptions& options);

  bool is_server() const { return server_; }
  ssl_ctx_st* openssl() const { return main_.get(); }
  // Null when no named identity bears the name.
  ssl_ctx_st* for_name(std::string_view server_name) const;
  const std::string& alpn_wire() const { return alpn_wire_; }
  bool verify_server_name() const { return verify_server_name_; }
  bool resumption() const { return resumption_; }
  std::uint64_t records_per_key() const { return records_per_key_; }

 private:
  struct Named {
    std::vector<std::string> patterns;
    SslContextPtr context;
  };

  explicit TlsContext(bool server) : server_(server) {}
  Result<void> take_protocol(const TlsProtocol& protocol);
  Result<SslContextPtr> make_openssl(const TlsProtocol& protocol) const;
  Result<SslContextPtr> make_server_openssl(const TlsServerOptions& options) const;

  const bool server_;
  bool verify_server_name_ = true;
  bool resumption_ = true;
  std::uint64_t records_per_key_ = 0;
  std::string alpn_wire_;  // each name behind its length
  SslContextPtr main_;
  std::vector<Named> named_;
};

}  // namespace ottla
