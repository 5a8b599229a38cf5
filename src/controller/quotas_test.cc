#include "controller/quotas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "controller/testing/conversation.h"

namespace ottla::controller {
namespace {

using protocol::AlterClientQuotasRequest;
using protocol::AlterClientQuotasResponse;
using testing::Conversation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kAnn = R"({"entityType":"user","entityName":"ann"})";
constexpr std::string_view kAnyUser = R"({"entityType":"user","entityName":null})";

std::string set(std::string_view key, std::string_view value) {
  return R"({"key":")" + std::string(key) + R"(","value":)" + std::string(value) + R"(,"remove":false})";
}
std::string remove(std::string_view key) {
  return R"({"key":")" + std::string(key) + R"(","value":0.0,"remove":true})";
}
std::string entry(std::string_view entity, const std::string& ops) {
  return R"({"entity":[)" + std::string(entity) + R"(],"ops":[)" + ops + "]}";
}
std::string answered(int error, std::string_view message, std::string_view entity) {
  return R"({"errorCode":)" + std::to_string(error) + R"(,"errorMessage":)" +
         (message == "null" ? "null" : "\"" + std::string(message) + "\"") + R"(,"entity":[)" +
         std::string(entity) + "]}";
}

class QuotasTest : public ::testing::Test {
 protected:
  std::string alter(const std::string& entries, bool validate = false) {
    const std::string json = talk_.ask<AlterClientQuotasRequest, AlterClientQuotasResponse>(
        R"({"entries":[)" + entries + R"(],"validateOnly":)" + (validate ? "true}" : "false}"));
    constexpr std::string_view kFront = R"({"throttleTimeMs":0,"entries":[)";
    EXPECT_TRUE(json.starts_with(kFront)) << json;
    return json.substr(kFront.size(), json.size() - kFront.size() - 2);
  }

