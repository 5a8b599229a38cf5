#include "runtime/tls/tls_engine.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <utility>

#include "base/invariant.h"
#include "runtime/tls/certificate_facts.h"
#include "runtime/tls/openssl_errors.h"

namespace ottla {
namespace {

constexpr std::size_t kMaxKeptSessions = 4;

TlsEngine* engine_of(const SSL* ssl) {
  return static_cast<TlsEngine*>(SSL_get_app_data(ssl));
}

bool is_address(const std::string& name) {
  in6_addr ignored;
  return ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

}  // namespace

Result<std::unique_ptr<TlsEngine>> TlsEngine::make(std::shared_ptr<const TlsContext> context,
                                                   const std::string& server_name, SessionPtr session,
                                                   WallTime now) {
  OpenSslCall call;
  std::unique_ptr<TlsEngine> engine(new TlsEngine(std::move(context)));
  engine->bytes_.output = engine->own_output_;
  engine->records_left_ = engine->context_->records_per_key();
  engine->ssl_ = SSL_new(engine->context_->openssl());
  BIO* bio = make_byte_bio(engine->bytes_);
  if (engine->ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    return Error(Errc::tls_failed, "no TLS connection can be set up: " + call.reason());
  }
  SSL_set_bio(engine->ssl_, bio, bio);
  SSL_set_app_data(engine->ssl_, engine.get());
  SSL_set_verify(engine->ssl_, SSL_get_verify_mode(engine->ssl_), &note_verification);
  // The shard's clock decides what has expired, not the machine's: a simulated world has its own time.
  X509_VERIFY_PARAM_set_time(SSL_get0_param(engine->ssl_),
                             std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
  if (engine->context_->is_server()) {
    SSL_set_accept_state(engine->ssl_);
  } else {
    SSL_set_connect_state(engine->ssl_);
    OTTLA_CHECK(engine->aim_at(server_name, std::move(session)));
  }
  return engine;
}

Result<void> TlsEngine::aim_at(const std::string& server_name, SessionPtr session) {
  std::string name = server_name;
  if (name.ends_with('.')) name.pop_back();
  if (name.empty() || name.size() > 255 || name.find('\0') != std::string::npos) {
    return Error(Errc::invalid_argument, "'" + server_name + "' is not a server's name");
  }
  const bool address = is_address(name);
  if (!address) SSL_set_tlsext_host_name(ssl_, name.c_str());
  if (context_->verify_server_name()) {
    X509_VERIFY_PARAM* rules = SSL_get0_param(ssl_);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str())
                            : X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size());
    if (set != 1) return Error(Errc::invalid_argument, "'" + server_name + "' is not a server's name");
  }
  if (session) SSL_set_session(ssl_, session.get());
  return {};
}

TlsEngine::~TlsEngine() {
  const OpenSslCall call;
  SSL_free(ssl_);
}

void TlsEngine::prepare(ssl_ctx_st* context) {
  SSL_CTX_set_info_callback(context, &note_event);
  SSL_CTX_sess_set_new_cb(context, &note_session);
}

void TlsEngine::note_event(const ssl_st* ssl, int where, int value) {
  const bool fatal = (value >> 8) == SSL3_AL_FATAL;
  if ((where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT && fatal) engine_of(ssl)->sent_alert_ = value & 0xff;
}

int TlsEngine::note_session(ssl_st* ssl, ssl_session_st* session) {
  TlsEngine* engine = engine_of(ssl);
  if (engine->context_->is_server() || engine->sessions_.size() >= kMaxKeptSessions) return 0;
  engine->sessions_.emplace_back(session);
  return 1;  // the claim is ours now
}

int TlsEngine::note_verification(int accepted, X509_STORE_CTX* verification) {
  if (accepted == 1) return 1;
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const int error = X509_STORE_CTX_get_error(verification);
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  std::string& text = engine_of(ssl)->refused_certificate_;
  text = X509_verify_cert_error_string(error);
  if (certificate == nullptr) return 0;
  const bool for_another = error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
  text += for_another ? " (it is for " + names_of(certificate) + ')'
                      : " (" + java_name(X509_get_subject_name(certificate)) + ')';
  return 0;
}

void TlsEngine::attach_output(std::span<std::byte> window) {
  OTTLA_INVARIANT(window.size() >= 2 * own_output_.size(), "an output window is too small", window.size());
  std::memcpy(window.data(), bytes_.output.data(), bytes_.output_size);
  bytes_.output = window;
}

void TlsEngine::detach_output() {
  bytes_.output = own_output_;
  bytes_.output_size = 0;
}

Error TlsEngine::failure(OpenSslCall& call, const char* doing) {
  std::string text = doing;
  if (call.failed_with(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED) && !refused_certificate_.empty()) {
    text += "the peer's certificate is refused: " + refused_certificate_;
  } else {
    text += call.reason();
  }
  if (sent_alert_ >= 0) text += "; told the peer with alert " + alert_name(sent_alert_);
  return Error(Errc::tls_failed, std::move(text));
}

Result<TlsEngine::Need> TlsEngine::handshake() {
  OpenSslCall call;
  const int outcome = SSL_do_handshake(ssl_);
  if (outcome == 1) return Need::nothing;
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_WANT_READ:
      return Need::input;
    case SSL_ERROR_WANT_WRITE:
      return Need::output;
    default:
      return failure(call, "TLS handshake: ");
  }
}

TlsFacts TlsEngine::facts() {
  const OpenSslCall call;
  TlsFacts facts;
  facts.version = SSL_version(ssl_) == TLS1_3_VERSION ? TlsVersion::tls1_3 : TlsVersion::tls1_2;
  const char* cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_));
  facts.cipher = cipher != nullptr ? cipher : "";
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(ssl_, &alpn, &alpn_size);
  facts.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  facts.server_name = name != nullptr ? name : "";
  facts.resumed = SSL_session_reused(ssl_) == 1;
  if (X509* certificate = SSL_get0_peer_certificate(ssl_)) {
    facts.peer = read_certificate(certificate);
    facts.peer->verified = SSL_get_verify_result(ssl_) == X509_V_OK;
  }
  return facts;
}

