#include "cli/start/start_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/start/assumed_texts.h"
#include "cli/start/screen.h"
#include "cli/start/start.h"
#include "cli/start/start_plan.h"
#include "config/listeners.h"
#include "runtime/address.h"

namespace ottla::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Result<StartOptions> parse(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return parse_start_options(words);
}

std::string error(const std::string& line) {
  const auto options = parse(line);
  return options.ok() ? "none" : std::string(options.error().text());
}

TEST(StartOptions, TakeAFileAndWhatOutweighsIt) {
  const auto options = parse("-D a=1 server.properties --override b=2 -Dc=3=4 --port 0 --shards=3").value();
  EXPECT_EQ(options.file, "server.properties");
  EXPECT_THAT(options.overrides, ElementsAre("a=1", "c=3=4", "b=2"));
  EXPECT_EQ(options.port, 0);
  EXPECT_EQ(options.shards, 3U);
}

TEST(StartOptions, NeedNothing) {
  const auto options = parse("").value();
  EXPECT_EQ(options.wish, StartWish::run);
  EXPECT_EQ(options.file, "");
  EXPECT_FALSE(options.temporary);
}

TEST(StartOptions, AreWishesToo) {
  EXPECT_EQ(parse("--help").value().wish, StartWish::help);
  EXPECT_EQ(parse("-h -x").ok(), false);
  EXPECT_EQ(parse("--version x y z").value().wish, StartWish::version);
  EXPECT_EQ(parse("-V").value().wish, StartWish::version);
}

TEST(StartOptions, SayWhatIsWrong) {
  EXPECT_EQ(error("--frob"), "frob is not a recognized option");
  EXPECT_EQ(error("a b"), "one configuration file is enough, but there are a and b");
  EXPECT_EQ(error("--port 65536"), "--port 65536: expected a number from 0 to 65535");
  EXPECT_EQ(error("--port x"), "--port x: expected a number from 0 to 65535");
  EXPECT_EQ(error("--data"), "Option data requires an argument");
  EXPECT_EQ(error("--data="), "--data wants a value");
  EXPECT_THAT(error("--temp --data x"), HasSubstr("--temp makes a directory of its own"));
}

TEST(StartOptions, AreToldInTheHelp) {
  for (const std::string_view each :
       {"-D KEY", "--data", "--port", "--temp", "--format", "--shards", "--log-level", "--log-format",
        "--version", "--help", "storage", "dump-log"}) {
    EXPECT_THAT(start_help(), HasSubstr(each));
  }
}

TEST(IsStart, TellsANodeFromATool) {
  EXPECT_TRUE(is_start({}));
  EXPECT_TRUE(is_start({"--port", "0"}));
  EXPECT_TRUE(is_start({"server.properties"}));
  EXPECT_TRUE(is_start({"/etc/ottla/server"}));
  EXPECT_FALSE(is_start({"frob"}));
}

TEST(AssumedTexts, AreOfBothRolesOrOfOne) {
  const auto both = assumed_texts("broker,controller", 9092, "/d");
  EXPECT_EQ(both.at("listeners"), "PLAINTEXT://:9092,CONTROLLER://localhost:9093");
  EXPECT_EQ(both.at("controller.quorum.bootstrap.servers"), "localhost:9093");
  EXPECT_EQ(both.at("log.dirs"), "/d");
  EXPECT_EQ(both.at("offsets.topic.replication.factor"), "1");
  EXPECT_EQ(assumed_texts("controller", 9092, "/d").at("listeners"), "CONTROLLER://:9092");
  const auto broker = assumed_texts(" broker ", 9092, "");
  EXPECT_EQ(broker.at("listeners"), "PLAINTEXT://:9092");
  EXPECT_FALSE(broker.contains("controller.quorum.bootstrap.servers"));
  EXPECT_FALSE(broker.contains("log.dirs"));
}

TEST(AssumedTexts, LeaveTheSecondPortToTheSystemWhereThereIsNone) {
  for (const auto port : {std::uint16_t{0}, std::uint16_t{65535}}) {
    EXPECT_THAT(assumed_texts("broker,controller", port, "").at("listeners"),
                HasSubstr("CONTROLLER://localhost:0"));
  }
}

TEST(AssumedTexts, GiveWayToWhatIsSaid) {
  const std::vector<config::Variable> environment = {{"KAFKA_PROCESS_ROLES", "broker"},
                                                     {"KAFKA_LOG_DIRS", "/e"}};
  EXPECT_EQ(said_about("process.roles", environment, {}), "broker");
  EXPECT_EQ(said_about("process.roles", environment, {"process.roles=controller", "x"}), "controller");
  EXPECT_EQ(said_about("log.dirs", environment, {}), "/e");
  EXPECT_EQ(said_about("log.dir", environment, {}), std::nullopt);
}

TEST(UsualDataDirectory, IsTheManagersTheSystemsOrTheUsers) {
  using V = std::vector<config::Variable>;
  EXPECT_EQ(usual_data_directory(V{{"STATE_DIRECTORY", "/s:/t"}, {"HOME", "/h"}}, true), "/s");
  EXPECT_EQ(usual_data_directory(V{{"HOME", "/h"}}, true), "/var/lib/ottla");
  EXPECT_EQ(usual_data_directory(V{{"XDG_DATA_HOME", "/x"}, {"HOME", "/h"}}, false), "/x/ottla");
  EXPECT_EQ(usual_data_directory(V{{"XDG_DATA_HOME", "x"}, {"HOME", "/h"}}, false), "/h/.local/share/ottla");
  EXPECT_EQ(usual_data_directory(V{}, false), std::nullopt);
}

TEST(LogLevelsOfStart, NameOneLevelAndParts) {
  const LogWishes wishes = parse_log_levels("warn,storage=debug").value();
  EXPECT_EQ(wishes.level, LogLevel::warn);
  ASSERT_EQ(wishes.modules.size(), 1U);
  EXPECT_EQ(wishes.modules[0].name, "storage");
  EXPECT_EQ(wishes.modules[0].level, LogLevel::debug);
  EXPECT_FALSE(parse_log_levels("loud").ok());
  EXPECT_FALSE(parse_log_levels("info,storage=loud").ok());
}

TEST(Screen, TellsWhereItIsAndWhatToTry) {
  const ScreenFacts facts{.clients = {"localhost:9092"},
                          .controllers = {"127.0.0.1:9093"},
                          .directories = {"/d"},
                          .formatted = true,
                          .cluster_id = "abc",
                          .node = 1,
                          .http = {},
                          .milliseconds = 12};
  const std::string text = start_screen(facts);
  for (const std::string_view each :
       {"localhost:9092", "/d (new)", "abc, node 1", "12 ms", "--topic hello"}) {
    EXPECT_THAT(text, HasSubstr(each));
  }
  EXPECT_THAT(text, Not(HasSubstr("metrics")));
}

TEST(Screen, WritesAnAddressAsSomebodyHereWouldDialIt) {
  EXPECT_EQ(dialled(Address::parse("[::]:9092").value()), "localhost:9092");
  EXPECT_EQ(dialled(Address::parse("0.0.0.0:9092").value()), "localhost:9092");
  EXPECT_EQ(dialled(Address::parse("10.0.0.1:9092").value()), "10.0.0.1:9092");
}

}  // namespace
}  // namespace ottla::cli