  Conversation talk_;
};

TEST_F(QuotasTest, SetChangeRemove) {
  EXPECT_EQ(alter(entry(kAnn, set("producer_byte_rate", "10.0"))), answered(0, "null", kAnn));
  EXPECT_THAT(talk_.records(),
              ElementsAre(R"(ClientQuotaRecord {"entity":[{"entityType":"user","entityName":"ann"}],)"
                          R"("key":"producer_byte_rate","value":10.0,"remove":false})"));
  EXPECT_EQ(alter(entry(kAnn, set("producer_byte_rate", "10.0"))), answered(0, "null", kAnn));
  EXPECT_THAT(talk_.records(), IsEmpty());
  EXPECT_EQ(alter(entry(kAnn, remove("producer_byte_rate") + "," + remove("consumer_byte_rate"))),
            answered(0, "null", kAnn));
  EXPECT_THAT(talk_.records(),
              ElementsAre(R"(ClientQuotaRecord {"entity":[{"entityType":"user","entityName":"ann"}],)"
                          R"("key":"producer_byte_rate","value":0.0,"remove":true})"));
  EXPECT_TRUE(talk_.cluster().image().client_quotas.empty());
}

TEST_F(QuotasTest, DefaultsAndPairs) {
  const std::string pair = R"({"entityType":"client-id","entityName":"app"},)" + std::string(kAnyUser);
  EXPECT_EQ(alter(entry(std::string(kAnyUser) + R"(,{"entityType":"client-id","entityName":"app"})",
                        set("request_percentage", "12.5"))),
            answered(0, "null", pair));
  EXPECT_THAT(talk_.records(), ElementsAre(R"(ClientQuotaRecord {"entity":[)" + pair +
                                           R"(],"key":"request_percentage","value":12.5,"remove":false})"));
}

TEST_F(QuotasTest, WhatIsOnlyValidatedIsNotWritten) {
  EXPECT_EQ(alter(entry(kAnn, set("producer_byte_rate", "10.0")), true), answered(0, "null", kAnn));
  EXPECT_TRUE(talk_.cluster().image().client_quotas.empty());
}

TEST_F(QuotasTest, EntitiesThatMeanNothing) {
  EXPECT_EQ(alter(entry("", "")), answered(42, "Invalid empty client quota entity", ""));
  constexpr std::string_view kEmpty = R"({"entityType":"user","entityName":""})";
  EXPECT_EQ(alter(entry(kEmpty, "")), answered(42, "Empty user not supported", kEmpty));
  constexpr std::string_view kStrange = R"({"entityType":"foo","entityName":"x"})";
  EXPECT_EQ(alter(entry(kStrange, "")), answered(42, "Unhandled client quota entity type: foo", kStrange));
  constexpr std::string_view kMixed =
      R"({"entityType":"ip","entityName":"1.2.3.4"},{"entityType":"user","entityName":"ann"})";
  EXPECT_EQ(
      alter(entry(kMixed, "")),
      answered(42, "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
               kMixed));
}

TEST_F(QuotasTest, Addresses) {
  const auto ip = [](std::string_view name) {
    return R"({"entityType":"ip","entityName":")" + std::string(name) + "\"}";
  };
  for (const std::string_view good :
       {"1.2.3.4", "1.2", "16909060", "::1", "[::1]", "2001:db8::7", "localhost"}) {
    EXPECT_EQ(alter(entry(ip(good), set("connection_creation_rate", "3.0")), true),
              answered(0, "null", ip(good)));
  }
  EXPECT_EQ(alter(entry(R"({"entityType":"ip","entityName":null})", set("connection_creation_rate", "3.0"))),
            answered(0, "null", R"({"entityType":"ip","entityName":null})"));
  for (const std::string_view bad : {"no such host ?", "1.2.3.4.5", "1.2.3.4:80", "unix:/x", "300.1.1.1",
                                     "4294967296", "1.", "unknown.host.invalid"}) {
    EXPECT_EQ(alter(entry(ip(bad), "")),
              answered(42, std::string(bad) + " is not a valid IP or resolvable host.", ip(bad)));
  }
  EXPECT_EQ(alter(entry(ip("1.2.3.4"), set("producer_byte_rate", "1.0"))),
            answered(42, "Invalid configuration key producer_byte_rate", ip("1.2.3.4")));
}

TEST_F(QuotasTest, ValuesThatMeanNothing) {
  EXPECT_EQ(alter(entry(kAnn, set("producer_byte_rate", "-1.0"))),
            answered(42, "Quota producer_byte_rate must be greater than 0", kAnn));
  EXPECT_EQ(alter(entry(kAnn, set("producer_byte_rate", "1.5"))),
            answered(42, "producer_byte_rate cannot be a fractional value.", kAnn));
  EXPECT_EQ(alter(entry(kAnn, set("consumer_byte_rate", "1.0") + "," + set("foo", "1.0"))),
            answered(42, "Invalid configuration key foo", kAnn));
  EXPECT_THAT(talk_.records(), IsEmpty());
}

TEST_F(QuotasTest, NamedTwice) {
  EXPECT_EQ(alter(entry(kAnn, set("producer_byte_rate", "1.0")) + "," +
                  entry(kAnn, set("producer_byte_rate", "2.0"))),
            answered(42, "Ignoring duplicate entity ClientQuotaEntity(entries={user=ann})", kAnn));
  // The first one has been taken, as in the reference.
  EXPECT_EQ(talk_.records().size(), 1U);
  EXPECT_EQ(alter(entry(kAnyUser, set("producer_byte_rate", "1.0") + "," + remove("producer_byte_rate"))),
            answered(42, "Ignoring duplicate entity ClientQuotaEntity(entries={user=null})", kAnyUser));
  EXPECT_THAT(talk_.records(), IsEmpty());
  constexpr std::string_view kBob = R"({"entityType":"user","entityName":"bob"})";
  EXPECT_EQ(alter(entry(std::string(kAnn) + "," + std::string(kBob), "")), answered(0, "null", kBob));
}

TEST_F(QuotasTest, Refused) {
  Budget budget("quotas", 1 << 20);
  Arena arena(budget);
  AlterClientQuotasRequest request;
  ASSERT_TRUE(
      protocol::from_json(R"({"entries":[{"entity":[{"entityType":"user","entityName":null}],"ops":[]}],)"
                          R"("validateOnly":false})",
                          1, arena, request)
          .ok());
  AlterClientQuotasResponse response;
  ASSERT_TRUE(refuse_alter_client_quotas(request, ErrorCode::not_controller, arena, response).ok());
  EXPECT_EQ(protocol::to_json(response, 1),
            R"({"throttleTimeMs":0,"entries":[)" +
                answered(41, "This is not the correct controller for this cluster.", kAnyUser) + "]}");
}

}  // namespace
}  // namespace ottla::controller
