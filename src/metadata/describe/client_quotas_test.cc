#include "metadata/describe/client_quotas.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeClientQuotasRequest;
using protocol::DescribeClientQuotasResponse;

class ClientQuotasTest : public ::testing::Test {
 protected:
  ClientQuotasTest() {
    story_.tell_all(
        {"quota user=ann producer_byte_rate=1", "quota user= producer_byte_rate=2",
         "quota client-id=app producer_byte_rate=3", "quota client-id=app,user=ann producer_byte_rate=4",
         "quota client-id=,user=ann producer_byte_rate=5", "quota ip=10.0.0.1 connection_creation_rate=6"});
  }

  std::string ask(std::string_view json) {
    return answer<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(
        json, 1,
        [&](const DescribeClientQuotasRequest& request, Arena& arena,
            DescribeClientQuotasResponse& response) {
          return describe_client_quotas(story_.image, request, arena, response);
        });
  }
  // The values of what was chosen tell which quotas they are: "1 5".
  std::string chosen(std::string_view components, bool strict = false) {
    const std::string json = ask(R"({"components":[)" + std::string(components) + R"(],"strict":)" +
                                 (strict ? "true}" : "false}"));
    std::string values;
    for (char digit = '1'; digit <= '9'; ++digit) {
      if (json.contains(std::string(R"("value":)") + digit)) values += digit;
    }
    return values;
  }
  std::string error(std::string_view components) {
    const std::string json = ask(R"({"components":[)" + std::string(components) + R"(],"strict":false})");
    EXPECT_TRUE(json.ends_with(R"(,"entries":null})")) << json;
    const std::size_t from = json.find("\"errorCode\":") + 12;
    return json.substr(from, json.size() - from - 16);
  }

  Story story_;
};

TEST_F(ClientQuotasTest, NoFilter) {
  EXPECT_EQ(chosen(""), "123456");
  EXPECT_EQ(chosen("", true), "");
}

TEST_F(ClientQuotasTest, ByName) {
  constexpr std::string_view kAnn = R"({"entityType":"user","matchType":0,"match":"ann"})";
  EXPECT_EQ(chosen(kAnn), "145");
  EXPECT_EQ(chosen(kAnn, true), "1");
  EXPECT_EQ(chosen(R"({"entityType":"user","matchType":0,"match":"bob"})"), "");
  EXPECT_EQ(chosen(R"({"entityType":"user","matchType":0,"match":""})"), "");
}

TEST_F(ClientQuotasTest, ByDefault) {
  EXPECT_EQ(chosen(R"({"entityType":"user","matchType":1,"match":null})"), "2");
  EXPECT_EQ(chosen(R"({"entityType":"client-id","matchType":1,"match":null})"), "5");
}

TEST_F(ClientQuotasTest, AnyName) {
  constexpr std::string_view kUsers = R"({"entityType":"user","matchType":2,"match":null})";
  EXPECT_EQ(chosen(kUsers), "1245");
  EXPECT_EQ(chosen(kUsers, true), "12");
  EXPECT_EQ(chosen(R"({"entityType":"ip","matchType":2,"match":null})", true), "6");
}

TEST_F(ClientQuotasTest, AllPartsMustFit) {
  const std::string both = R"({"entityType":"user","matchType":2,"match":null},)"
                           R"({"entityType":"client-id","matchType":0,"match":"app"})";
  EXPECT_EQ(chosen(both), "4");
  EXPECT_EQ(chosen(both, true), "4");
}

TEST_F(ClientQuotasTest, AnEntryInFull) {
  EXPECT_TRUE(
      ask(R"({"components":[{"entityType":"client-id","matchType":1,"match":null}],"strict":false})")
          .ends_with(R"("errorCode":0,"errorMessage":"","entries":[{"entity":[{"entityType":"client-id",)"
                     R"("entityName":null},{"entityType":"user","entityName":"ann"}],)"
                     R"("values":[{"key":"producer_byte_rate","value":5.0}]}]})"));
}

TEST_F(ClientQuotasTest, FiltersThatMeanNothing) {
  EXPECT_EQ(error(R"({"entityType":"","matchType":0,"match":"a"})"),
            R"(42,"errorMessage":"Invalid empty entity type.")");
  EXPECT_EQ(error(R"({"entityType":"foo","matchType":0,"match":"a"})"),
            R"(35,"errorMessage":"Unsupported entity type foo")");
  EXPECT_EQ(error(R"({"entityType":"user","matchType":9,"match":"a"})"),
            R"(42,"errorMessage":"Unknown match type 9")");
  EXPECT_EQ(error(R"({"entityType":"user","matchType":0,"match":null})"),
            R"(42,"errorMessage":"Request specified MATCH_TYPE_EXACT, but set match string to null.")");
  EXPECT_EQ(
      error(R"({"entityType":"user","matchType":1,"match":"a"})"),
      R"(42,"errorMessage":"Request specified MATCH_TYPE_DEFAULT, but also specified a match string.")");
  EXPECT_EQ(
      error(R"({"entityType":"user","matchType":2,"match":"a"})"),
      R"(42,"errorMessage":"Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.")");
  EXPECT_EQ(
      error(
          R"({"entityType":"user","matchType":0,"match":"a"},{"entityType":"user","matchType":2,"match":null})"),
      R"(42,"errorMessage":"Entity type user cannot appear more than once in the filter.")");
  EXPECT_EQ(
      error(
          R"({"entityType":"user","matchType":0,"match":"a"},{"entityType":"ip","matchType":2,"match":null})"),
      R"(42,"errorMessage":"Invalid entity filter component combination. IP filter component should not be )"
      R"(used with user or clientId filter component.")");
}

}  // namespace
}  // namespace ottla::metadata
