#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime/tls/testing/tls_table.h"

namespace ottla {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

TlsProtocol only(TlsVersion version) {
  TlsProtocol protocol;
  protocol.min_version = protocol.max_version = version;
  return protocol;
}

// What holds in both versions.
class TlsVersions : public testing::TestWithParam<TlsVersion> {};
INSTANTIATE_TEST_SUITE_P(, TlsVersions, testing::Values(TlsVersion::tls1_2, TlsVersion::tls1_3),
                         [](const auto& version) {
                           return version.param == TlsVersion::tls1_2 ? "tls1_2" : "tls1_3";
                         });

TEST_P(TlsVersions, BothEndsAgreeAndTalk) {
  TlsTable table(only(GetParam()));
  TlsEnds ends = table.meet();
  ASSERT_TRUE(ends.server.ok()) << table.error_of(ends.server);
  ASSERT_TRUE(ends.client.ok()) << table.error_of(ends.client);
  for (const TlsEnd* end : {&ends.server, &ends.client}) {
    EXPECT_EQ((**end)->facts().version, GetParam());
    EXPECT_EQ((**end)->facts().server_name, "broker.example");
    EXPECT_THAT((**end)->facts().cipher, testing::StartsWith("TLS_"));
    EXPECT_FALSE((**end)->facts().resumed);
  }
  EXPECT_FALSE((*ends.server)->facts().peer.has_value());
  EXPECT_TRUE((*ends.client)->facts().peer->verified);
  EXPECT_EQ((*ends.client)->facts().peer->subject, "CN=test");
  EXPECT_TRUE(table.say(ends.client, "ping").ok());
  EXPECT_EQ(table.hear(ends.server), "ping");
  EXPECT_TRUE(table.say(ends.server, "pong").ok());
  EXPECT_EQ(table.hear(ends.client), "pong");
  table.close(ends);
}

TEST_P(TlsVersions, OneByteAtATimeIsEnough) {
  TlsTable table(only(GetParam()));
  TlsEnds ends = table.meet({.to_second = {.piece = 1}, .to_first = {.piece = 1}});
  ASSERT_TRUE(ends.client.ok()) << table.error_of(ends.client);
  EXPECT_TRUE(table.say(ends.client, "ping").ok());
  EXPECT_EQ(table.hear(ends.server), "ping");
  table.close(ends);
}

TEST_P(TlsVersions, ASessionIsResumedUntilTheCertificatesAreReloaded) {
  TlsTable table(only(GetParam()));
  const auto resumes = [&table] {
    TlsEnds ends = table.meet();
    EXPECT_TRUE(table.say(ends.server, "ticket").ok());
    EXPECT_EQ(table.hear(ends.client), "ticket");
    const bool resumed = (*ends.client)->facts().resumed;
    EXPECT_EQ((*ends.server)->facts().resumed, resumed);
    EXPECT_TRUE((*ends.client)->facts().peer->verified);
    table.close(ends);
    return resumed;
  };
  EXPECT_FALSE(resumes());
  EXPECT_TRUE(resumes());
  EXPECT_TRUE(resumes());
  table.world.run(
      [&]() -> Task<void> { EXPECT_TRUE((co_await table.server->reload(table.server_options)).ok()); });
  EXPECT_FALSE(resumes());
  EXPECT_TRUE(resumes());
  table.world.run(
      [&]() -> Task<void> { EXPECT_TRUE((co_await table.client->reload(table.client_options)).ok()); });
  EXPECT_FALSE(resumes());
}

TEST_P(TlsVersions, AShardWithTheSameSnapshotResumesTheSession) {
  TlsTable table(only(GetParam()));
  TlsEnds ends = table.meet();
  (void)table.say(ends.server, "ticket");
  (void)table.hear(ends.client);
  table.close(ends);
  table.server.emplace(TlsServer(table.server->snapshot()));
  ends = table.meet();
  EXPECT_TRUE((*ends.client)->facts().resumed);
  table.close(ends);
}

TEST_P(TlsVersions, WithoutResumptionEachMeetingIsTheFirst) {
  for (const bool at_server : {true, false}) {
    TlsTable table(only(GetParam()));
    (at_server ? table.server_options.protocol : table.client_options.protocol).resumption = false;
    for (int i = 0; i < 2; ++i) {
      TlsEnds ends = table.meet();
      (void)table.say(ends.server, "x");
      EXPECT_EQ(table.hear(ends.client), "x");
      EXPECT_FALSE((*ends.client)->facts().resumed);
      table.close(ends);
    }
  }
}

TEST_P(TlsVersions, TheServerSeesWhoTheClientIs) {
  TlsTable table(only(GetParam()));
  table.server_options.client_auth = TlsClientAuth::required;
  table.server_options.client_trust = table.authority.trust();
  table.client_options.identity = table.authority.issue_through_intermediate(
      {.subject = {{"C", "DE"}, {"O", "Acme, Inc."}, {"CN", "alice"}},
       .alternative_names = "DNS:a.example,DNS:b.example,IP:10.0.0.7,URI:spiffe://x/y,email:a@b.example"});
  for (const bool resumed : {false, true}) {
    TlsEnds ends = table.meet();
    ASSERT_TRUE(ends.server.ok()) << table.error_of(ends.server);
    EXPECT_EQ((*ends.server)->facts().resumed, resumed);
    const TlsPeerCertificate& peer = *(*ends.server)->facts().peer;
    EXPECT_EQ(peer.subject, "CN=alice,O=Acme\\, Inc.,C=DE");
    EXPECT_EQ(peer.issuer, "CN=Test Intermediate");
    EXPECT_EQ(peer.dns_names, (std::vector<std::string>{"a.example", "b.example"}));
    EXPECT_EQ(peer.ip_addresses, std::vector<std::string>{"10.0.0.7"});
    EXPECT_EQ(peer.uris, std::vector<std::string>{"spiffe://x/y"});
    EXPECT_EQ(peer.emails, std::vector<std::string>{"a@b.example"});
    EXPECT_TRUE(peer.verified);
    (void)table.say(ends.server, "ticket");
    (void)table.hear(ends.client);
    table.close(ends);
  }
}

TEST_P(TlsVersions, AClientWithoutACertificateIsRefusedOnlyWhereOneIsRequired) {
  for (const TlsClientAuth auth : {TlsClientAuth::requested, TlsClientAuth::required}) {
    TlsTable table(only(GetParam()));
    table.server_options.client_auth = auth;
    table.server_options.client_trust = table.authority.trust();
    TlsEnds ends = table.meet();
    if (auth == TlsClientAuth::requested) {
      EXPECT_FALSE((*ends.server)->facts().peer.has_value());
    } else {
      EXPECT_THAT(table.error_of(ends.server),
                  HasSubstr("the peer showed no certificate, and one is required"));
      const std::string client = ends.client.ok() ? table.hear(ends.client) : table.error_of(ends.client);
      EXPECT_THAT(client, HasSubstr(GetParam() == TlsVersion::tls1_3 ? "alert certificate_required"
                                                                     : "(alert handshake_failure)"));
    }
    table.close(ends);
  }
}

TEST_P(TlsVersions, AStrangersCertificateIsRefusedByName) {
  TlsTable table(only(GetParam()));
  TestAuthority stranger("Stranger");
  table.server_options.client_auth = TlsClientAuth::requested;
  table.server_options.client_trust = table.authority.trust();
  table.client_options.identity = stranger.issue({.subject = {{"CN", "mallory"}}});
  TlsEnds ends = table.meet();
  EXPECT_THAT(table.error_of(ends.server), HasSubstr("(CN=mallory); told the peer with alert unknown_ca"));
  const std::string client = ends.client.ok() ? table.hear(ends.client) : table.error_of(ends.client);
  EXPECT_THAT(client, HasSubstr("the peer does not trust our certificate (alert unknown_ca)"));
  table.close(ends);
}

TEST_P(TlsVersions, AServerThatNobodyVouchesForIsRefused) {
  TlsTable table(only(GetParam()));
  TestAuthority stranger("Stranger");
  table.client_options.trust = stranger.trust();
  TlsEnds ends = table.meet();
  EXPECT_EQ(ends.client.error().code(), Errc::tls_failed);
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("the peer's certificate is refused: unable to get"));
  EXPECT_THAT(table.error_of(ends.server),
              HasSubstr("the peer does not trust our certificate (alert unknown_ca)"));
}

