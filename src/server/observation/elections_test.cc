#include "server/observation/elections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metric_registry.h"
#include "metadata/delta.h"
#include "metadata/testing/story.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {
namespace {

using ::testing::HasSubstr;

class ElectionsTest : public testing::Test {
 protected:
  void tell(const std::vector<std::string_view>& lines) {
    const auto before = std::make_shared<const metadata::MetadataImage>(story_.image);
    story_.tell_all(lines);
    elections_.note(
        metadata::delta_between(before, std::make_shared<const metadata::MetadataImage>(story_.image)));
  }
  void expect(int unclean, int from_eligible) const {
    PrometheusText text;
    text.add(registry_.snapshot());
    const std::string told = text.take();
    EXPECT_THAT(told, HasSubstr("\nkafka_controller_controllerstats_uncleanleaderelections_total " +
                                std::to_string(unclean) + '\n'));
    EXPECT_THAT(told,
                HasSubstr("\nkafka_controller_controllerstats_electionfromeligibleleaderreplicas_total " +
                          std::to_string(from_eligible) + '\n'));
  }

  metadata::Story story_;
  MetricRegistry registry_;
  Elections elections_{registry_};
};

TEST_F(ElectionsTest, OfThoseInSyncAreNotCounted) {
  tell({"topic foo 1", "partition 1 0 replicas=1,2,3 isr=1,2,3 leader=1"});
  tell({"change 1 0 isr=2,3 leader=2"});
  tell({"change 1 0 isr=2"});
  expect(0, 0);
}

TEST_F(ElectionsTest, UncleanOnesAreCountedOnce) {
  tell({"topic foo 1", "partition 1 0 replicas=1,2,3 isr=1 leader=1"});
  tell({"change 1 0 isr=2 leader=2 recovery=1"});
  expect(1, 0);
  tell({"change 1 0 isr=2,3"});
  expect(1, 0);
}

TEST_F(ElectionsTest, ThoseFromEligibleReplicasAreCounted) {
  tell({"topic foo 1", "partition 1 0 replicas=1,2,3 isr=1 leader=1 elr=2"});
  tell({"change 1 0 isr=2 leader=2 elr="});
  expect(0, 1);
}

}  // namespace
}  // namespace ottla::server