Result<TlsEngine::Step> TlsEngine::encrypt(std::span<const std::byte> plaintext) {
  OTTLA_INVARIANT(!plaintext.empty() && plaintext.size() <= kMaxPlaintext,
                  "not a record's worth of plaintext", plaintext.size());
  OpenSslCall call;
  if (records_left_ == 0 && SSL_version(ssl_) == TLS1_3_VERSION) {
    SSL_key_update(ssl_, SSL_KEY_UPDATE_NOT_REQUESTED);
    records_left_ = context_->records_per_key();
  }
  std::size_t written = 0;
  const int outcome = SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written);
  if (outcome == 1) {
    if (records_left_ > 0) --records_left_;
    return Step{written, Need::nothing};
  }
  if (SSL_get_error(ssl_, outcome) == SSL_ERROR_WANT_WRITE) return Step{0, Need::output};
  return failure(call, "TLS write: ");
}

Result<TlsEngine::Step> TlsEngine::after_read(int outcome, std::size_t bytes, OpenSslCall& call) {
  if (outcome == 1) return Step{bytes, Need::nothing};
  switch (SSL_get_error(ssl_, outcome)) {
    case SSL_ERROR_WANT_READ:
      return Step{0, Need::input};
    case SSL_ERROR_WANT_WRITE:
      return Step{0, Need::output};
    case SSL_ERROR_ZERO_RETURN:
      return Errc::end_of_stream;
    default:
      return failure(call, "TLS read: ");
  }
}

Result<TlsEngine::Step> TlsEngine::decrypt(std::span<std::byte> into) {
  OpenSslCall call;
  std::size_t got = 0;
  const int outcome = SSL_read_ex(ssl_, into.data(), into.size(), &got);
  return after_read(outcome, got, call);
}

Result<TlsEngine::Step> TlsEngine::peek() {
  OpenSslCall call;
  std::byte first{};
  std::size_t got = 0;
  const int outcome = SSL_peek_ex(ssl_, &first, 1, &got);
  return after_read(outcome, got, call);
}

void TlsEngine::finish() {
  const OpenSslCall call;
  SSL_shutdown(ssl_);
}

void TlsEngine::release_idle_memory() {
  const OpenSslCall call;
  SSL_free_buffers(ssl_);  // refuses while they hold something
}

}  // namespace ottla
