#include "metadata/describe/scram.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeUserScramCredentialsRequest;
using protocol::DescribeUserScramCredentialsResponse;

class ScramTest : public ::testing::Test {
 protected:
  ScramTest() { story_.tell_all({"scram 2 ann", "scram 1 ann", "scram 1 bob"}); }

  // The results alone.
  std::string ask(std::string_view json) {
    const std::string text =
        answer<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(
            json, 0,
            [&](const DescribeUserScramCredentialsRequest& request, Arena& arena,
                DescribeUserScramCredentialsResponse& response) {
              return describe_scram_credentials(story_.image, request, arena, response);
            });
    constexpr std::string_view kFront = R"({"throttleTimeMs":0,"errorCode":0,"errorMessage":"","results":)";
    EXPECT_TRUE(text.starts_with(kFront)) << text;
    return text.substr(kFront.size(), text.size() - kFront.size() - 1);
  }

  Story story_;
};

TEST_F(ScramTest, AllUsers) {
  const std::string iterations =
      std::to_string((*story_.image.scram.find(ScramUser{ScramMechanism::sha_256, "ann"}))->iterations);
  const std::string all =
      R"([{"user":"ann","errorCode":0,"errorMessage":"","credentialInfos":[{"mechanism":1,"iterations":)" +
      iterations + R"(},{"mechanism":2,"iterations":)" + iterations +
      R"(}]},{"user":"bob","errorCode":0,"errorMessage":"","credentialInfos":[{"mechanism":1,"iterations":)" +
      iterations + "}]}]";
  EXPECT_EQ(ask(R"({"users":null})"), all);
  EXPECT_EQ(ask(R"({"users":[]})"), all);
}

TEST_F(ScramTest, SomeUsers) {
  EXPECT_EQ(
      ask(R"({"users":[{"name":"zoe"},{"name":"bob"},{"name":"bob"}]})"),
      R"([{"user":"zoe","errorCode":91,"errorMessage":"Attempt to describe a user credential that does not )"
      R"(exist: zoe","credentialInfos":[]},{"user":"bob","errorCode":92,"errorMessage":"Cannot describe SCRAM )"
      R"(credentials for the same user twice in a single request: bob","credentialInfos":[]}])");
}

}  // namespace
}  // namespace ottla::metadata
