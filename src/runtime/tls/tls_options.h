// What a TLS server or client is told: who it is, whom it trusts, and how it speaks.
//
// Lifetime:    plain values; nothing refers to them once make() or reload() has ended.
// Concurrency: values, free to travel.
// Errors:      none here: TlsServer::make and TlsClient::make check them and name what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ottla {

enum class TlsVersion : std::uint16_t { tls1_2 = 0x0303, tls1_3 = 0x0304 };

// A certificate with its chain and key, either as PEM texts or as one PKCS#12 store.
struct TlsIdentity {
  std::string certificate_chain;  // PEM: the own certificate first, then the intermediate ones
  std::string private_key;        // PEM; PKCS#8, PKCS#1 or SEC1, encrypted or not
  std::string pkcs12;             // DER, instead of the two above
  std::string password;           // of the key or the store; empty when it has none
};

// Certificates whose bearers and issued ones are believed, not only self-signed roots: a store may hold a
// peer's own certificate. The parts add up.
struct TlsTrust {
  std::string certificates;  // PEM
  std::string pkcs12;        // DER
  std::string password;      // of the PKCS#12 store
  bool system_store = false;

  bool empty() const { return certificates.empty() && pkcs12.empty() && !system_store; }
};

struct TlsProtocol {
  TlsVersion min_version = TlsVersion::tls1_2;
  TlsVersion max_version = TlsVersion::tls1_3;
  // Each by its IANA name (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256) or OpenSSL's; the library's choice when
  // empty.
  std::vector<std::string> tls12_ciphers;
  std::vector<std::string> tls13_suites;
  std::vector<std::string> alpn;  // the most wanted first; not spoken when empty
  bool resumption = true;
  // Sending keys are renewed after so many records (TLS 1.3); AES-GCM bears 2^24.5 of full size.
  std::uint64_t records_per_key = std::uint64_t{1} << 22;
};

enum class TlsClientAuth : std::uint8_t { none, requested, required };

struct TlsServerOptions {
  // Shown to clients that ask for no name, or for one that no named identity bears. Several for several key
  // types.
  std::vector<TlsIdentity> identities;
  struct Named {
    std::vector<std::string> server_names;  // "kafka.example" or "*.example"
    TlsIdentity identity;
  };
  std::vector<Named> named;  // the first that matches the client's server name indication
  TlsClientAuth client_auth = TlsClientAuth::none;
  TlsTrust client_trust;  // must not be empty unless client_auth is none
  TlsProtocol protocol;
};

struct TlsClientOptions {
  TlsTrust trust;  // the system's store when empty
  std::optional<TlsIdentity> identity;
  // The certificate must be for the name or address that was asked for. Its chain is always verified.
  bool verify_server_name = true;
  TlsProtocol protocol;
};

}  // namespace ottla
