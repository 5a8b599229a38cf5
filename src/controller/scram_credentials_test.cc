#include "controller/scram_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "controller/testing/conversation.h"

namespace ottla::controller {
namespace {

using protocol::AlterUserScramCredentialsRequest;
using protocol::AlterUserScramCredentialsResponse;
using testing::Conversation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestSetup;

std::string deletion(std::string_view name, int mechanism) {
  return R"({"name":")" + std::string(name) + R"(","mechanism":)" + std::to_string(mechanism) + "}";
}
std::string upsertion(std::string_view name, int mechanism, int iterations = 4096,
                      std::string_view password = "c2FsdGVk") {
  return R"({"name":")" + std::string(name) + R"(","mechanism":)" + std::to_string(mechanism) +
         R"(,"iterations":)" + std::to_string(iterations) + R"(,"salt":"c2FsdA==","saltedPassword":")" +
         std::string(password) + "\"}";
}

class ScramCredentialsTest : public ::testing::Test {
 protected:
  explicit ScramCredentialsTest(const TestSetup& setup = {}) : talk_(setup) {}

  // USER CODE message, divided by "; ".
  std::string alter(const std::string& deletions, const std::string& upsertions) {
    const std::string json = talk_.ask<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(
        R"({"deletions":[)" + deletions + R"(],"upsertions":[)" + upsertions + "]}");
    Budget budget("scram", 1 << 20);
    Arena arena(budget);
    AlterUserScramCredentialsResponse response;
    EXPECT_TRUE(protocol::from_json(json, 0, arena, response).ok()) << json;
    std::string text;
    for (const auto& each : response.results) {
      if (!text.empty()) text += "; ";
      text += std::string(each.user) + " " + std::to_string(each.error_code);
      if (!each.error_message.is_null()) text += " " + std::string(*each.error_message);
    }
    return text;
  }

  Conversation talk_;
};

class OldScramCredentialsTest : public ScramCredentialsTest {
 protected:
  OldScramCredentialsTest() : ScramCredentialsTest({.version = metadata::MetadataVersion::v3_5_iv1}) {}
};

TEST_F(ScramCredentialsTest, SetAndDelete) {
  EXPECT_EQ(alter("", upsertion("ann", 1) + "," + upsertion("bob", 2)), "ann 0; bob 0");
  ASSERT_EQ(talk_.records().size(), 2U);
  EXPECT_THAT(
      talk_.records().front(),
      ::testing::StartsWith(R"(UserScramCredentialRecord {"name":"ann","mechanism":1,"salt":"c2FsdA==",)"));
  EXPECT_EQ(talk_.records().front().find("c2FsdGVk"), std::string::npos);
  EXPECT_EQ(alter(deletion("ann", 1), ""), "ann 0");
  EXPECT_THAT(talk_.records(),
              ElementsAre(R"(RemoveUserScramCredentialRecord {"name":"ann","mechanism":1})"));
  EXPECT_EQ(talk_.cluster().image().scram.size(), 1U);
  EXPECT_EQ(alter("", ""), "");
}

TEST_F(ScramCredentialsTest, KeysAreThoseOfTheRfc) {
  // The example of RFC 7677: user "user", password "pencil".
  EXPECT_EQ(alter("", upsertion("user", 1, 4096, "xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=")), "user 0");
  EXPECT_THAT(
      talk_.records().front(),
      ::testing::HasSubstr(R"("storedKey":"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=","serverKey":)"
                           R"("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")"));
}

TEST_F(ScramCredentialsTest, WhatIsWrong) {
  EXPECT_EQ(alter(deletion("nobody", 1) + "," + deletion("", 1) + "," + deletion("x", 9),
                  upsertion("ann", 1) + "," + upsertion("few", 2, 4095) + "," + upsertion("many", 1, 16385) +
                      "," + upsertion("none", 2, 4096, "")),
            "ann 0; nobody 91 Attempt to delete a user credential that does not exist; "
            " 93 Username must not be empty; x 33 Unknown SCRAM mechanism; few 93 Too few iterations; "
            "many 93 Too many iterations; none -1");
  EXPECT_EQ(talk_.records().size(), 1U);
}

TEST_F(ScramCredentialsTest, OneUserOnce) {
  const std::string twice = " 92 A user credential cannot be altered twice in the same request";
  EXPECT_EQ(alter("", upsertion("dup", 1) + "," + upsertion("dup", 2) + "," + upsertion("dup", 1)),
            "dup" + twice);
  EXPECT_THAT(talk_.records(), IsEmpty());
  alter("", upsertion("ann", 1));
  EXPECT_EQ(alter(deletion("ann", 1), upsertion("ann", 2)), "ann" + twice);
  EXPECT_EQ(alter(deletion("ann", 1) + "," + deletion("ann", 1), ""), "ann" + twice);
  EXPECT_THAT(talk_.records(), IsEmpty());
}

TEST_F(OldScramCredentialsTest, NeedTheirLevel) {
  EXPECT_EQ(alter(deletion("ann", 1), upsertion("bob", 1)),
            "ann 35 The current metadata.version does not support SCRAM; "
            "bob 35 The current metadata.version does not support SCRAM");
}

}  // namespace
}  // namespace ottla::controller
