#include "config/loading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/document.h"
#include "config/environment.h"
#include "config/node_key.h"
#include "config/protections.h"
#include "config/providers.h"

namespace ottla::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kNode =
    "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@localhost:9093\n"
    "listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ncontroller.listener.names=CONTROLLER\n";

class Files : public ProviderDoor {
 public:
  Result<std::string> read_file(const std::string& path) const override {
    const auto found = files.find(path);
    if (found == files.end()) return Errc::not_found;
    return found->second;
  }
  bool exists(const std::string& path) const override {
    for (const auto& [name, text] : files) {
      if (is_inside(name, path)) return true;
    }
    return false;
  }

  std::map<std::string, std::string> files;
};

struct Start {
  StartTexts texts{
      .path = "s.properties", .file = std::string(kNode), .environment = {}, .overrides = {}, .assumed = {}};
  Files files;

  Start& line(std::string_view text) {
    *texts.file += text;
    *texts.file += '\n';
    return *this;
  }
  Loaded load() const { return load_node(texts, files); }
};

TEST(Loading, TakesAUsualFile) {
  const Loaded loaded = Start().line("num.partitions=3").load();
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  EXPECT_EQ(loaded.config.get(node_key<"num.partitions">), 3);
}

TEST(Loading, LetsLaterSourcesWin) {
  Start start;
  start.line("num.partitions=2\nlog.roll.hours=2");
  start.texts.environment = {{"KAFKA_NUM_PARTITIONS", "3"}, {"KAFKA_LOG_ROLL_HOURS", "3"}};
  start.texts.overrides = {"num.partitions=4"};
  const Loaded loaded = start.load();
  EXPECT_EQ(loaded.config.get(node_key<"num.partitions">), 4);
  EXPECT_EQ(loaded.config.get(node_key<"log.roll.hours">), 3);
}

TEST(Loading, TellsAllErrorsWithPlaceKeyAndWhatWasExpected) {
  Start start;
  start.line("num.partitions=x").line("compression.type=brotli");
  start.texts.overrides = {"log.roll.hours=0", "nonsense"};
  EXPECT_THAT(start.load().errors,
              testing::UnorderedElementsAre(
                  HasSubstr("-D nonsense: expected key=value"),
                  AllOf(HasSubstr("s.properties line 7: compression.type"), HasSubstr("one of")),
                  AllOf(HasSubstr("s.properties line 6: num.partitions"), HasSubstr("1 or more")),
                  HasSubstr("-D: log.roll.hours")));
}

TEST(Loading, WarnsOfStrangersWithTheNearestName) {
  const Loaded loaded =
      Start().line("num.partition=3").line("my.own=1").line("listener.name.client.x=1").load();
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings,
              testing::UnorderedElementsAre(
                  AllOf(HasSubstr("line 6: num.partition "), HasSubstr("did you mean num.partitions?")),
                  HasSubstr("my.own is no key"), HasSubstr("listener.name.client.x is no key")));
}

TEST(Loading, WarnsOfKeysThatStandThereTwice) {
  EXPECT_THAT(Start().line("num.partitions=1").line("num.partitions=2").load().warnings,
              ElementsAre(HasSubstr("line 7: num.partitions stands there twice")));
}

TEST(Loading, NamesBrokenRules) {
  EXPECT_THAT(Start().line("broker.id=2").load().errors, ElementsAre(HasSubstr("(rule one-node-id)")));
}

TEST(Loading, ManagesWithoutAFile) {
  Start start;
  start.texts.file.reset();
  start.texts.assumed = {{"process.roles", "broker,controller"}};
  start.texts.overrides = {"node.id=1", "controller.listener.names=CONTROLLER",
                           "controller.quorum.voters=1@h:2", "listeners=PLAINTEXT://:1,CONTROLLER://:2"};
  EXPECT_THAT(start.load().errors, IsEmpty());
}

TEST(Protections, RefuseToStartUntilTheyAreBuilt) {
  for (const std::string_view line :
       {"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "listener.security.protocol.map=PLAINTEXT:SSL,CONTROLLER:PLAINTEXT\ninter.broker.listener.name="
        "PLAINTEXT",
        "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT\n"
        "inter.broker.listener.name=PLAINTEXT\nsasl.mechanism.inter.broker.protocol=GSSAPI",
        "delegation.token.secret.key=abc"}) {
    EXPECT_THAT(Start().line(line).load().errors, ElementsAre(HasSubstr("cannot keep"))) << line;
  }
  EXPECT_FALSE(is_built("authorizer"));
}

TEST(Protections, NeverShowTheSecretThatAsksForThem) {
  EXPECT_THAT(Start().line("delegation.token.secret.key=abc").load().errors,
              testing::Not(Contains(HasSubstr("abc"))));
}

