#include "runtime/tls/testing/certificate_maker.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <string_view>
#include <utility>

#include "base/invariant.h"
#include "runtime/tls/tls_identity.h"

namespace ottla {
namespace {

// Whose key: tests that swap them expect a mismatch.
enum class KeyOf { authority, intermediate, bearer };

EVP_PKEY* key_of(KeyOf whose, bool rsa) {
  static EVP_PKEY* keys[3][2] = {};
  EVP_PKEY*& key = keys[static_cast<int>(whose)][rsa ? 1 : 0];
  if (key == nullptr) key = rsa ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256");
  OTTLA_INVARIANT(key != nullptr, "no key could be made");
  return key;
}

std::string take_text(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string pem_of(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return take_text(bio);
}

std::string pem_of(EVP_PKEY* key, const std::string& password) {
  BIO* bio = BIO_new(BIO_s_mem());
  const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
  PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, password.empty() ? nullptr : password.data(),
                                static_cast<int>(password.size()), nullptr, nullptr);
  return take_text(bio);
}

void set_subject(X509* certificate, const CertificateWish& wish) {
  X509_NAME* name = X509_get_subject_name(certificate);
  for (const auto& [attribute, value] : wish.subject) {
    const bool joined = attribute.starts_with('+');
    X509_NAME_add_entry_by_txt(name, attribute.c_str() + (joined ? 1 : 0), MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, joined ? -1 : 0);
  }
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  OTTLA_INVARIANT(extension != nullptr, "not an extension's value", value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct Signer {
  X509* certificate;  // null: signs itself
  EVP_PKEY* key;
};

CertificatePtr sign(const CertificateWish& wish, EVP_PKEY* key, Signer signer, bool authority) {
  static long next_serial = 0x1000;
  CertificatePtr made(X509_new());
  X509* certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++next_serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate), wish.valid_from.count());
  ASN1_TIME_set(X509_getm_notAfter(certificate), wish.valid_until.count());
  set_subject(certificate, wish);
  X509* issuer = signer.certificate != nullptr ? signer.certificate : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  X509_set_pubkey(certificate, key);
  add_extension(certificate, issuer, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!authority && !wish.alternative_names.empty()) {
    add_extension(certificate, issuer, NID_subject_alt_name, wish.alternative_names);
  }
  X509_sign(certificate, signer.key, EVP_sha256());
  return made;
}

}  // namespace

struct TestAuthority::Parts {
  CertificatePtr certificate;
  EVP_PKEY* key = nullptr;
};

TestAuthority::TestAuthority(std::string name, std::chrono::seconds valid_until)
    : parts_(std::make_unique<Parts>()) {
  parts_->key = key_of(KeyOf::authority, false);
  CertificateWish wish;
  wish.subject = {{"CN", std::move(name)}};
  wish.valid_until = valid_until;
  parts_->certificate = sign(wish, parts_->key, {nullptr, parts_->key}, true);
}

TestAuthority::~TestAuthority() = default;

TlsTrust TestAuthority::trust() const {
  TlsTrust trust;
  trust.certificates = pem_of(parts_->certificate.get());
  return trust;
}

TlsIdentity TestAuthority::issue(const CertificateWish& wish) {
  return issue_encrypted(wish, "");
}

TlsIdentity TestAuthority::issue_encrypted(const CertificateWish& wish, const std::string& password) {
  EVP_PKEY* key = key_of(KeyOf::bearer, wish.rsa);
  const CertificatePtr certificate = sign(wish, key, {parts_->certificate.get(), parts_->key}, false);
  TlsIdentity identity;
  identity.certificate_chain = pem_of(certificate.get());
  identity.private_key = pem_of(key, password);
  identity.password = password;
  return identity;
}

TlsIdentity TestAuthority::issue_pkcs12(const CertificateWish& wish, const std::string& password) {
  EVP_PKEY* key = key_of(KeyOf::bearer, wish.rsa);
  const CertificatePtr certificate = sign(wish, key, {parts_->certificate.get(), parts_->key}, false);
  PKCS12* store =
      PKCS12_create(password.c_str(), "bearer", key, certificate.get(), nullptr, 0, 0, 1000, 1000, 0);
  BIO* bio = BIO_new(BIO_s_mem());
  i2d_PKCS12_bio(bio, store);
  PKCS12_free(store);
  TlsIdentity identity;
  identity.pkcs12 = take_text(bio);
  identity.password = password;
  return identity;
}

TlsIdentity TestAuthority::issue_through_intermediate(const CertificateWish& wish) {
  EVP_PKEY* middle_key = key_of(KeyOf::intermediate, false);
  CertificateWish middle_wish;
  middle_wish.subject = {{"CN", "Test Intermediate"}};
  const CertificatePtr middle = sign(middle_wish, middle_key, {parts_->certificate.get(), parts_->key}, true);
  EVP_PKEY* key = key_of(KeyOf::bearer, wish.rsa);
  const CertificatePtr certificate = sign(wish, key, {middle.get(), middle_key}, false);
  TlsIdentity identity;
  identity.certificate_chain = pem_of(certificate.get()) + pem_of(middle.get());
  identity.private_key = pem_of(key, "");
  return identity;
}

}  // namespace ottla
