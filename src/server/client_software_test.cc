#include "server/client_software.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <variant>

#include "base/metric_registry.h"
#include "base/metric_snapshot.h"

namespace ottla::server {
namespace {

std::map<std::string, std::int64_t> counts(const MetricRegistry& registry) {
  std::map<std::string, std::int64_t> found;
  for (const MetricFamilySnapshot& family : registry.snapshot().families) {
    for (const MetricSample& each : family.series) {
      found[each.labels[0].value + ' ' + each.labels[1].value] = std::get<std::int64_t>(each.value);
    }
  }
  return found;
}

using Counts = std::map<std::string, std::int64_t>;

class ClientSoftwareTest : public testing::Test {
 protected:
  MetricRegistry registry_;
  ClientSoftware software_{registry_, "PLAINTEXT", "0"};
};

TEST_F(ClientSoftwareTest, CountsAConnectionOnceAsWhatItLastSaid) {
  ClientSoftware::Mark one;
  ClientSoftware::Mark other;
  software_.mark(one, {});
  software_.mark(other, {});
  EXPECT_EQ(counts(registry_), (Counts{{"unknown unknown", 2}}));
  software_.mark(one, {.name = "librdkafka", .version = "2.0"});
  EXPECT_EQ(counts(registry_), (Counts{{"librdkafka 2.0", 1}, {"unknown unknown", 1}}));
  software_.mark(one, {.name = "librdkafka", .version = "2.1"});
  software_.unmark(other);
  software_.unmark(other);
  EXPECT_EQ(counts(registry_),
            (Counts{{"librdkafka 2.0", 0}, {"librdkafka 2.1", 1}, {"unknown unknown", 0}}));
}

TEST_F(ClientSoftwareTest, KindsThatNobodyUsesMakeRoom) {
  std::deque<ClientSoftware::Mark> marks(ClientSoftware::kMostKinds + 1);
  for (std::size_t each = 0; each < ClientSoftware::kMostKinds; ++each) {
    software_.mark(marks[each], {.name = "made-up", .version = std::to_string(each)});
  }
  software_.mark(marks.back(), {.name = "one-too-many", .version = "1"});
  EXPECT_EQ(counts(registry_).size(), ClientSoftware::kMostKinds);
  EXPECT_FALSE(counts(registry_).contains("one-too-many 1"));
  software_.unmark(marks.back());

  software_.unmark(marks[7]);
  software_.mark(marks.back(), {.name = "one-too-many", .version = "1"});
  EXPECT_EQ(counts(registry_).size(), ClientSoftware::kMostKinds);
  EXPECT_EQ(counts(registry_)["one-too-many 1"], 1);
  EXPECT_FALSE(counts(registry_).contains("made-up 7"));
}

}  // namespace
}  // namespace ottla::server