TEST(EnvironmentNames, MapAsTheReferencesImageDoes) {
  EXPECT_EQ(key_of_variable("KAFKA_NUM_PARTITIONS"), "num.partitions");
  EXPECT_EQ(key_of_variable("KAFKA_A__B___C"), "a_b-c");
  EXPECT_EQ(key_of_variable("KAFKA_A____B"), "a-.b");
  EXPECT_EQ(key_of_variable("KAFKA_HEAP_OPTS"), std::nullopt);
  EXPECT_EQ(key_of_variable("PATH"), std::nullopt);
  EXPECT_EQ(key_of_variable("KAFKA_"), std::nullopt);
}

TEST(EnvironmentValues, AreReadLikeLinesOfAFile) {
  const auto read = read_environment({{"KAFKA_BROKER_RACK", "a\\u0041 \\t"}});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->front().property.value, "aA \t");
  EXPECT_THAT(std::string(read_environment({{"KAFKA_X", "\\u1"}}).error().text()), HasSubstr("KAFKA_X"));
}

TEST(Placeholders, HaveThreeParts) {
  const auto found = find_placeholders("a${file:/x:k:y}b${env:V}${none}${:p}$");
  ASSERT_EQ(found.size(), 3);
  EXPECT_EQ(found[0].path, "/x");
  EXPECT_EQ(found[0].key, "k:y");
  EXPECT_EQ(found[1].path, "");
  EXPECT_EQ(found[1].key, "V");
  EXPECT_EQ(found[2].provider, "");
}

constexpr std::string_view kFileProvider =
    "config.providers=f\nconfig.providers.f.class=org.apache.kafka.common.config.provider.FileConfigProvider";

TEST(Providers, FillFromFiles) {
  Start start;
  start.files.files = {{"/s/p", "rack=r1\n"}};
  const Loaded loaded = start.line(kFileProvider).line("broker.rack=<${f:/s/p:rack}${f:/s/p:none}>").load();
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.config.get(node_key<"broker.rack">), "<r1${f:/s/p:none}>");
}

TEST(Providers, SayWhatTheyCannotRead) {
  EXPECT_THAT(
      Start().line(kFileProvider).line("broker.rack=${f:/none:rack}").load().errors,
      ElementsAre(AllOf(HasSubstr("line 8: broker.rack"), HasSubstr("Could not read properties from file"))));
}

TEST(Providers, StayWhereTheyMayRead) {
  Start start;
  start.files.files = {{"/s/p", "rack=r1\n"}, {"/t/p", "rack=r2\n"}};
  start.line(kFileProvider).line("config.providers.f.param.allowed.paths=/s");
  start.line("broker.rack=${f:/s/p:rack}${f:/s/../t/p:rack}");
  EXPECT_EQ(start.load().config.get(node_key<"broker.rack">), "r1${f:/s/../t/p:rack}");
  EXPECT_THAT(start.line("config.providers.f.param.allowed.paths=relative").load().errors,
              Contains(HasSubstr("Path relative is not absolute")));
}

TEST(Providers, FillFromDirectoriesAndNeverLeaveThem) {
  Start start;
  start.files.files = {{"/d/rack", "r1"}, {"/rack", "r2"}};
  start.line("config.providers=d");
  start.line("config.providers.d.class=org.apache.kafka.common.config.provider.DirectoryConfigProvider");
  start.line("broker.rack=${d:/d:rack}${d:/d:../rack}");
  EXPECT_EQ(start.load().config.get(node_key<"broker.rack">), "r1${d:/d:../rack}");
}

TEST(Providers, FillFromTheEnvironmentWhatThePatternAllows) {
  Start start;
  start.texts.environment = {{"MY_RACK", "r1"}, {"OTHER", "r2"}};
  start.line("config.providers=e");
  start.line("config.providers.e.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider");
  start.line("config.providers.e.param.allowlist.pattern=MY_.*").line("broker.rack=${e:MY_RACK}${e:OTHER}");
  EXPECT_EQ(start.load().config.get(node_key<"broker.rack">), "r1${e:OTHER}");
  EXPECT_THAT(start.line("config.providers.e.param.allowlist.pattern=(").load().errors,
              Contains(HasSubstr("no regular expression")));
}

TEST(Providers, AreOnlyThoseThatAreKnown) {
  EXPECT_THAT(Start().line("config.providers=v\nconfig.providers.v.class=com.example.Vault").load().errors,
              ElementsAre(HasSubstr("com.example.Vault, which is none of")));
  EXPECT_THAT(Start().line("config.providers=v").load().errors, ElementsAre(HasSubstr("has no class")));
}