TEST_P(TlsVersions, TheShardsClockDecidesWhatHasExpired) {
  TlsTable table(only(GetParam()));
  table.server_options.identities = {table.authority.issue({.valid_until = seconds(3600)})};
  TlsEnds ends = table.meet();
  EXPECT_TRUE(ends.client.ok());
  table.close(ends);
  table.client.reset();
  table.world.pass(seconds(3700));
  ends = table.meet();
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("certificate has expired (CN=test)"));
  EXPECT_THAT(table.error_of(ends.server), HasSubstr("(alert certificate_expired)"));
}

TEST_P(TlsVersions, TheServersNameMustBeInItsCertificate) {
  TlsTable table(only(GetParam()));
  TlsEnds ends = table.meet({}, "other.example");
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("hostname mismatch (it is for broker.example)"));
  EXPECT_THAT(table.error_of(ends.server), HasSubstr("alert bad_certificate"));
  ends = table.meet({}, "10.0.0.7");
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("IP address mismatch"));
  table.client_options.verify_server_name = false;
  table.client.reset();
  ends = table.meet({}, "other.example");
  EXPECT_TRUE(ends.client.ok());
  table.close(ends);
}

TEST(Tls, NamesMatchAsPeopleWriteThem) {
  TlsTable table;
  table.server_options.identities = {
      table.authority.issue({.alternative_names = "DNS:*.test.example,IP:10.0.0.7,IP:fd00::1"})};
  for (const char* name : {"a.test.example", "A.Test.Example", "a.test.example.", "10.0.0.7", "fd00::1"}) {
    TlsEnds ends = table.meet({}, name);
    EXPECT_TRUE(ends.client.ok()) << name << ": " << table.error_of(ends.client);
    table.close(ends);
  }
  for (const char* name : {"a.b.test.example", "test.example", "10.0.0.8", "", "."}) {
    TlsEnds ends = table.meet({}, name);
    EXPECT_FALSE(ends.client.ok()) << name;
  }
}

