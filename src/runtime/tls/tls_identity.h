// Certificates and keys as OpenSSL holds them, read from the bytes that users have.
//
// Concurrency: what is read here is immutable afterwards; OpenSSL counts claims atomically.
// Errors:      invalid_argument with the part that is wrong: the chain, the key, its password, the store.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/tls/tls_options.h"

struct evp_pkey_st;
struct x509_st;

namespace ottla {

struct FreeCertificate {
  void operator()(x509_st* certificate) const;
};
struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using CertificatePtr = std::unique_ptr<x509_st, FreeCertificate>;
using KeyPtr = std::unique_ptr<evp_pkey_st, FreeKey>;

struct LoadedIdentity {
  CertificatePtr certificate;
  KeyPtr key;                           // fits the certificate
  std::vector<CertificatePtr> issuers;  // intermediate ones, in the order of the chain
};

// `what` begins each error: "the server's certificate".
Result<LoadedIdentity> load_identity(const TlsIdentity& identity, std::string_view what);
// All certificates of the PEM text and of the PKCS#12 store; the system's store is not among them.
Result<std::vector<CertificatePtr>> load_trusted(const TlsTrust& trust, std::string_view what);

}  // namespace ottla
