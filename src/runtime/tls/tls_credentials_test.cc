#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "runtime/tls/testing/tls_table.h"

namespace ottla {
namespace {

using testing::HasSubstr;

// What making a server says after `spoil` had its way with good options.
std::string server_error(const std::function<void(TlsServerOptions&, TestAuthority&)>& spoil) {
  TlsTable table;
  spoil(table.server_options, table.authority);
  const auto made = TlsServer::make(table.server_options);
  if (made.ok()) return "no error";
  EXPECT_EQ(made.error().code(), Errc::invalid_argument);
  return std::string(made.error().text());
}

std::string identity_error(const std::function<void(TlsIdentity&)>& spoil) {
  return server_error([&](TlsServerOptions& options, TestAuthority&) { spoil(options.identities[0]); });
}

// The identity serves: a client that trusts its authority meets it.
bool serves(const std::function<TlsIdentity(TestAuthority&)>& issue) {
  TlsTable table;
  table.server_options.identities = {issue(table.authority)};
  TlsEnds ends = table.meet();
  const bool met = ends.client.ok();
  table.close(ends);
  return met;
}

TEST(TlsCredentials, AnyFormOfKeyAndStoreServes) {
  const CertificateWish ec;
  CertificateWish rsa;
  rsa.rsa = true;
  EXPECT_TRUE(serves([&](TestAuthority& authority) { return authority.issue(rsa); }));
  EXPECT_TRUE(serves([&](TestAuthority& authority) { return authority.issue_encrypted(ec, "secret"); }));
  EXPECT_TRUE(serves([&](TestAuthority& authority) { return authority.issue_pkcs12(ec, "secret"); }));
  EXPECT_TRUE(serves([&](TestAuthority& authority) { return authority.issue_pkcs12(ec, ""); }));
  EXPECT_TRUE(serves([&](TestAuthority& authority) { return authority.issue_through_intermediate(ec); }));
}

TEST(TlsCredentials, WhatIsWrongWithAKeyIsNamed) {
  EXPECT_THAT(identity_error([](TlsIdentity& it) { it.private_key.clear(); }),
              HasSubstr("no private key is given"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) { it.private_key = "x"; }),
              HasSubstr("holds no private key"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) { it.private_key[60] ^= 1; }),
              HasSubstr("the private key is damaged"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) {
                it = TestAuthority().issue_encrypted({}, "secret");
                it.password = "wrong";
              }),
              HasSubstr("the password does not open the private key"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) {
                it = TestAuthority().issue_encrypted({}, "secret");
                it.password = "";
              }),
              HasSubstr("encrypted and no password is given"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) {
                CertificateWish rsa;
                rsa.rsa = true;
                it.private_key = TestAuthority().issue(rsa).private_key;
              }),
              HasSubstr("the private key belongs to another certificate"));
}

TEST(TlsCredentials, WhatIsWrongWithACertificateIsNamed) {
  EXPECT_THAT(identity_error([](TlsIdentity& it) { it.certificate_chain.clear(); }),
              HasSubstr("the server's certificate: no certificate is given"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) { it.certificate_chain = "x"; }),
              HasSubstr("holds no certificate"));
  EXPECT_THAT(
      identity_error([](TlsIdentity& it) { it.certificate_chain += it.certificate_chain.substr(0, 200); }),
      HasSubstr("certificate 2 of the PEM text is damaged"));
}

TEST(TlsCredentials, WhatIsWrongWithAStoreIsNamed) {
  EXPECT_THAT(identity_error([](TlsIdentity& it) { it.pkcs12 = "x"; }), HasSubstr("store cannot be read"));
  EXPECT_THAT(identity_error([](TlsIdentity& it) {
                it = TestAuthority().issue_pkcs12({}, "secret");
                it.password = "wrong";
              }),
              HasSubstr("the password does not open the PKCS#12 store"));
}

TEST(TlsCredentials, WhatIsWrongWithOtherOptionsIsNamed) {
  using Options = TlsServerOptions;
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) { it.identities.clear(); }),
              HasSubstr("needs a certificate"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) { it.client_auth = TlsClientAuth::requested; }),
              HasSubstr("no certificate is trusted to sign them"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) {
                it.client_auth = TlsClientAuth::required;
                it.client_trust.certificates = "x";
              }),
              HasSubstr("the clients' trusted certificates: the PEM text holds no certificate"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) { it.protocol.tls12_ciphers = {"ROT13"}; }),
              HasSubstr("no TLS 1.2 cipher is called ROT13"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) {
                it.protocol.tls13_suites = {"TLS_AES_128_GCM_SHA256", "TLS_ROT13"};
              }),
              HasSubstr("no TLS 1.3 suite is called TLS_ROT13"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) {
                it.protocol.min_version = TlsVersion::tls1_3;
                it.protocol.max_version = TlsVersion::tls1_2;
              }),
              HasSubstr("the minimum TLS version is newer"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) { it.protocol.alpn = {""}; }), HasSubstr("ALPN"));
  EXPECT_THAT(
      server_error([](Options& it, TestAuthority& authority) { it.named = {{{}, authority.issue()}}; }),
      HasSubstr("a certificate for server names has no name"));
  EXPECT_THAT(server_error([](Options& it, TestAuthority&) { it.named = {{{"a.example"}, {}}}; }),
              HasSubstr("the certificate for a.example: no certificate is given"));
}

TEST(TlsCredentials, AStoreOfTrustMayHoldThePeersOwnCertificate) {
  TlsTable table;
  table.client_options.trust = {};
  table.client_options.trust.certificates = table.server_options.identities[0].certificate_chain;
  TlsEnds ends = table.meet();
  EXPECT_TRUE(ends.client.ok()) << table.error_of(ends.client);
  table.close(ends);
}

// Expected texts were printed by Java's X500Principal.getName() for the same names.
std::string subject_of(std::vector<std::pair<std::string, std::string>> subject) {
  TlsTable table;
  CertificateWish wish;
  wish.subject = std::move(subject);
  table.server_options.identities = {table.authority.issue(wish)};
  TlsEnds ends = table.meet();
  std::string printed = (*ends.client)->facts().peer->subject;
  table.close(ends);
  return printed;
}

TEST(TlsCredentials, NamesArePrintedAsJavaPrintsThem) {
  EXPECT_EQ(
      subject_of({{"C", "US"}, {"ST", "CA"}, {"L", "Palo Alto"}, {"O", "Acme"}, {"OU", "x"}, {"CN", "a"}}),
      "CN=a,OU=x,O=Acme,L=Palo Alto,ST=CA,C=US");
  EXPECT_EQ(subject_of({{"O", "a,b+c\"d\\e<f>g;h=i#j"}}), R"(O=a\,b\+c\"d\\e\<f\>g\;h\=i\#j)");
  EXPECT_EQ(subject_of({{"CN", " lead and trail "}}), "CN=\\ lead and trail\\ ");
  EXPECT_EQ(subject_of({{"CN", "Zo\xc3\xab"}}), "CN=Zo\xc3\xab");
  EXPECT_EQ(subject_of({{"CN", "a"}, {"+OU", "b"}, {"DC", "example"}, {"UID", "u"}, {"street", "s"}}),
            "STREET=s,UID=u,DC=example,CN=a+OU=b");
  EXPECT_EQ(subject_of({{"CN", "a"}, {"emailAddress", "a@b.example"}}),
            "1.2.840.113549.1.9.1=#160b6140622e6578616d706c65,CN=a");
  EXPECT_EQ(subject_of({{"CN", "a"}, {"serialNumber", "7"}}), "2.5.4.5=#130137,CN=a");
}

}  // namespace
}  // namespace ottla