TEST(Tls, VersionsThatDoNotMeetAreNamedOnBothSides) {
  TlsTable table;
  table.server_options.protocol.min_version = TlsVersion::tls1_3;
  table.client_options.protocol.max_version = TlsVersion::tls1_2;
  TlsEnds ends = table.meet();
  EXPECT_THAT(table.error_of(ends.server), HasSubstr("the peer offers none of our TLS versions"));
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("alert protocol_version"));
  TlsTable reverse;
  reverse.server_options.protocol.max_version = TlsVersion::tls1_2;
  reverse.client_options.protocol.min_version = TlsVersion::tls1_3;
  ends = reverse.meet();
  EXPECT_THAT(reverse.error_of(ends.client), HasSubstr("TLS handshake"));
  EXPECT_THAT(reverse.error_of(ends.server), HasSubstr("protocol_version"));
}

TEST(Tls, CiphersThatDoNotMeetAreNamed) {
  TlsTable table(only(TlsVersion::tls1_2));
  table.server_options.protocol.tls12_ciphers = {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"};
  table.client_options.protocol.tls12_ciphers = {"ECDHE-ECDSA-AES128-GCM-SHA256"};
  TlsEnds ends = table.meet();
  EXPECT_THAT(table.error_of(ends.server), HasSubstr("no cipher suite in common"));
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("alert handshake_failure"));
}

TEST(Tls, TheAskedForCipherIsUsed) {
  TlsTable table;
  table.client_options.protocol.tls13_suites = {"TLS_CHACHA20_POLY1305_SHA256"};
  TlsEnds ends = table.meet();
  EXPECT_EQ((*ends.server)->facts().cipher, "TLS_CHACHA20_POLY1305_SHA256");
  table.close(ends);
}

