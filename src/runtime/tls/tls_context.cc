#include "runtime/tls/tls_context.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "runtime/tls/openssl_errors.h"
#include "runtime/tls/tls_engine.h"
#include "runtime/tls/tls_identity.h"

namespace ottla {

void FreeSslContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

namespace {

// What a peer may show as its chain, in bytes.
constexpr long kMaxPeerChain = 32 * 1024;
constexpr std::string_view kSessionScope = "ottla";

Error wrong(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

// OpenSSL's names of the IANA names in the list, joined as it wants them.
Result<std::string> tls12_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    const std::string_view translated = OPENSSL_cipher_name(name.c_str());
    list.append(list.empty() ? "" : ":").append(translated == "(NONE)" ? std::string_view(name) : translated);
  }
  return list;
}

// Refuses the first name that OpenSSL does not take alone: in a list it would pass over it in silence.
Result<void> set_tls12_ciphers(SSL_CTX* context, const std::vector<std::string>& names) {
  OpenSslCall call;
  for (const std::string& name : names) {
    OTTLA_TRY(const std::string alone, tls12_list({name}));
    if (SSL_CTX_set_cipher_list(context, alone.c_str()) != 1)
      return wrong("no TLS 1.2 cipher is called " + name);
  }
  if (names.empty()) return {};
  OTTLA_TRY(const std::string all, tls12_list(names));
  if (SSL_CTX_set_cipher_list(context, all.c_str()) != 1) return wrong("TLS 1.2 ciphers: " + call.reason());
  return {};
}

Result<void> set_tls13_suites(SSL_CTX* context, const std::vector<std::string>& names) {
  const OpenSslCall call;
  std::string list;
  for (const std::string& name : names) {
    if (SSL_CTX_set_ciphersuites(context, name.c_str()) != 1)
      return wrong("no TLS 1.3 suite is called " + name);
    list.append(list.empty() ? "" : ":").append(name);
  }
  if (!names.empty()) SSL_CTX_set_ciphersuites(context, list.c_str());
  return {};
}

Result<void> use_identity(SSL_CTX* context, const TlsIdentity& identity, std::string_view what) {
  OTTLA_TRY(LoadedIdentity loaded, load_identity(identity, what));
  OpenSslCall call;
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (const CertificatePtr& issuer : loaded.issuers) sk_X509_push(chain, issuer.get());
  const int used = SSL_CTX_use_cert_and_key(context, loaded.certificate.get(), loaded.key.get(), chain, 1);
  sk_X509_free(chain);
  if (used != 1) return wrong(std::string(what) + ": " + call.reason());
  return {};
}

Result<void> use_trust(SSL_CTX* context, const TlsTrust& trust, std::string_view what) {
  OTTLA_TRY(const auto certificates, load_trusted(trust, what));
  const OpenSslCall call;
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const CertificatePtr& certificate : certificates) X509_STORE_add_cert(store, certificate.get());
  // Every certificate of the store is an anchor, as in the Java trust stores that users bring along.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  if (trust.system_store && SSL_CTX_set_default_verify_paths(context) != 1) {
    return Error(Errc::not_found, std::string(what) + ": the system's certificate store cannot be read");
  }
  return {};
}

// Tells clients which issuers may have signed what they show.
void name_issuers(SSL_CTX* context, const TlsTrust& trust) {
  const auto certificates = load_trusted(trust, "");
  if (!certificates.ok()) return;
  const OpenSslCall call;
  for (const CertificatePtr& certificate : *certificates) SSL_CTX_add_client_CA(context, certificate.get());
}

bool matches(std::string_view pattern, std::string_view name) {
  const auto equal = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  if (pattern.starts_with("*.")) {
    const std::size_t dot = name.find('.');
    if (dot == 0 || dot == std::string_view::npos) return false;
    pattern.remove_prefix(1);
    name.remove_prefix(dot);
  }
  return std::equal(pattern.begin(), pattern.end(), name.begin(), name.end(), equal);
}