TEST(Paths, AreNormalised) {
  EXPECT_EQ(normal_path("/a/./b//../c/"), "/a/c");
  EXPECT_EQ(normal_path("/../a"), "/a");
  EXPECT_EQ(normal_path("../a"), "../a");
  EXPECT_FALSE(is_inside("/ab", "/a"));
  EXPECT_TRUE(is_inside("/a/b", "/a"));
}

TEST(ConfigurationDocument, IsWhatTheTablesSay) {
  std::ifstream in("docs/configuration.md");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_TRUE(text == configuration_document())
      << "write it anew: build/release/tools/config-document > docs/configuration.md";
}

TEST(Loading, AdvertisesByItselfWhenAskedTo) {
  const Loaded loaded = Start().line("advertised.listeners=auto").load();
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_FALSE(loaded.shape.advertised_is_set);
}

TEST(Loading, WarnsOfWhatIsNotBuiltYetWhenItIsAskedFor) {
  Start start;
  start.line("group.max.size=5").line("offset.metadata.max.bytes=4096").line("num.io.threads=3");
  start.line("listener.name.plaintext.ssl.keystore.location=/k");
  EXPECT_THAT(start.load().errors, IsEmpty());
  EXPECT_THAT(start.load().warnings,
              testing::UnorderedElementsAre(
                  HasSubstr("line 6: group.max.size has no effect yet"),
                  HasSubstr("line 9: listener.name.plaintext.ssl.keystore.location has no effect yet")));
  start.texts.purpose = Purpose::inspection;
  EXPECT_THAT(start.load().warnings, IsEmpty());
}

struct OtherClass {
  std::string_view key;
  std::string_view value;
  std::string_view named;  // the one that is told of
};
class ClassesOfOthers : public testing::TestWithParam<OtherClass> {};

TEST_P(ClassesOfOthers, RefuseToStart) {
  const OtherClass& other = GetParam();
  Start start;
  start.line(std::string(other.key) + "=" + std::string(other.value));
  EXPECT_THAT(
      start.load().errors,
      ElementsAre(AllOf(HasSubstr("line 6"), HasSubstr(std::string(other.named) + " has no meaning in " +
                                                       std::string(other.key)))));
  start.texts.purpose = Purpose::inspection;
  EXPECT_THAT(start.load().errors, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    TextsAndLists, ClassesOfOthers,
    testing::Values(OtherClass{"replica.selector.class", "com.foo.Bar", "com.foo.Bar"},
                    OtherClass{"metric.reporters", "com.foo.Bar", "com.foo.Bar"},
                    OtherClass{"metric.reporters", "org.apache.kafka.common.metrics.JmxReporter,com.foo.Bar",
                               "com.foo.Bar"},
                    OtherClass{"kafka.metrics.reporters", "com.foo.Bar", "com.foo.Bar"},
                    OtherClass{"group.consumer.assignors", "uniform,com.foo.X", "com.foo.X"},
                    OtherClass{"group.share.assignors", "uniform", "uniform"},
                    OtherClass{"group.streams.assignors", "com.foo.X", "com.foo.X"},
                    OtherClass{"group.share.persister.class.name", "com.foo.X", "com.foo.X"},
                    OtherClass{"group.share.dlq.manager.class.name", "com.foo.X", "com.foo.X"},
                    OtherClass{"remote.log.metadata.manager.class.name", "com.foo.X", "com.foo.X"},
                    OtherClass{"remote.log.storage.manager.class.name", "com.foo.X", "com.foo.X"}));

TEST(Classes, OfTheReferenceStandInTheirKeys) {
  Start start;
  start.line("replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector");
  start.line("group.consumer.assignors=range,org.apache.kafka.coordinator.group.assignor.UniformAssignor");
  start.line("metric.reporters=");
  EXPECT_THAT(start.load().errors, IsEmpty());
}

TEST(Protections, HoldForRecordsThatWouldBeKeptElsewhere) {
  EXPECT_THAT(
      Start().line("remote.log.storage.system.enable=true").load().errors,
      ElementsAre(HasSubstr("remote.log.storage.system.enable=true promises that old records are kept")));
}

TEST(Loading, LetsAToolLookAtWhatCannotStart) {
  Start start;
  start.line("authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer");
  EXPECT_FALSE(start.load().errors.empty());
  start.texts.purpose = Purpose::inspection;
  EXPECT_THAT(start.load().errors, IsEmpty());
}

TEST(Loading, TakesNoKeysFromAnEnvironmentThatIsForProvidersAlone) {
  Start start;
  start.texts.environment = {{.name = "KAFKA_NUM_PARTITIONS", .value = "7"}};
  EXPECT_EQ(start.load().config.get(node_key<"num.partitions">), 7);
  start.texts.environment_is_configuration = false;
  EXPECT_EQ(start.load().config.get(node_key<"num.partitions">), 1);
}

}  // namespace
}  // namespace ottla::config