TEST(Tls, AlpnPicksTheServersFavourite) {
  TlsTable table;
  table.server_options.protocol.alpn = {"h2", "http/1.1"};
  table.client_options.protocol.alpn = {"http/1.1", "h2"};
  TlsEnds ends = table.meet();
  EXPECT_EQ((*ends.server)->facts().alpn, "h2");
  EXPECT_EQ((*ends.client)->facts().alpn, "h2");
  table.close(ends);
}

TEST(Tls, AlpnWithoutACommonProtocolFailsAndASilentClientDoesNot) {
  TlsTable table;
  table.server_options.protocol.alpn = {"h2"};
  table.client_options.protocol.alpn = {"kafka"};
  TlsEnds ends = table.meet();
  EXPECT_THAT(table.error_of(ends.server), HasSubstr("none of our application protocols (ALPN)"));
  EXPECT_THAT(table.error_of(ends.client), HasSubstr("alert no_application_protocol"));
  table.client_options.protocol.alpn = {};
  table.client.reset();
  ends = table.meet();
  EXPECT_EQ((*ends.server)->facts().alpn, "");
  table.close(ends);
}

TEST(Tls, TheServerShowsTheCertificateThatTheClientAskedFor) {
  TlsTable table;
  table.server_options.named = {
      {{"red.example"},
       table.authority.issue({.subject = {{"CN", "red"}}, .alternative_names = "DNS:red.example"})},
      {{"*.blue.example"},
       table.authority.issue({.subject = {{"CN", "blue"}}, .alternative_names = "DNS:*.blue.example"})}};
  for (const auto& [name, subject] :
       std::vector<std::pair<std::string, std::string>>{{"red.example", "CN=red"},
                                                        {"RED.example", "CN=red"},
                                                        {"a.blue.example", "CN=blue"},
                                                        {"broker.example", "CN=test"}}) {
    TlsEnds ends = table.meet({}, name);
    ASSERT_TRUE(ends.client.ok()) << name << table.error_of(ends.client);
    EXPECT_EQ((*ends.client)->facts().peer->subject, subject);
    table.close(ends);
  }
}

TEST(Tls, ServersWithTwoKeyTypesServeBoth) {
  TlsTable table(only(TlsVersion::tls1_2));
  table.server_options.identities.push_back(table.authority.issue({.rsa = true}));
  for (const char* cipher :
       {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}) {
    table.client_options.protocol.tls12_ciphers = {cipher};
    table.client.reset();
    TlsEnds ends = table.meet();
    EXPECT_EQ((*ends.client)->facts().cipher, cipher);
    table.close(ends);
  }
}

TEST(Tls, AReloadLeavesConnectionsAloneAndServesTheNextWithTheNewCertificate) {
  TlsTable table;
  TlsEnds before = table.meet();
  table.world.run([&]() -> Task<void> {
    TlsServerOptions options = table.server_options;
    options.identities = {table.authority.issue({.subject = {{"CN", "renewed"}}})};
    EXPECT_TRUE((co_await table.server->reload(options)).ok());
  });
  TlsEnds after = table.meet();
  EXPECT_EQ((*before.client)->facts().peer->subject, "CN=test");
  EXPECT_EQ((*after.client)->facts().peer->subject, "CN=renewed");
  EXPECT_TRUE(table.say(before.client, "still here").ok());
  EXPECT_EQ(table.hear(before.server), "still here");
  table.close(before);
  table.close(after);
}

TEST(Tls, AFailedReloadLeavesTheOldOptionsInForce) {
  TlsTable table;
  TlsEnds first = table.meet();
  table.close(first);
  table.world.run([&]() -> Task<void> {
    TlsServerOptions options = table.server_options;
    options.identities[0].private_key = "nothing";
    const auto reloaded = co_await table.server->reload(options);
    EXPECT_THAT(reloaded.error().to_string(),
                HasSubstr("the server's certificate: the PEM text holds no private key"));
  });
  TlsEnds after = table.meet();
  EXPECT_TRUE(after.client.ok());
  table.close(after);
}

}  // namespace
}  // namespace ottla