int choose_identity(SSL* ssl, int*, void* argument) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* chosen = static_cast<const TlsContext*>(argument)->for_name(name);
  if (chosen != nullptr) SSL_set_SSL_CTX(ssl, chosen);
  return SSL_TLSEXT_ERR_OK;
}

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned int offered_size, void* argument) {
  const std::string& ours = static_cast<const TlsContext*>(argument)->alpn_wire();
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned int>(ours.size()), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int verify_mode(TlsClientAuth auth) {
  switch (auth) {
    case TlsClientAuth::none:
      return SSL_VERIFY_NONE;
    case TlsClientAuth::requested:
      return SSL_VERIFY_PEER;
    case TlsClientAuth::required:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER;
}

}  // namespace

Result<void> TlsContext::take_protocol(const TlsProtocol& protocol) {
  if (protocol.min_version > protocol.max_version) {
    return wrong("the minimum TLS version is newer than the maximum");
  }
  for (const std::string& name : protocol.alpn) {
    if (name.empty() || name.size() > 255)
      return wrong("an ALPN name takes 1 to 255 bytes, not '" + name + "'");
    alpn_wire_ += static_cast<char>(name.size());
    alpn_wire_ += name;
  }
  if (alpn_wire_.size() > 65535) return wrong("the ALPN names take more than 65535 bytes");
  if (protocol.records_per_key == 0) return wrong("records_per_key must be positive");
  resumption_ = protocol.resumption;
  records_per_key_ = protocol.records_per_key;
  return {};
}

Result<SslContextPtr> TlsContext::make_openssl(const TlsProtocol& protocol) const {
  OpenSslCall call;
  SslContextPtr made(SSL_CTX_new(server_ ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* context = made.get();
  if (context == nullptr) return Error(Errc::tls_failed, "OpenSSL cannot be set up: " + call.reason());
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(context, kMaxPeerChain);
  if (SSL_CTX_set_min_proto_version(context, static_cast<int>(protocol.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(context, static_cast<int>(protocol.max_version)) != 1) {
    return wrong("TLS versions: " + call.reason());
  }
  OTTLA_CHECK(set_tls12_ciphers(context, protocol.tls12_ciphers));
  OTTLA_CHECK(set_tls13_suites(context, protocol.tls13_suites));
  TlsEngine::prepare(context);
  return made;
}

Result<SslContextPtr> TlsContext::make_server_openssl(const TlsServerOptions& options) const {
  OTTLA_TRY(SslContextPtr made, make_openssl(options.protocol));
  SSL_CTX* context = made.get();
  SSL_CTX_set_verify(context, verify_mode(options.client_auth), nullptr);
  if (options.client_auth != TlsClientAuth::none) {
    OTTLA_CHECK(use_trust(context, options.client_trust, "the clients' trusted certificates"));
    name_issuers(context, options.client_trust);
  }
  const OpenSslCall call;
  SSL_CTX_set_dh_auto(context, 1);
  // Sessions live in tickets, which the clients keep: nothing to bound here, and a new context forgets them
  // all.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kSessionScope.data()),
                                 static_cast<unsigned int>(kSessionScope.size()));
  if (!resumption_) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  return made;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_server(const TlsServerOptions& options) {
  std::shared_ptr<TlsContext> made(new TlsContext(true));
  if (options.identities.empty()) return wrong("a TLS server needs a certificate");
  if (options.client_auth != TlsClientAuth::none && options.client_trust.empty()) {
    return wrong("client certificates are asked for, and no certificate is trusted to sign them");
  }
  OTTLA_CHECK(made->take_protocol(options.protocol));
  OTTLA_TRY(made->main_, made->make_server_openssl(options));
  for (const TlsIdentity& identity : options.identities) {
    OTTLA_CHECK(use_identity(made->main_.get(), identity, "the server's certificate"));
  }
  for (const TlsServerOptions::Named& named : options.named) {
    if (named.server_names.empty()) return wrong("a certificate for server names has no name");
    OTTLA_TRY(SslContextPtr context, made->make_server_openssl(options));
    OTTLA_CHECK(
        use_identity(context.get(), named.identity, "the certificate for " + named.server_names.front()));
    made->named_.push_back(Named{named.server_names, std::move(context)});
  }
  SSL_CTX* context = made->main_.get();
  SSL_CTX_set_tlsext_servername_callback(context, &choose_identity);
  SSL_CTX_set_tlsext_servername_arg(context, made.get());
  if (!made->alpn_wire_.empty()) SSL_CTX_set_alpn_select_cb(context, &choose_alpn, made.get());
  return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_client(const TlsClientOptions& options) {
  std::shared_ptr<TlsContext> made(new TlsContext(false));
  OTTLA_CHECK(made->take_protocol(options.protocol));
  OTTLA_TRY(made->main_, made->make_openssl(options.protocol));
  SSL_CTX* context = made->main_.get();
  TlsTrust trust = options.trust;
  if (trust.empty()) trust.system_store = true;
  OTTLA_CHECK(use_trust(context, trust, "the trusted certificates"));
  if (options.identity) OTTLA_CHECK(use_identity(context, *options.identity, "the client's certificate"));
  const OpenSslCall call;
  made->verify_server_name_ = options.verify_server_name;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!made->alpn_wire_.empty()) {
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(made->alpn_wire_.data()),
                            static_cast<unsigned int>(made->alpn_wire_.size()));
  }
  const long cache =
      options.protocol.resumption ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF;
  SSL_CTX_set_session_cache_mode(context, cache);
  if (!options.protocol.resumption) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  return std::shared_ptr<const TlsContext>(std::move(made));
}

ssl_ctx_st* TlsContext::for_name(std::string_view server_name) const {
  for (const Named& named : named_) {
    for (const std::string& pattern : named.patterns) {
      if (matches(pattern, server_name)) return named.context.get();
    }
  }
  return nullptr;
}

}  // namespace ottla
