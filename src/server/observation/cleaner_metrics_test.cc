#include "server/observation/cleaner_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace ottla::server {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string told(const replica::CleanerGauges& cleaner) {
  PrometheusText text;
  const std::vector<DirectoryState> directories = {{.path = "/a", .online = true},
                                                   {.path = "/b", .online = true}};
  tell_cleaner(cleaner, directories, text);
  return text.take();
}

TEST(CleanerMetrics, AreToldAsTheReferenceRoundsThem) {
  const std::string text = told({.runs = true,
                                 .most_map_utilization = 0.129,
                                 .read_bytes = 1000,
                                 .written_bytes = 255,
                                 .longest_cleaning = milliseconds(2900),
                                 .overdue = milliseconds(61'500),
                                 .dirtiest_ratio = 0.999,
                                 .since_look = milliseconds(1500),
                                 .uncleanable = {{"/b", {.logs = 2, .bytes = 77}}}});
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleaner_deadthreadcount 0\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleaner_max_buffer_utilization_percent 12\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleaner_cleaner_recopy_percent 25\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleaner_max_clean_time_secs 2\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleaner_max_compaction_delay_secs 61\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleanermanager_max_dirty_percent 99\n"));
  EXPECT_THAT(text, HasSubstr("\nkafka_log_logcleanermanager_time_since_last_run_ms 1500\n"));
  EXPECT_THAT(text, HasSubstr("_uncleanable_partitions_count{logDirectory=\"/a\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_uncleanable_partitions_count{logDirectory=\"/b\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_uncleanable_bytes{logDirectory=\"/b\"} 77\n"));
}

TEST(CleanerMetrics, BeforeTheFirstCleaningNothingWasKept) {
  EXPECT_THAT(told({.runs = true}), HasSubstr("\nkafka_log_logcleaner_cleaner_recopy_percent 0\n"));
}

TEST(CleanerMetrics, AreNotToldWhereNothingIsCleaned) {
  EXPECT_THAT(told({}), IsEmpty());
}

}  // namespace
}  // namespace ottla::server
