#include "runtime/tls/openssl_errors.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include "base/invariant.h"

namespace ottla {
namespace {

struct Phrase {
  int key;
  std::string_view text;
};

// Names of RFC 8446, section 6, and of the older versions that OpenSSL may still send.
constexpr std::array kAlerts = {
    Phrase{SSL_AD_CLOSE_NOTIFY, "close_notify"},
    Phrase{SSL_AD_UNEXPECTED_MESSAGE, "unexpected_message"},
    Phrase{SSL_AD_BAD_RECORD_MAC, "bad_record_mac"},
    Phrase{21, "decryption_failed"},
    Phrase{SSL_AD_RECORD_OVERFLOW, "record_overflow"},
    Phrase{SSL_AD_DECOMPRESSION_FAILURE, "decompression_failure"},
    Phrase{SSL_AD_HANDSHAKE_FAILURE, "handshake_failure"},
    Phrase{41, "no_certificate"},
    Phrase{SSL_AD_BAD_CERTIFICATE, "bad_certificate"},
    Phrase{SSL_AD_UNSUPPORTED_CERTIFICATE, "unsupported_certificate"},
    Phrase{SSL_AD_CERTIFICATE_REVOKED, "certificate_revoked"},
    Phrase{SSL_AD_CERTIFICATE_EXPIRED, "certificate_expired"},
    Phrase{SSL_AD_CERTIFICATE_UNKNOWN, "certificate_unknown"},
    Phrase{SSL_AD_ILLEGAL_PARAMETER, "illegal_parameter"},
    Phrase{SSL_AD_UNKNOWN_CA, "unknown_ca"},
    Phrase{SSL_AD_ACCESS_DENIED, "access_denied"},
    Phrase{SSL_AD_DECODE_ERROR, "decode_error"},
    Phrase{SSL_AD_DECRYPT_ERROR, "decrypt_error"},
    Phrase{SSL_AD_PROTOCOL_VERSION, "protocol_version"},
    Phrase{SSL_AD_INSUFFICIENT_SECURITY, "insufficient_security"},
    Phrase{SSL_AD_INTERNAL_ERROR, "internal_error"},
    Phrase{SSL_AD_INAPPROPRIATE_FALLBACK, "inappropriate_fallback"},
    Phrase{SSL_AD_USER_CANCELLED, "user_canceled"},
    Phrase{SSL_AD_NO_RENEGOTIATION, "no_renegotiation"},
    Phrase{SSL_AD_MISSING_EXTENSION, "missing_extension"},
    Phrase{SSL_AD_UNSUPPORTED_EXTENSION, "unsupported_extension"},
    Phrase{SSL_AD_CERTIFICATE_UNOBTAINABLE, "certificate_unobtainable"},
    Phrase{SSL_AD_UNRECOGNIZED_NAME, "unrecognized_name"},
    Phrase{SSL_AD_BAD_CERTIFICATE_STATUS_RESPONSE, "bad_certificate_status_response"},
    Phrase{SSL_AD_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity"},
    Phrase{SSL_AD_CERTIFICATE_REQUIRED, "certificate_required"},
    Phrase{SSL_AD_NO_APPLICATION_PROTOCOL, "no_application_protocol"},
};

constexpr std::array kMeanings = {
    Phrase{SSL_AD_UNKNOWN_CA, "the peer does not trust our certificate"},
    Phrase{SSL_AD_BAD_CERTIFICATE, "the peer refuses our certificate, or misses it"},
    Phrase{SSL_AD_CERTIFICATE_EXPIRED, "the peer finds our certificate expired or not yet valid"},
    Phrase{SSL_AD_CERTIFICATE_REVOKED, "the peer finds our certificate revoked"},
    Phrase{SSL_AD_CERTIFICATE_UNKNOWN, "the peer does not accept our certificate"},
    Phrase{SSL_AD_UNSUPPORTED_CERTIFICATE, "the peer cannot use our kind of certificate"},
    Phrase{SSL_AD_CERTIFICATE_REQUIRED, "the peer requires a certificate of us"},
    Phrase{SSL_AD_ACCESS_DENIED, "the peer denies access to our certificate's bearer"},
    Phrase{SSL_AD_PROTOCOL_VERSION, "the peer supports none of our TLS versions"},
    Phrase{SSL_AD_HANDSHAKE_FAILURE,
           "the peer found nothing that both ends support, or misses a certificate"},
    Phrase{SSL_AD_INSUFFICIENT_SECURITY, "the peer wants stronger ciphers than ours"},
    Phrase{SSL_AD_NO_APPLICATION_PROTOCOL, "the peer speaks none of our application protocols (ALPN)"},
    Phrase{SSL_AD_UNRECOGNIZED_NAME, "the peer does not serve the name that we asked for"},
    Phrase{SSL_AD_DECRYPT_ERROR, "the peer found a signature or a key of ours wrong"},
    Phrase{SSL_AD_BAD_RECORD_MAC, "the peer got bytes that were damaged on the way"},
    Phrase{SSL_AD_RECORD_OVERFLOW, "the peer got a record that is too large"},
    Phrase{SSL_AD_INTERNAL_ERROR, "the peer had trouble of its own"},
    Phrase{SSL_AD_USER_CANCELLED, "the peer gave up"},
};

constexpr std::array kReasons = {
    Phrase{SSL_R_UNSUPPORTED_PROTOCOL, "the peer offers none of our TLS versions"},
    Phrase{SSL_R_WRONG_SSL_VERSION, "the peer chose a TLS version that we do not allow"},
    Phrase{SSL_R_VERSION_TOO_LOW, "the peer's TLS version is older than our minimum"},
    Phrase{SSL_R_NO_PROTOCOLS_AVAILABLE, "our settings leave no TLS version to speak"},
    Phrase{SSL_R_WRONG_VERSION_NUMBER, "the peer does not speak TLS, or a version that we do not know"},
    Phrase{SSL_R_NO_SHARED_CIPHER, "the peer and we have no cipher suite in common"},
    Phrase{SSL_R_NO_CIPHERS_AVAILABLE, "our settings leave no cipher suite to offer"},
    Phrase{SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "the peer showed no certificate, and one is required"},
    Phrase{SSL_R_NO_APPLICATION_PROTOCOL, "the peer offers none of our application protocols (ALPN)"},
    Phrase{SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
           "no signature algorithm suits both ends and our certificate"},
    Phrase{SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a record was damaged on the way"},
    Phrase{SSL_R_DATA_LENGTH_TOO_LONG, "a record is too large"},
    Phrase{SSL_R_ENCRYPTED_LENGTH_TOO_LONG, "a record is too large"},
    Phrase{SSL_R_PACKET_LENGTH_TOO_LONG, "a record is too large"},
    Phrase{SSL_R_EXCESSIVE_MESSAGE_SIZE, "a handshake message is too large"},
    Phrase{SSL_R_RENEGOTIATION_MISMATCH, "the peer wants to renegotiate, which is not allowed"},
    Phrase{SSL_R_NO_RENEGOTIATION, "the peer wants to renegotiate, which is not allowed"},
    Phrase{SSL_R_UNEXPECTED_MESSAGE, "the peer sent a message out of turn"},
    Phrase{SSL_R_EE_KEY_TOO_SMALL, "the certificate's key is too short to be safe"},
    Phrase{SSL_R_CA_MD_TOO_WEAK, "a certificate is signed with a hash that is too weak"},
};

template <std::size_t N>
std::string_view find(const std::array<Phrase, N>& table, int key) {
  for (const Phrase& phrase : table) {
    if (phrase.key == key) return phrase.text;
  }
  return {};
}

std::string in_words(unsigned long code, const char* data) {
  const int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    if (reason > SSL_AD_REASON_OFFSET) {
      const int alert = reason - SSL_AD_REASON_OFFSET;
      return std::string(alert_meaning(alert)) + " (alert " + alert_name(alert) + ')';
    }
    if (const auto phrase = find(kReasons, reason); !phrase.empty()) return std::string(phrase);
  }
  const char* text = ERR_reason_error_string(code);
  std::string out = text != nullptr ? text : "OpenSSL error " + std::to_string(code);
  if (data != nullptr && *data != '\0') out.append(" (").append(data).append(")");
  return out;
}

// Looking is much cheaper than clearing, and the queue is empty nearly always.
void empty_queue() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

OpenSslCall::OpenSslCall() {
  static const int ready =
      OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
  OTTLA_INVARIANT(ready == 1, "OpenSSL cannot be initialised");
  empty_queue();
}

OpenSslCall::~OpenSslCall() {
  empty_queue();
}

std::string OpenSslCall::reason() {
  const char* data = nullptr;
  int flags = 0;
  const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags);
  std::string out =
      code == 0 ? "no reason given" : in_words(code, (flags & ERR_TXT_STRING) != 0 ? data : nullptr);
  ERR_clear_error();
  return out;
}

bool OpenSslCall::failed_with(int library, int reason) const {
  const unsigned long code = ERR_peek_error();
  return code != 0 && ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason;
}

std::string alert_name(int alert) {
  const auto name = find(kAlerts, alert);
  return name.empty() ? "alert " + std::to_string(alert) : std::string(name);
}

std::string_view alert_meaning(int alert) {
  const auto meaning = find(kMeanings, alert);
  return meaning.empty() ? "the peer ended the connection" : meaning;
}

}  // namespace ottla
