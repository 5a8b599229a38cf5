#include "runtime/tls/tls_identity.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <string>
#include <utility>

#include "runtime/tls/openssl_errors.h"

namespace ottla {

void FreeCertificate::operator()(x509_st* certificate) const {
  X509_free(certificate);
}
void FreeKey::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

Error wrong(std::string_view what, std::string_view problem) {
  return Error(Errc::invalid_argument, std::string(what) + ": " + std::string(problem));
}

BioPtr reader_of(const std::string& bytes) {
  const std::size_t size = bytes.size() > INT_MAX ? 0 : bytes.size();
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(size)));
}

// OpenSSL would ask on the terminal if there were no answer here.
int answer_password(char* out, int capacity, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.empty() || text.size() > static_cast<std::size_t>(capacity)) return -1;
  std::memcpy(out, text.data(), text.size());
  return static_cast<int>(text.size());
}

Result<std::vector<CertificatePtr>> read_certificates(const std::string& pem, std::string_view what) {
  OpenSslCall call;
  const BioPtr bio = reader_of(pem);
  std::vector<CertificatePtr> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, &answer_password, nullptr)) {
    certificates.emplace_back(certificate);
  }
  // The end of the text shows as "no start line"; anything else is a certificate that cannot be read.
  if (!call.failed_with(ERR_LIB_PEM, PEM_R_NO_START_LINE)) {
    return wrong(what, "certificate " + std::to_string(certificates.size() + 1) +
                           " of the PEM text is damaged: " + call.reason());
  }
  if (certificates.empty()) return wrong(what, "the PEM text holds no certificate");
  return certificates;
}

Result<KeyPtr> read_key(const std::string& pem, const std::string& password, std::string_view what) {
  OpenSslCall call;
  const BioPtr bio = reader_of(pem);
  void* answer = const_cast<std::string*>(&password);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &answer_password, answer));
  if (key) return key;
  if (pem.find("PRIVATE KEY-----") == std::string::npos)
    return wrong(what, "the PEM text holds no private key");
  if (pem.find("ENCRYPTED") != std::string::npos) {
    return wrong(what, password.empty() ? "the private key is encrypted and no password is given"
                                        : "the password does not open the private key: " + call.reason());
  }
  return wrong(what, "the private key is damaged: " + call.reason());
}

// A PKCS#12 store taken apart; the key and its certificate are null when it only lists others.
struct OpenedStore {
  CertificatePtr certificate;
  KeyPtr key;
  std::vector<CertificatePtr> others;
};

Result<OpenedStore> open_store(const std::string& der, const std::string& password, std::string_view what) {
  struct FreeStore {
    void operator()(PKCS12* store) const { PKCS12_free(store); }
  };
  OpenSslCall call;
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const long size = der.size() > LONG_MAX ? 0 : static_cast<long>(der.size());
  const std::unique_ptr<PKCS12, FreeStore> store(d2i_PKCS12(nullptr, &bytes, size));
  if (!store) return wrong(what, "the PKCS#12 store cannot be read: " + call.reason());
  if (PKCS12_verify_mac(store.get(), password.c_str(), -1) != 1 &&
      !(password.empty() && PKCS12_verify_mac(store.get(), nullptr, 0) == 1)) {
    return wrong(what, "the password does not open the PKCS#12 store");
  }
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(store.get(), password.c_str(), &key, &certificate, &others) != 1) {
    return wrong(what, "the PKCS#12 store cannot be opened: " + call.reason());
  }
  OpenedStore opened{CertificatePtr(certificate), KeyPtr(key), {}};
  while (X509* other = sk_X509_shift(others)) opened.others.emplace_back(other);
  sk_X509_free(others);
  return opened;
}

// The chain from `certificate` upwards: stores list certificates in any order.
std::vector<CertificatePtr> order_chain(X509* certificate, std::vector<CertificatePtr> others) {
  std::vector<CertificatePtr> chain;
  for (X509* last = certificate; !others.empty();) {
    const auto issuer = std::find_if(others.begin(), others.end(), [&](const CertificatePtr& other) {
      return X509_check_issued(other.get(), last) == X509_V_OK;
    });
    if (issuer == others.end()) break;
    last = issuer->get();
    chain.push_back(std::move(*issuer));
    others.erase(issuer);
  }
  return chain;
}

Result<LoadedIdentity> identity_of_store(const TlsIdentity& identity, std::string_view what) {
  OTTLA_TRY(OpenedStore opened, open_store(identity.pkcs12, identity.password, what));
  if (!opened.key || !opened.certificate)
    return wrong(what, "the PKCS#12 store holds no key with its certificate");
  auto chain = order_chain(opened.certificate.get(), std::move(opened.others));
  return LoadedIdentity{std::move(opened.certificate), std::move(opened.key), std::move(chain)};
}

Result<LoadedIdentity> identity_of_pem(const TlsIdentity& identity, std::string_view what) {
  if (identity.certificate_chain.empty()) return wrong(what, "no certificate is given");
  if (identity.private_key.empty()) return wrong(what, "no private key is given");
  OTTLA_TRY(auto chain, read_certificates(identity.certificate_chain, what));
  OTTLA_TRY(KeyPtr key, read_key(identity.private_key, identity.password, what));
  CertificatePtr certificate = std::move(chain.front());
  chain.erase(chain.begin());
  return LoadedIdentity{std::move(certificate), std::move(key), std::move(chain)};
}

}  // namespace

Result<LoadedIdentity> load_identity(const TlsIdentity& identity, std::string_view what) {
  OTTLA_TRY(LoadedIdentity loaded,
            identity.pkcs12.empty() ? identity_of_pem(identity, what) : identity_of_store(identity, what));
  OpenSslCall call;
  if (X509_check_private_key(loaded.certificate.get(), loaded.key.get()) != 1) {
    return wrong(what, "the private key belongs to another certificate");
  }
  return loaded;
}

Result<std::vector<CertificatePtr>> load_trusted(const TlsTrust& trust, std::string_view what) {
  std::vector<CertificatePtr> all;
  if (!trust.certificates.empty()) {
    OTTLA_TRY(all, read_certificates(trust.certificates, what));
  }
  if (!trust.pkcs12.empty()) {
    OTTLA_TRY(OpenedStore opened, open_store(trust.pkcs12, trust.password, what));
    const std::size_t before = all.size();
    if (opened.certificate) all.push_back(std::move(opened.certificate));
    for (CertificatePtr& other : opened.others) all.push_back(std::move(other));
    if (all.size() == before) return wrong(what, "the PKCS#12 store holds no certificate");
  }
  return all;
}

}  // namespace ottla
