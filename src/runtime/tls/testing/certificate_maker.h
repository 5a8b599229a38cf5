// A certificate authority for tests: it signs what they ask for, good and bad.
//
// Concurrency: confined to one thread. Keys are made once in a process and shared by all authorities, since
//              making one takes longer than a test.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/tls/tls_options.h"

struct evp_pkey_st;
struct x509_st;

namespace ottla {

struct CertificateWish {
  // From the least specific attribute on, as certificates hold them: {{"C", "DE"}, {"CN", "a"}}. A "+" before
  // the name joins the set of the one before it.
  std::vector<std::pair<std::string, std::string>> subject = {{"CN", "test"}};
  std::string alternative_names = "DNS:broker.example";  // OpenSSL's notation; none when empty
  std::chrono::seconds valid_from{-86'400};              // since 1970, where manual worlds begin
  std::chrono::seconds valid_until{86'400 * 365};
  bool rsa = false;  // else P-256
};

class TestAuthority {
 public:
  explicit TestAuthority(std::string name = "Test Authority",
                         std::chrono::seconds valid_until = std::chrono::hours(24 * 365));
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority();

  // Who trusts this authority.
  TlsTrust trust() const;
  TlsIdentity issue(const CertificateWish& wish = {});
  // The same with its key encrypted, or all in one PKCS#12 store.
  TlsIdentity issue_encrypted(const CertificateWish& wish, const std::string& password);
  TlsIdentity issue_pkcs12(const CertificateWish& wish, const std::string& password);
  // Signed by an authority between this one and the bearer; the chain holds both.
  TlsIdentity issue_through_intermediate(const CertificateWish& wish);

  // The server name in `wish` by default.
  static constexpr const char* kServerName = "broker.example";

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ottla
